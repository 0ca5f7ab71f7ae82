using Fovea.Activations;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Kernels;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Synthetic;
using Fovea.Dictionaries.Training;
using Fovea.Distributed;
using Fovea.Tests.Distributed;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>
/// Batches that are summed by shards, by one process or by several that share them: here threads, whose exchange is a plain recursion. The batches are odd, and
/// the last of a pass has one vector, so that most shards are empty there.
/// </summary>
public sealed class ShardedTrainingTests : IDisposable
{
    private const int Inputs = 12;
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-shards").FullName;
    private static readonly PlantedDictionary Vectors = new(
        new PlantedDictionaryOptions { InputSize = Inputs, LatentSize = 20, Active = 3, Rows = 700, Seed = 9 });
    private static readonly long[] TrainRows = [.. Enumerable.Range(0, 595).Select(row => (long)row)];
    private static readonly long[] ValidationRows = [.. Enumerable.Range(600, 100).Select(row => (long)row)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Samples.Variants), MemberType = typeof(Samples))]
    public void As_many_processes_as_shards_or_fewer_give_the_bytes_of_one(string variant)
    {
        using var alone = Train(1, Options(variant));
        foreach (int processes in (int[])[2, 4])
        {
            using var together = Train(processes, Options(variant));
            AssertSame(alone, together);
        }
    }

    [Fact]
    public void As_many_processes_give_the_same_bytes_without_clipping_too()
    {
        foreach (string variant in (string[])["topk", "gated", "l1"])
        {
            var options = Options(variant) with { GradientClip = null, Shards = 8 };
            using TrainedAutoencoder alone = Train(1, options), together = Train(8, options);
            AssertSame(alone, together);
        }
    }

    /// <summary>Threads are fewer than processes' here; what one begins another number ends, from the state that the first process left.</summary>
    [Theory]
    [InlineData("topk", 2, 4)]
    [InlineData("batchtopk", 4, 1)]
    [InlineData("matchingpursuit", 1, 2)]
    [InlineData("archetypal", 2, 1)]
    public void What_some_processes_began_others_end_with_the_same_bytes(string variant, int before, int after)
    {
        var options = Options(variant);
        using var alone = Train(1, options);
        using var stop = new CancellationTokenSource();
        var source = new CountedVectors(Vectors, reads => { if (reads == 25) stop.Cancel(); });
        Assert.ThrowsAny<OperationCanceledException>(() => Train(before, options, source, _folder, stop.Token));
        Assert.True(File.Exists(Path.Combine(_folder, TrainingCheckpoint.FileName)));
        using var resumed = Train(after, options, Vectors, _folder);
        AssertSame(alone, resumed);
    }

    /// <summary>The sums are those of the whole batch but for their order; the reference is the dense step, which knows no shards.</summary>
    [Theory]
    [MemberData(nameof(Samples.OfKernels), MemberType = typeof(Samples))]
    public void Gradients_and_metrics_of_shards_equal_those_of_automatic_differentiation(string variant)
    {
        foreach (int rows in (int[])[150, 37, 3])
        {
            using SparseAutoencoder a = Samples.Create(variant, 24, 64, ScalarType.Float32), b = Samples.Create(variant, 24, 64, ScalarType.Float32);
            var shards = new BatchShards(8, SingleRank.Instance);
            using IAutoencoderStep sharded = new SparseStep(a, a.Rule()!) { Shards = shards }, dense = new DenseStep(b);
            Compare(sharded, dense, shards, rows, 24, 64);
        }
    }

    [Theory]
    [InlineData("topk", 100)]
    [InlineData("matchingpursuit", 41)]
    [InlineData("matchingpursuit-tolerance", 5)]
    [InlineData("archetypal", 100)]
    [InlineData("gated", 33)]
    public void Operations_on_tensors_sum_shards_too(string variant, int rows)
    {
        using SparseAutoencoder a = Samples.Create(variant, 24, 64, ScalarType.Float32), b = Samples.Create(variant, 24, 64, ScalarType.Float32);
        var shards = new BatchShards(8, SingleRank.Instance);
        using IAutoencoderStep sharded = TensorStep.Supports(a) ? new TensorStep(a) : new DenseStep(a), dense = new DenseStep(b);
        sharded.Shards = shards;
        Compare(sharded, dense, shards, rows, 24, 64);
    }

    [Theory]
    [InlineData("batchtopk")]
    [InlineData("matryoshka")]
    [InlineData("jumprelu-target")]
    public void What_looks_at_a_whole_batch_is_not_cut_by_operations_on_tensors(string variant)
    {
        using var autoencoder = Samples.Create(variant, 24, 64, ScalarType.Float32);
        var shards = new BatchShards(4, SingleRank.Instance);
        shards.Begin(20);
        using IAutoencoderStep step = new DenseStep(autoencoder) { Shards = shards };
        using var vectors = Samples.Vectors(20, 24, ScalarType.Float32);
        var error = Assert.Throws<FoveaException>(() => step.Train(vectors.data<float>().ToArray(), 1, 1, 1e-3, new AutoencoderMetrics(24, 64)));
        Assert.Equal(FailureKind.Configuration, error.Kind);
    }

    [Theory]
    [InlineData(3, 1, "power of two")]
    [InlineData(4, 3, "power of two of them, at most 4")]
    [InlineData(2, 4, "at most 2")]
    public void Shards_that_cannot_be_dealt_out_are_refused(int shards, int processes, string why)
    {
        var errors = ThreadRanks.Run(processes, ranks => Assert.Throws<FoveaException>(() => new BatchShards(shards, ranks)));
        Assert.All(errors, error => Assert.Contains(why, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Several_processes_need_shards()
    {
        var error = Assert.Throws<FoveaException>(() => Train(2, Options("topk") with { Shards = null }));
        Assert.Contains("shards", error.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Throws<FoveaException>(() => (Options("topk") with { Shards = 6 }).Validate());
        Assert.Throws<FoveaException>(() => (Options("topk") with { Shards = 64, BatchSize = 33 }).Validate());
    }

    /// <summary>A process that reads other vectors would spoil the sums of all: each is asked before the first step.</summary>
    [Fact]
    public void A_process_with_other_vectors_ends_the_training_of_all()
    {
        var other = new PlantedDictionary(new PlantedDictionaryOptions { InputSize = Inputs, LatentSize = 20, Active = 3, Rows = 700, Seed = 10 });
        var errors = ThreadRanks.Run(2, ranks => Assert.Throws<FoveaException>(() => Part(ranks, Options("topk"), ranks.Rank == 0 ? Vectors : other)?.Dispose()));
        Assert.All(errors, error => Assert.Equal(FailureKind.Data, error.Kind));
        Assert.Contains("does not see what the first one sees", errors[1].Message, StringComparison.Ordinal);
    }

    /// <summary>The mean, the scale and the long vectors are looked for by shards too; the reference is the one pass of trainings without.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(1.2)]
    public void Statistics_of_vectors_are_those_of_one_pass_and_the_same_for_any_number_of_processes(double? cap)
    {
        var whole = InputStatistics.Measure(Vectors, TrainRows, cap, TestContext.Current.CancellationToken);
        InputStatistics? first = null;
        foreach (int processes in (int[])[1, 2, 8])
        {
            foreach (var found in ThreadRanks.Run(
                processes, ranks => InputStatistics.Measure(Vectors, TrainRows, cap, CancellationToken.None, new BatchShards(8, ranks))))
            {
                first ??= found;
                Assert.Equal(first.Mean, found.Mean);
                Assert.Equal((first.MeanSquaredLength, first.Outliers), (found.MeanSquaredLength, found.Outliers));
            }
        }
        Assert.True(cap is null || whole.Outliers.Count > 10);
        for (int i = 0; i < Inputs; i++) Assert.Equal(whole.Mean[i], first!.Mean[i], 1e-12);
        Assert.Equal(whole.MeanSquaredLength, first!.MeanSquaredLength, 1e-12 * whole.MeanSquaredLength);
        Assert.Equal(whole.Outliers with { EnergyShare = 0 }, first.Outliers with { EnergyShare = 0 });
        Assert.Equal(whole.Outliers.EnergyShare, first.Outliers.EnergyShare, 1e-12);
    }

    /// <summary>States and stages of trainings without shards are called what they were called before there were any.</summary>
    [Fact]
    public void Options_without_shards_are_written_as_before() =>
        Assert.DoesNotContain("shards", System.Text.Json.JsonSerializer.Serialize(new AutoencoderOptions(), Fovea.IO.JsonFile.Options), StringComparison.Ordinal);

    private static AutoencoderOptions Options(string variant) => AutoencoderTrainerTests.Small(variant) with
    {
        BatchSize = 33, // 18 batches, and one vector
        Shards = 4,
        GradientClip = 2,
        DeadAfter = 64,
        Auxiliary = 0.2,
        AuxiliaryK = 5,
    };

    private static TrainedAutoencoder Train(
        int processes, AutoencoderOptions options, IVectorSource? source = null, string? resume = null, CancellationToken? stop = null) =>
        ThreadRanks.Run(processes, ranks => Part(ranks, options, source ?? Vectors, resume, stop))[0]!;

    /// <summary>One process's part: the first one has the result.</summary>
    private static TrainedAutoencoder? Part(
        IRanks ranks, AutoencoderOptions options, IVectorSource source, string? resume = null, CancellationToken? stop = null)
    {
        var request = new TrainingRequest(options, resume) { Ranks = ranks };
        var cancellation = stop ?? CancellationToken.None;
        if (ranks.Rank == 0) return AutoencoderTrainer.Train(request, source, TrainRows, ValidationRows, null, cancellation);
        AutoencoderTrainer.Help(request, source, TrainRows, ValidationRows, cancellation);
        return null;
    }

    private static void AssertSame(TrainedAutoencoder expected, TrainedAutoencoder actual)
    {
        foreach (var (name, parameter) in expected.Autoencoder.Parameters)
        {
            using Tensor own = parameter.contiguous(), other = actual.Autoencoder.Parameters[name].contiguous();
            Assert.True(own.bytes.SequenceEqual(other.bytes), $"{name} of {expected.Report.Architecture}");
        }
        Assert.Equal(expected.History, actual.History);
        Assert.Equal(expected.Report, actual.Report);
    }

    private static void Compare(IAutoencoderStep sharded, IAutoencoderStep dense, BatchShards shards, int rows, int d, int n)
    {
        using var vectors = Samples.Vectors(rows, d, ScalarType.Float32);
        float[] values = vectors.data<float>().ToArray();
        AutoencoderMetrics own = new(d, n), expected = new(d, n);
        shards.Begin(rows);
        sharded.Train(values, 0.7, 0.5, 1e-3, own);
        dense.Train(values, 0.7, 0.5, 1e-3, expected);
        Assert.Equal(expected.Scores().Loss, own.Scores().Loss, expected.Scores().Loss * 1e-5);
        Assert.Equal(expected.Scores().Fvu, own.Scores().Fvu, expected.Scores().Fvu * 1e-4);
        Assert.Equal(expected.Scores().L0, own.Scores().L0, 1e-9);
        Assert.Equal(expected.Scores().DeadFraction, own.Scores().DeadFraction);
        using var scope = NewDisposeScope();
        var moments = sharded.ExportState();
        foreach (var (name, gradient) in dense.ExportState().Where(pair => pair.Key.StartsWith("exp_avg.", StringComparison.Ordinal)))
        {
            double size = gradient.abs().max().item<float>(), difference = (gradient - moments[name]).abs().max().item<float>();
            Assert.True(difference <= 2e-5 * size + 1e-9, $"{name}: {difference} of {size}");
        }
    }

    /// <summary>Vectors whose reads are counted, over all processes.</summary>
    private sealed class CountedVectors(IVectorSource inner, Action<int> onRead) : IVectorSource
    {
        private int _reads;

        public string Identity => VectorIdentity.Of(inner);

        public int Dimension => inner.Dimension;

        public long Count => inner.Count;

        public void Read(ReadOnlySpan<long> rows, Span<float> destination)
        {
            onRead(Interlocked.Increment(ref _reads));
            inner.Read(rows, destination);
        }
    }
}
