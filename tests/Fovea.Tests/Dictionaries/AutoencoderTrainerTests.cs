using Fovea.Activations;
using Fovea.Checkpoints;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Comparison;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Synthetic;
using Fovea.Dictionaries.Training;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

public sealed class AutoencoderTrainerTests : IDisposable
{
    private const int Inputs = 12, Rows = 700;
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-sae").FullName;
    private static readonly PlantedDictionary Vectors = new(
        new PlantedDictionaryOptions { InputSize = Inputs, LatentSize = 20, Active = 3, Rows = Rows, Seed = 9 });
    private static readonly long[] TrainRows = [.. Enumerable.Range(0, 600).Select(row => (long)row)];
    private static readonly long[] ValidationRows = [.. Enumerable.Range(600, 100).Select(row => (long)row)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Samples.Variants), MemberType = typeof(Samples))]
    public void Interrupted_and_resumed_gives_the_same_bytes(string variant)
    {
        var options = Small(variant) with { CheckpointEverySteps = 4 };
        string straight = Path.Combine(_folder, "straight"), broken = Path.Combine(_folder, "broken");
        TrainInto(straight, options, Vectors, TrainRows, ValidationRows);
        // The source fails (as a kill would end the process) in the middle of passes, at and off checkpoints, again and again.
        for (int failures = 0, reads = 5; ; failures++, reads += 3)
        {
            try
            {
                TrainInto(broken, options, new FailingVectors(Vectors, reads), TrainRows, ValidationRows);
                Assert.True(failures > 2);
                break;
            }
            catch (IOException)
            {
                Assert.False(File.Exists(Path.Combine(broken, "cfg.json")));
            }
        }
        foreach (string file in (string[])["sae_weights.safetensors", "cfg.json", "history.jsonl", "metrics.json"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(straight, file)), File.ReadAllBytes(Path.Combine(broken, file)));
        Assert.False(Directory.Exists(Path.Combine(broken, "resume")));
    }

    [Fact]
    public void Cancelling_writes_the_state_and_going_on_gives_the_same_bytes()
    {
        var options = Small("topk");
        using var straight = Train(options, Vectors, TrainRows, ValidationRows);
        using var stop = new CancellationTokenSource();
        var source = new FailingVectors(Vectors, int.MaxValue, reads => { if (reads == 9) stop.Cancel(); });
        Assert.Throws<OperationCanceledException>(() => Train(options, source, TrainRows, ValidationRows, _folder, stop.Token));
        Assert.True(File.Exists(Path.Combine(_folder, "state.safetensors")));
        using var resumed = Train(options, Vectors, TrainRows, ValidationRows, _folder);
        Assert.Equal(straight.History, resumed.History);
        Assert.Equal(straight.Report, resumed.Report);
        Assert.Equal(straight.Autoencoder.DecoderWeight.bytes, resumed.Autoencoder.DecoderWeight.bytes);
    }

    [Theory]
    [InlineData("l1")]
    [InlineData("batchtopk")]
    [InlineData("jumprelu")]
    public void Steps_as_on_another_device_resume_with_the_same_bytes_and_agree_with_kernels(string variant)
    {
        var request = new TrainingRequest(Small(variant), null, CPU) { WithoutKernels = true };
        using var straight = AutoencoderTrainer.Train(
            request, Vectors, TrainRows, ValidationRows, null, TestContext.Current.CancellationToken);
        using var stop = new CancellationTokenSource();
        var source = new FailingVectors(Vectors, int.MaxValue, reads => { if (reads == 9) stop.Cancel(); });
        request = request with { ResumeFolder = _folder };
        Assert.Throws<OperationCanceledException>(
            () => AutoencoderTrainer.Train(request, source, TrainRows, ValidationRows, null, stop.Token));
        using var resumed = AutoencoderTrainer.Train(
            request, Vectors, TrainRows, ValidationRows, null, TestContext.Current.CancellationToken);
        Assert.Equal(straight.History, resumed.History);
        Assert.Equal(straight.Report, resumed.Report);
        Assert.Equal(straight.Autoencoder.DecoderWeight.bytes, resumed.Autoencoder.DecoderWeight.bytes);
        using var kernels = Train(Small(variant), Vectors, TrainRows, ValidationRows);
        Assert.Equal(kernels.Report.Validation!.Loss, straight.Report.Validation!.Loss, kernels.Report.Validation.Loss * 1e-2);
    }

    [Fact]
    public void A_finished_state_gives_the_result_at_once()
    {
        var options = Small("jumprelu");
        using var first = Train(options, Vectors, TrainRows, ValidationRows, _folder);
        using var second = Train(options, Vectors, TrainRows, ValidationRows, _folder);
        Assert.Equal(first.Autoencoder.DecoderWeight.bytes, second.Autoencoder.DecoderWeight.bytes);
        Assert.Equal(first.History, second.History);
    }

    [Fact]
    public void A_state_of_other_options_is_refused()
    {
        Train(Small("topk"), Vectors, TrainRows, ValidationRows, _folder).Dispose();
        var error = Assert.Throws<FoveaException>(
            () => Train(Small("topk") with { LearningRate = 1e-3 }, Vectors, TrainRows, ValidationRows, _folder));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Throws<FoveaException>(() => Train(Small("topk"), Vectors, TrainRows[1..], ValidationRows, _folder));
    }

    [Theory]
    [InlineData("{ \"step\": ")]
    [InlineData("{ \"step\": 4 }")]
    [InlineData("null")]
    public void A_state_that_cannot_be_read_says_what_to_do(string document)
    {
        Train(Small("topk"), Vectors, TrainRows, ValidationRows, _folder).Dispose();
        Rewrite(state => state, document);
        var error = Assert.Throws<FoveaException>(() => Train(Small("topk"), Vectors, TrainRows, ValidationRows, _folder));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains("Delete it to start anew", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(0.99)]
    public void A_state_cut_short_says_what_to_do(double kept)
    {
        Train(Small("topk"), Vectors, TrainRows, ValidationRows, _folder).Dispose();
        string path = Path.Combine(_folder, TrainingCheckpoint.FileName);
        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..(int)(whole.Length * kept)]);
        var error = Assert.Throws<FoveaException>(() => Train(Small("topk"), Vectors, TrainRows, ValidationRows, _folder));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.EndsWith($"Delete it to start anew: {path}", error.Message, StringComparison.Ordinal);
        File.Delete(path);
        Train(Small("topk"), Vectors, TrainRows, ValidationRows, _folder).Dispose();
    }

    [Theory]
    [InlineData("parameter.W_dec")]
    [InlineData("adam.exp_avg.W_enc")]
    [InlineData("adam.step.W_dec")]
    public void A_state_with_a_tensor_of_another_type_is_not_read(string name)
    {
        Train(Small("topk"), Vectors, TrainRows, ValidationRows, _folder).Dispose();
        Rewrite(state =>
            state.ToDictionary(pair => pair.Key, pair => pair.Key == name ? pair.Value.to_type(ScalarType.Float16) : pair.Value));
        var error = Assert.Throws<FoveaException>(() => Train(Small("topk"), Vectors, TrainRows, ValidationRows, _folder));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains(name.Replace("adam.", "", StringComparison.Ordinal), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Samples.Variants), MemberType = typeof(Samples))]
    public void Training_lowers_the_loss_and_writes_both_splits(string variant)
    {
        using var trained = Train(Small(variant) with { Epochs = 6 }, Vectors, TrainRows, ValidationRows);
        var lines = trained.History;
        Assert.Equal(6 + 4, lines.Count(line => line.Split == "train"));
        Assert.Equal(
            lines.Where(line => line.Split == "train").Select(line => line.Step), lines.Where(line => line.Split == "validation")
                .Select(line => line.Step));
        // An archetypal one starts where the vectors are, with less to learn.
        Assert.True(lines[^1].Loss < (variant == "archetypal" ? 0.7 : 0.6) * lines[1].Loss, $"{lines[1].Loss} to {lines[^1].Loss}");
        Assert.Equal(6, lines[^1].Epoch);
        Assert.Equal(6 * 600, lines[^1].Vectors);
        // The curve is of scaled vectors, the report of the dictionary that is kept, with the scale folded into its weights: equal but for
        // that rounding.
        Assert.Equal(lines[^1].Fvu, trained.Report.Validation!.Fvu, 1e-6);
        Assert.Equal(100, trained.Report.Train.Vectors);
        Assert.False(trained.Autoencoder.DecoderWeight.requires_grad);
    }

    [Fact]
    public void The_result_acts_on_raw_vectors()
    {
        using var scope = NewDisposeScope();
        var large = new ArrayVectors([.. Read(Vectors).Select(value => value * 50)], Inputs);
        using var trained = Train(Small("l1") with { Epochs = 10 }, large, TrainRows, ValidationRows);
        using var other = Train(Small("l1") with { Epochs = 10 }, Vectors, TrainRows, ValidationRows);
        var x = tensor(Read(large)).view(-1, Inputs)[600..];
        var metrics = new AutoencoderMetrics(Inputs, trained.Autoencoder.LatentSize);
        var codes = trained.Autoencoder.EncodeDense(x);
        metrics.Add(x, trained.Autoencoder.DecodeDense(codes), codes);
        Assert.Equal(trained.Report.Validation!.Fvu, metrics.Scores().Fvu, 1e-4);
        Assert.Equal(trained.Report.Validation.L0, metrics.Scores().L0, 0.05);
        Assert.Equal(DictionarySimilarity.Coherence(trained.Autoencoder.DecoderWeight), trained.Report.Coherence);
        // The scale of the data does not matter.
        Assert.Equal(other.Report.Validation!.Fvu, trained.Report.Validation.Fvu, 1e-3);
    }

    [Theory]
    [InlineData("topk", 1.0 / 32)]
    [InlineData("batchtopk", 1.0 / 32)]
    [InlineData("matryoshka", 1.0 / 32)]
    [InlineData("l1", 0)]
    [InlineData("jumprelu", 0)]
    [InlineData("gated", 0)]
    public void AuxK_is_on_by_itself_where_k_latents_are_chosen(string variant, double coefficient)
    {
        var options = Small(variant) with { DeadAfter = 64, Epochs = 3 };
        using var scope = NewDisposeScope();
        using var given = Train(options with { Auxiliary = coefficient }, Vectors, TrainRows, ValidationRows);
        using var absent = Train(options, Vectors, TrainRows, ValidationRows);
        using var other = Train(options with { Auxiliary = 0.5 }, Vectors, TrainRows, ValidationRows);
        Assert.Equal(given.Autoencoder.DecoderWeight.bytes, absent.Autoencoder.DecoderWeight.bytes);
        if (coefficient > 0) Assert.False(other.Autoencoder.DecoderWeight.Equals(absent.Autoencoder.DecoderWeight));
    }

    [Fact]
    public void Warm_up_decay_clipping_and_the_medians_bias_change_the_training_and_survive_an_interruption()
    {
        var options = Small("gated");
        using var plain = Train(options, Vectors, TrainRows, ValidationRows);
        foreach (var changed in (AutoencoderOptions[])[options with { LearningRateWarmup = 0.3 }, options with { LearningRateDecay = 0.3 },
            options with { GradientClip = 0.5 }, options with { BiasStart = BiasStart.Median }])
        {
            string folder = Path.Combine(_folder, Guid.NewGuid().ToString("n"));
            using var straight = Train(changed, Vectors, TrainRows, ValidationRows);
            Assert.False(plain.Autoencoder.DecoderWeight.Equals(straight.Autoencoder.DecoderWeight));
            Assert.Throws<IOException>(
                () => Train(changed with { CheckpointEverySteps = 5 }, new FailingVectors(Vectors, 15), TrainRows, ValidationRows, folder));
            using var resumed = Train(changed, Vectors, TrainRows, ValidationRows, folder);
            Assert.Equal(straight.Autoencoder.DecoderWeight.bytes, resumed.Autoencoder.DecoderWeight.bytes);
        }
    }

    [Fact]
    public void Every_pass_takes_every_row_once_in_a_new_order()
    {
        var plan = new TrainingPlan(Small("topk"), TrainRows, Inputs);
        long[] Pass(long epoch) =>
            [.. Enumerable.Range(0, (int)plan.StepsPerEpoch).SelectMany(step => Rows(epoch * plan.StepsPerEpoch + step))];
        long[] Rows(long step)
        {
            var rows = new long[plan.RowsIn(step)];
            plan.RowsOf(step, rows);
            return rows;
        }

        var (first, second) = (Pass(0), Pass(1));
        Assert.Equal(TrainRows, first.Order());
        Assert.Equal(TrainRows, second.Order());
        Assert.NotEqual(first, second);
        Assert.Equal(first, Pass(0));
        Assert.Equal(600, plan.Vectors(plan.StepsPerEpoch));
        Assert.Equal(600 + 32, plan.Vectors(plan.StepsPerEpoch + 1));
    }

    [Fact]
    public void Not_a_number_in_the_vectors_is_a_numerical_failure()
    {
        var values = Read(Vectors);
        values[Inputs * 41 + 3] = float.NaN;
        var error = Assert.Throws<FoveaException>(() => Train(Small("topk"), new ArrayVectors(values, Inputs), TrainRows, ValidationRows));
        Assert.Equal(FailureKind.Numerical, error.Kind);
        Assert.Contains("Vector 41", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loss_that_is_not_a_number_is_a_numerical_failure()
    {
        var error = Assert.Throws<FoveaException>(
            () => Train(Small("l1") with { LearningRate = 1e30 }, Vectors, TrainRows, ValidationRows));
        Assert.Equal(FailureKind.Numerical, error.Kind);
        Assert.Contains("learning rate", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("l1")]
    [InlineData("jumprelu")]
    public void Every_latent_dead_is_a_numerical_failure(string variant)
    {
        var options = Small(variant).WithSparsity(1e4) with { Epochs = 40, LearningRate = 0.05 };
        var error = Assert.Throws<FoveaException>(() => Train(options, Vectors, TrainRows, ValidationRows));
        Assert.Equal(FailureKind.Numerical, error.Kind);
        Assert.Contains("dead", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_is_not_gone_on_from_on_other_vectors_of_the_same_number()
    {
        var options = Small("topk") with { CheckpointEverySteps = 5 };
        Assert.Throws<IOException>(() => Train(options, new FailingVectors(Vectors, 15), TrainRows, ValidationRows, _folder));
        float[] others = Read(Vectors);
        foreach (ref float value in others.AsSpan()) value *= 1.5f;
        var error = Assert.Throws<FoveaException>(
            () => Train(options, new ArrayVectors(others, Inputs), TrainRows, ValidationRows, _folder));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("other vectors", error.Message, StringComparison.Ordinal);
        using var resumed = Train(options, Vectors, TrainRows, ValidationRows, _folder);
    }

    [Fact]
    public void No_rows_is_a_data_error() =>
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => Train(Small("topk"), Vectors, [], ValidationRows)).Kind);

    [Theory]
    [MemberData(nameof(Samples.Variants), MemberType = typeof(Samples))]
    public void The_penalty_warms_up_from_above_zero_to_one(string variant)
    {
        var plan = new TrainingPlan(Small(variant) with { SparsityWarmup = 0.5, Epochs = 4 }, TrainRows, Inputs);
        Assert.InRange(plan.SparsityScale(0), 1e-6, 0.1);
        Assert.True(plan.SparsityScale(plan.WarmupSteps - 1) < 1);
        Assert.Equal(1, plan.SparsityScale(plan.WarmupSteps));
        Assert.Equal(1, new TrainingPlan(Small(variant) with { SparsityWarmup = 0 }, TrainRows, Inputs).SparsityScale(0));
    }

    internal static AutoencoderOptions Small(string variant)
    {
        double sparsity = variant.Contains("top", StringComparison.Ordinal) || variant.StartsWith("mat", StringComparison.Ordinal)
            || variant == "archetypal" ? 4 : 0.3;
        return Samples.Options(variant, 40).WithBandwidth(0.2)
            .WithSparsity(sparsity) with
        { Name = "small", BatchSize = 32, Epochs = 2, LearningRate = 3e-3 };
    }

    private static TrainedAutoencoder Train(
        AutoencoderOptions options, IVectorSource source, long[] train, long[] validation, string? resume = null,
            CancellationToken? stop = null) =>
        AutoencoderTrainer.Train(options, source, train, validation, resume, null, stop ?? TestContext.Current.CancellationToken);

    private static void TrainInto(string folder, AutoencoderOptions options, IVectorSource source, long[] train, long[] validation) =>
        AutoencoderTrainer.TrainInto(folder, options, source, train, validation, null, TestContext.Current.CancellationToken);

    /// <summary>Changes the tensors of the state that a training left, and its document where one is given.</summary>
    private void Rewrite(Func<Dictionary<string, Tensor>, IReadOnlyDictionary<string, Tensor>> change, string? document = null)
    {
        string path = Path.Combine(_folder, TrainingCheckpoint.FileName);
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors;
        Dictionary<string, string> metadata;
        using (var file = SafetensorsFile.Open(path))
        {
            tensors = file.Tensors.Keys.ToDictionary(name => name, file.ToTensor);
            metadata = file.Metadata.ToDictionary();
        }
        if (document is not null) metadata["training"] = document;
        Safetensors.Write(path, change(tensors), metadata);
    }

    private static float[] Read(IVectorSource source)
    {
        var values = new float[source.Count * source.Dimension];
        source.Read([.. Enumerable.Range(0, (int)source.Count).Select(row => (long)row)], values);
        return values;
    }

    /// <summary>A source whose n-th read fails.</summary>
    private sealed class FailingVectors(IVectorSource inner, int failAt, Action<int>? onRead = null) : IVectorSource
    {
        private int _reads;

        public string Identity => VectorIdentity.Of(inner);

        public int Dimension => inner.Dimension;

        public long Count => inner.Count;

        public void Read(ReadOnlySpan<long> rows, Span<float> destination)
        {
            int reads = Interlocked.Increment(ref _reads);
            onRead?.Invoke(reads);
            if (reads == failAt) throw new IOException("power cut");
            inner.Read(rows, destination);
        }
    }
}
