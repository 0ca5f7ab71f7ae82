using Fovea.Activations;
using Fovea.Autoencoders;
using Xunit;

namespace Fovea.Tests.Autoencoders;

public sealed class TrainingStreamTests : IDisposable
{
    private const int Inputs = 12, Rows = 900;
    private static readonly string[] Variants = ["topk", "l1-untied", "jumprelu", "matryoshka"];
    private static readonly PlantedDictionary Vectors = new(new PlantedDictionaryOptions { InputSize = Inputs, LatentSize = 20, Active = 3, Rows = Rows, Seed = 9 });
    private static readonly long[] TrainRows = [.. Enumerable.Range(0, 800).Select(row => (long)row)];
    private static readonly HeldOut[] Held = [new(HeldOut.Main, [.. Enumerable.Range(800, 60).Select(row => (long)row)]), new("validation/other", [860, 861, 880])];
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-stream").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Each_of_many_has_the_bytes_it_has_alone()
    {
        var together = Train(Vectors, resume: false);
        for (int i = 0; i < Variants.Length; i++)
        {
            using var alone = AutoencoderTrainer.TrainMany([new(Options(i))], Vectors, TrainRows, Held, null, TestContext.Current.CancellationToken)[0];
            Same(alone, together[i]);
            together[i].Dispose();
        }
    }

    [Fact]
    public void A_batch_is_read_once_however_many_learn_from_it()
    {
        var counting = new CountingVectors(Vectors);
        foreach (var one in AutoencoderTrainer.TrainMany([.. Variants.Select((_, i) => new TrainingRequest(Options(i)))], counting, TrainRows, [], null, TestContext.Current.CancellationToken)) one.Dispose();
        // One pass for the statistics, two epochs, and the sample each is measured on in the end.
        Assert.Equal(800 + 2 * 800 + Variants.Length * 800, counting.RowsRead);
    }

    [Fact]
    public void Sessions_interrupted_at_different_steps_meet_again()
    {
        var straight = Train(Vectors, resume: false);
        int stop = 7;
        foreach (int keep in (int[])[2, 1, 3])
        {
            using var cancel = new CancellationTokenSource();
            var source = new CountingVectors(Vectors, reads => { if (reads >= stop) cancel.Cancel(); });
            Assert.ThrowsAny<OperationCanceledException>(() => Train(source, resume: true, cancel.Token));
            stop += 9;
            // As after a kill between two checkpoints of one round: one session's state is lost, the others are ahead.
            File.Delete(Path.Combine(_folder, Variants[keep], TrainingCheckpoint.FileName));
        }
        var resumed = Train(Vectors, resume: true);
        for (int i = 0; i < Variants.Length; i++)
        {
            Same(straight[i], resumed[i]);
            straight[i].Dispose();
            resumed[i].Dispose();
        }
    }

    [Fact]
    public void Requests_that_need_other_batches_are_refused()
    {
        var error = Assert.Throws<FoveaException>(() => AutoencoderTrainer.TrainMany(
            [new(Options(0)), new(Options(1) with { BatchSize = 64 })], Vectors, TrainRows, Held, null, TestContext.Current.CancellationToken));
        Assert.Equal(FailureKind.Configuration, error.Kind);
    }

    [Fact]
    public void Further_held_out_sets_have_lines_and_scores_of_their_own()
    {
        using var trained = AutoencoderTrainer.TrainMany([new(Options(0) with { PointsPerEpoch = 4 })], Vectors, TrainRows, Held, null, TestContext.Current.CancellationToken)[0];
        Assert.Equal(3, trained.Report.Others!["validation/other"].Vectors);
        var last = trained.History.Where(line => line.Split == "validation/other").ToArray();
        Assert.Equal(trained.Report.Others["validation/other"].Fvu, last[^1].Fvu);
        // Quarters of both passes, and 1/16 and 1/8 of the first: each with a line a split.
        Assert.Equal(2 * 4 + 2, last.Length);
        Assert.Equal(trained.History.Count, 3 * last.Length);
    }

