using Fovea.Activations;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Synthetic;
using Fovea.Dictionaries.Training;
using Xunit;

namespace Fovea.Tests.Dictionaries;

public sealed class TrainingStreamTests : IDisposable
{
    private const int Inputs = 12, Rows = 900;
    private static readonly string[] Variants = ["topk", "l1-untied", "jumprelu", "matryoshka"];
    private static readonly PlantedDictionary Vectors = new(
        new PlantedDictionaryOptions { InputSize = Inputs, LatentSize = 20, Active = 3, Rows = Rows, Seed = 9 });
    private static readonly long[] TrainRows = [.. Enumerable.Range(0, 800).Select(row => (long)row)];
    private static readonly HeldOut[] Held =
        [new(HeldOut.Main, [.. Enumerable.Range(800, 60).Select(row => (long)row)]), new("validation/other", [860, 861, 880])];
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-stream").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Each_of_many_has_the_bytes_it_has_alone()
    {
        var together = Train(Vectors, resume: false);
        for (int i = 0; i < Variants.Length; i++)
        {
            using var alone = AutoencoderTrainer.TrainMany(
                [new(Options(i))], Vectors, TrainRows, Held, null, TestContext.Current.CancellationToken)[0];
            Same(alone, together[i]);
            together[i].Dispose();
        }
    }