    [Fact]
    public void Long_vectors_are_counted_and_capped()
    {
        float[] values = [.. Read(Vectors)];
        for (int row = 0; row < 8; row++) values.AsSpan(row * 100 * Inputs, Inputs).Fill(1000);
        var source = new ArrayVectors(values, Inputs);
        var lengths = TrainRows.Select(row => Math.Sqrt(values.AsSpan((int)row * Inputs, Inputs).ToArray().Sum(v => (double)v * v))).Order().ToArray();
        double energy = lengths.Sum(length => length * length);

        var plain = InputStatistics.Measure(source, TrainRows, null, TestContext.Current.CancellationToken);
        Assert.InRange(plain.Outliers.MedianLength / lengths[399], 1 / 1.006, 1.006);
        Assert.Equal(8, plain.Outliers.Count);
        Assert.Equal(8 * Inputs * 1e6 / energy, plain.Outliers.EnergyShare, 1e-9);
        Assert.False(plain.Outliers.Capped);

        var capped = InputStatistics.Measure(source, TrainRows, 3, TestContext.Current.CancellationToken);
        double limit = capped.Outliers.MaximumLength;
        Assert.Equal(TrainRows.Length * capped.MeanSquaredLength, lengths.Sum(length => Math.Min(length, limit) * Math.Min(length, limit)), energy * 1e-6);
        var shown = new CappedVectors(source, limit);
        float[] one = new float[Inputs];
        shown.Read([100], one);
        Assert.Equal(limit, Math.Sqrt(one.Sum(v => (double)v * v)), limit * 1e-6);
        Assert.Equal(one[0], one[5]);
        shown.Read([101], one);
        Assert.Equal(values[(101 * Inputs)..(102 * Inputs)], one);
    }

    [Fact]
    public void A_capped_training_is_that_of_the_shortened_vectors()
    {
        float[] values = [.. Read(Vectors)];
        values.AsSpan(5 * Inputs, Inputs).Fill(1000);
        double limit = InputStatistics.Measure(new ArrayVectors(values, Inputs), TrainRows, 2, TestContext.Current.CancellationToken).Outliers.MaximumLength;
        float[] shortened = new float[values.Length];
        new CappedVectors(new ArrayVectors(values, Inputs), limit).Read([.. Enumerable.Range(0, Rows).Select(row => (long)row)], shortened);
        using var capped = AutoencoderTrainer.TrainMany([new(Options(0) with { Cap = 2 })], new ArrayVectors(values, Inputs), TrainRows, Held, null, TestContext.Current.CancellationToken)[0];
        using var by = AutoencoderTrainer.TrainMany([new(Options(0))], new ArrayVectors(shortened, Inputs), TrainRows, Held, null, TestContext.Current.CancellationToken)[0];
        Assert.Equal(by.Autoencoder.DecoderWeight.bytes, capped.Autoencoder.DecoderWeight.bytes);
        Assert.Equal(by.Report.Validation, capped.Report.Validation);
    }

    private static AutoencoderOptions Options(int variant) => AutoencoderTrainerTests.Small(Variants[variant]) with { Name = Variants[variant] };

    private static float[] Read(IVectorSource source)
    {
        var values = new float[source.Count * source.Dimension];
        source.Read([.. Enumerable.Range(0, (int)source.Count).Select(row => (long)row)], values);
        return values;
    }

    private static void Same(TrainedAutoencoder expected, TrainedAutoencoder actual)
    {
        foreach (var (name, parameter) in expected.Autoencoder.Parameters) Assert.Equal(parameter.bytes, actual.Autoencoder.Parameters[name].bytes);
        Assert.Equal(expected.History, actual.History);
        Assert.Equal(expected.Report.Validation, actual.Report.Validation);
        Assert.Equal(expected.Report.Others!, actual.Report.Others!);
    }

    private IReadOnlyList<TrainedAutoencoder> Train(IVectorSource source, bool resume, CancellationToken? cancellation = null) => AutoencoderTrainer.TrainMany(
        [.. Variants.Select((name, i) => new TrainingRequest(Options(i), resume ? Path.Combine(_folder, name) : null))],
        source, TrainRows, Held, null, cancellation ?? TestContext.Current.CancellationToken);

    private sealed class CountingVectors(IVectorSource inner, Action<int>? onRead = null) : IVectorSource
    {
        private int _reads;
        private long _rows;

        public long RowsRead => _rows;

        public int Dimension => inner.Dimension;

        public long Count => inner.Count;

        public void Read(ReadOnlySpan<long> rows, Span<float> destination)
        {
            Interlocked.Add(ref _rows, rows.Length);
            onRead?.Invoke(Interlocked.Increment(ref _reads));
            inner.Read(rows, destination);
        }
    }
}