    [Fact]
    public void A_batch_is_read_once_however_many_learn_from_it()
    {
        var counting = new CountingVectors(Vectors);
        foreach (var one in AutoencoderTrainer.TrainMany(
            [.. Variants.Select((_, i) => new TrainingRequest(Options(i)))], counting, TrainRows, [], null,
                TestContext.Current.CancellationToken)) one.Dispose();
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
            [new(Options(0)), new(Options(1) with { BatchSize = 64 })], Vectors, TrainRows, Held, null,
                TestContext.Current.CancellationToken));
        Assert.Equal(FailureKind.Configuration, error.Kind);
    }

    [Fact]
    public void One_whose_numbers_go_wrong_ends_alone()
    {
        var outcomes = Failing(null);
        Assert.Equal([true, false, true, false], outcomes.Select(outcome => outcome.Trained is not null));
        Assert.Contains("The loss of wild is not a finite number", outcomes[1].Failure!.Message, StringComparison.Ordinal);
        Assert.Contains("Every latent of dead is dead", outcomes[3].Failure!.Message, StringComparison.Ordinal);
        var sound = AutoencoderTrainer.TrainMany([Wild[0], Wild[2]], Vectors, TrainRows, Held, null, TestContext.Current.CancellationToken);
        Same(sound[0], outcomes[0].Trained!);
        Same(sound[1], outcomes[2].Trained!);
        // Where none may fail, the first failure is the training's.
        var error = Assert.Throws<FoveaException>(
            () => AutoencoderTrainer.TrainMany(Wild, Vectors, TrainRows, Held, null, TestContext.Current.CancellationToken));
        Assert.Equal(outcomes[1].Failure!.Message, error.Message);
        foreach (var one in sound) one.Dispose();
        foreach (var outcome in outcomes) outcome.Trained?.Dispose();
    }

    [Fact]
    public void What_failed_before_an_interruption_fails_again_after_it()
    {
        var straight = Failing(null);
        foreach (int stop in (int[])[12, 40])
        {
            using var cancel = new CancellationTokenSource();
            var source = new CountingVectors(Vectors, reads => { if (reads >= stop) cancel.Cancel(); });
            Assert.ThrowsAny<OperationCanceledException>(() => Failing(_folder, source, cancel.Token));
            Assert.False(File.Exists(Path.Combine(_folder, "1", TrainingCheckpoint.FileName)));
        }
        var resumed = Failing(_folder);
        for (int i = 0; i < straight.Count; i++)
        {
            Assert.Equal(straight[i].Failure?.Message, resumed[i].Failure?.Message);
            if (straight[i].Trained is { } trained) Same(trained, resumed[i].Trained!);
            straight[i].Trained?.Dispose();
            resumed[i].Trained?.Dispose();
        }
    }

    [Fact]
    public void A_training_of_which_all_fail_ends()
    {
        var outcome = Assert.Single(
            AutoencoderTrainer.TrainEach([Wild[1]], Vectors, TrainRows, Held, null, TestContext.Current.CancellationToken));
        Assert.Null(outcome.Trained);
        Assert.Equal(FailureKind.Numerical, outcome.Failure!.Kind);
    }

    [Fact]
    public void What_ends_a_training_is_told_also_where_some_have_their_result()
    {
        TrainingRequest[] requests = [new(Options(0)) { WithoutKernels = true }, new(Options(2)) { WithoutKernels = true }];
        int last = 0;
        foreach (var one in AutoencoderTrainer.TrainMany(
            requests, new CountingVectors(Vectors, reads => last = reads), TrainRows, Held, null, TestContext.Current.CancellationToken))
            one.Dispose();
        var source = new CountingVectors(Vectors, reads => { if (reads == last) throw new IOException("power cut"); });
        var error = Assert.Throws<IOException>(
            () => AutoencoderTrainer.TrainMany(requests, source, TrainRows, Held, null, TestContext.Current.CancellationToken));
        Assert.Equal("power cut", error.Message);
    }

    [Fact]
    public void Without_a_median_length_there_is_nothing_to_cap_by()
    {
        float[] values = [.. Read(Vectors)];
        values.AsSpan(0, 401 * Inputs).Clear();
        var source = new ArrayVectors(values, Inputs);
        var error = Assert.Throws<FoveaException>(
            () => InputStatistics.Measure(source, TrainRows, 3, TestContext.Current.CancellationToken));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains("zero", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, InputStatistics.Measure(source, TrainRows, null, TestContext.Current.CancellationToken).Outliers.MedianLength);
    }

    [Fact]
    public void Further_held_out_sets_have_lines_and_scores_of_their_own()
    {
        using var trained = AutoencoderTrainer.TrainMany(
            [new(Options(0) with { PointsPerEpoch = 4 })], Vectors, TrainRows, Held, null, TestContext.Current.CancellationToken)[0];
        Assert.Equal(3, trained.Report.Others!["validation/other"].Vectors);
        var last = trained.History.Where(line => line.Split == "validation/other").ToArray();
        Assert.Equal(trained.Report.Others["validation/other"].Fvu, last[^1].Fvu, 1e-5);
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
        var lengths = TrainRows.Select(row => Math.Sqrt(values.AsSpan((int)row * Inputs, Inputs).ToArray().Sum(v => (double)v * v))).Order()
            .ToArray();
        double energy = lengths.Sum(length => length * length);

        var plain = InputStatistics.Measure(source, TrainRows, null, TestContext.Current.CancellationToken);
        Assert.InRange(plain.Outliers.MedianLength / lengths[399], 1 / 1.006, 1.006);
        Assert.Equal(8, plain.Outliers.Count);
        Assert.Equal(8 * Inputs * 1e6 / energy, plain.Outliers.EnergyShare, 1e-9);
        Assert.False(plain.Outliers.Capped);

        var capped = InputStatistics.Measure(source, TrainRows, 3, TestContext.Current.CancellationToken);
        double limit = capped.Outliers.MaximumLength;
        Assert.Equal(
            TrainRows.Length * capped.MeanSquaredLength, lengths.Sum(length => Math.Min(length, limit) * Math.Min(length, limit)),
                energy * 1e-6);
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
        double limit = InputStatistics.Measure(
            new ArrayVectors(values, Inputs), TrainRows, 2, TestContext.Current.CancellationToken).Outliers.MaximumLength;
        float[] shortened = new float[values.Length];
        new CappedVectors(new ArrayVectors(values, Inputs), limit).Read([.. Enumerable.Range(0, Rows).Select(row => (long)row)], shortened);
        using var capped = AutoencoderTrainer.TrainMany(
            [new(Options(0) with { Cap = 2 })], new ArrayVectors(values, Inputs), TrainRows, Held, null,
                TestContext.Current.CancellationToken)[0];
        using var by = AutoencoderTrainer.TrainMany(
            [new(Options(0))], new ArrayVectors(shortened, Inputs), TrainRows, Held, null, TestContext.Current.CancellationToken)[0];
        Assert.Equal(by.Autoencoder.DecoderWeight.bytes, capped.Autoencoder.DecoderWeight.bytes);
        Assert.Equal(by.Report.Validation, capped.Report.Validation);
    }

    /// <summary>Two that are sound and, between and after them, one whose loss overflows and one whose latents die.</summary>
    private static TrainingRequest[] Wild =>
    [
        new(Options(0) with { Epochs = 40 }),
        new(Options(1) with { Epochs = 40, LearningRate = 1e30, Name = "wild" }),
        new(Options(3) with { Epochs = 40 }),
        new(Options(2).WithSparsity(1e4) with { Epochs = 40, LearningRate = 0.05, Name = "dead" }),
    ];

    private static IReadOnlyList<TrainingOutcome> Failing(
        string? folder, IVectorSource? source = null, CancellationToken? cancellation = null) => AutoencoderTrainer.TrainEach(
        [.. Wild.Select((request, i) => request with { ResumeFolder = folder is null ? null : Path.Combine(folder, $"{i}") })],
        source ?? Vectors, TrainRows, Held, null, cancellation ?? TestContext.Current.CancellationToken);

    private static AutoencoderOptions Options(int variant) =>
        AutoencoderTrainerTests.Small(Variants[variant]) with { Name = Variants[variant] };

    private static float[] Read(IVectorSource source)
    {
        var values = new float[source.Count * source.Dimension];
        source.Read([.. Enumerable.Range(0, (int)source.Count).Select(row => (long)row)], values);
        return values;
    }

    private static void Same(TrainedAutoencoder expected, TrainedAutoencoder actual)
    {
        foreach (var (name, parameter) in expected.Autoencoder.Parameters) Assert.Equal(
            parameter.bytes, actual.Autoencoder.Parameters[name].bytes);
        Assert.Equal(expected.History, actual.History);
        Assert.Equal(expected.Report.Validation, actual.Report.Validation);
        Assert.Equal(expected.Report.Others!, actual.Report.Others!);
    }

    private IReadOnlyList<TrainedAutoencoder> Train(IVectorSource source, bool resume, CancellationToken? cancellation = null) =>
        AutoencoderTrainer.TrainMany(
        [.. Variants.Select((name, i) => new TrainingRequest(Options(i), resume ? Path.Combine(_folder, name) : null))],
        source, TrainRows, Held, null, cancellation ?? TestContext.Current.CancellationToken);

    private sealed class CountingVectors(IVectorSource inner, Action<int>? onRead = null) : IVectorSource
    {
        private int _reads;
        private long _rows;

        public long RowsRead => _rows;

        public string Identity => VectorIdentity.Of(inner);

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
