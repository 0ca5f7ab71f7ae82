using Fovea.Dictionaries;
using Fovea.Dictionaries.Kernels;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>
/// The step by libtorch's operations over active entries against the dense one with automatic gradients; on the CPU, in float64 to
/// rounding.
/// </summary>
public sealed class TensorStepTests
{
    private const int D = 13, N = 37, Rows = 50;

    public static TheoryData<string> Variants =>
        ["topk", "topk-twice", "batchtopk", "matryoshka", "l1", "l1-untied", "l1-plain", "l1-plain-untied", "archetypal"];

    [Theory]
    [MemberData(nameof(Variants))]
    public void Training_equals_the_dense_step(string variant)
    {
        foreach (double clip in (double[])[0, 0.7])
        {
            using SparseAutoencoder a = Create(variant, ScalarType.Float64), b = Create(variant, ScalarType.Float64);
            using IAutoencoderStep entries = new TensorStep(a) { GradientClip = clip }, dense = new DenseStep(b) { GradientClip = clip };
            Same(a, b, "start", 0);
            int revived = 0;
            for (int step = 0; step < 6; step++)
            {
                AutoencoderMetrics one = new(D, N), other = new(D, N);
                // Penalty and learning rate change from step to step as in a warm-up.
                foreach (var (train, metrics) in ((IAutoencoderStep, AutoencoderMetrics)[])[(entries, one), (dense, other)])
                    train.Train(Vectors(step), 0.7, 0.2 + 0.1 * step, 1e-3 * (step + 1), metrics);
                if (a.DeadLatents.Length > 0) revived++;
                AssertSame(other.Scores(), one.Scores(), 1e-11);
                Same(a, b, $"step {step}", 1e-10);
            }
            Assert.InRange(revived, 1, 5);
            var fresh = new ArrayVectors(Vectors(9), D);
            long[] rows = [.. Enumerable.Range(0, (int)fresh.Count).Select(row => (long)row)];
            AssertSame(DictionaryEvaluation.Scores(b, fresh, rows), DictionaryEvaluation.Scores(a, fresh, rows), 1e-11);
            using var scope = NewDisposeScope();
            IReadOnlyDictionary<string, Tensor> own = entries.ExportState(), automatic = dense.ExportState();
            Assert.Equal(automatic.Keys.Order(), own.Keys.Order());
            foreach (var (name, expected) in automatic)
            {
                Assert.True(name == DeadLatents.StateName
                    || expected.to_type(ScalarType.Float64).abs().max().item<double>() > 0, $"{name} is zero: nothing is compared");
                Assert.True(expected.allclose(own[name], 1e-9, 1e-14), name);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Gradients_in_float32_equal_automatic_ones(string variant)
    {
        using SparseAutoencoder a = Create(variant, ScalarType.Float32), b = Create(variant, ScalarType.Float32);
        using IAutoencoderStep entries = new TensorStep(a), dense = new DenseStep(b);
        AutoencoderMetrics one = new(D, N), other = new(D, N);
        entries.Train(Vectors(0), 0.7, 0.5, 1e-3, one);
        dense.Train(Vectors(0), 0.7, 0.5, 1e-3, other);
        AssertSame(other.Scores(), one.Scores(), 1e-5);
        using var scope = NewDisposeScope();
        var own = entries.ExportState();
        foreach (var (name, expected) in dense.ExportState().Where(pair => pair.Key.StartsWith("exp_avg.", StringComparison.Ordinal)))
        {
            double size = expected.abs().max().item<float>(), difference = (expected - own[name]).abs().max().item<float>();
            Assert.True(size > 0 && difference <= 2e-5 * size, $"{name}: {difference} of {size}");
        }
    }

    [Fact]
    public void A_batch_without_an_active_entry_trains_like_the_dense_step()
    {
        using SparseAutoencoder a = Create("topk", ScalarType.Float64), b = Create("topk", ScalarType.Float64);
        using IAutoencoderStep entries = new TensorStep(a), dense = new DenseStep(b);
        foreach (var (autoencoder, step) in ((SparseAutoencoder, IAutoencoderStep)[])[(a, entries), (b, dense)])
        {
            using (no_grad()) autoencoder.EncoderBias.fill_(-100);
            step.Train(Vectors(0), 1, 1, 1e-2, new AutoencoderMetrics(D, N));
        }
        Same(a, b, "empty", 1e-12);
    }

    [Theory]
    [InlineData("topk")]
    [InlineData("batchtopk")]
    public void State_goes_out_and_comes_back(string variant)
    {
        using SparseAutoencoder a = Create(variant, ScalarType.Float32), b = Create(variant, ScalarType.Float32);
        using TensorStep one = new(a), other = new(b);
        for (int i = 0; i < 3; i++) one.Train(Vectors(i), 1, 1, 1e-2, new AutoencoderMetrics(D, N));
        using (no_grad())
        {
            foreach (var (name, parameter) in a.Parameters) b.Parameters[name].copy_(parameter);
        }
        var state = one.ExportState();
        other.ImportState(state);
        foreach (var tensor in state.Values) tensor.Dispose();
        foreach (var step in (TensorStep[])[one, other]) step.Train(Vectors(7), 1, 1, 1e-2, new AutoencoderMetrics(D, N));
        foreach (var (name, parameter) in a.Parameters) Assert.Equal(parameter.bytes.ToArray(), b.Parameters[name].bytes.ToArray());
    }

    [Fact]
    public void Kernels_train_on_the_CPU_entries_elsewhere_and_the_dense_step_the_rest()
    {
        foreach (string variant in Samples.Variants.Select(row => row.Data))
        {
            using var autoencoder = Samples.Create(variant, D, N, ScalarType.Float32);
            using (var step = TrainingSession.Stepper(autoencoder))
                Assert.Equal(Samples.OfKernels.Any(row => row.Data == variant), step is SparseStep);
            using var elsewhere = TrainingSession.Stepper(autoencoder, withoutKernels: true);
            bool supported = Variants.Any(row => row.Data == variant);
            Assert.Equal(supported ? typeof(TensorStep) : typeof(DenseStep), elsewhere.GetType());
            Assert.Equal(supported, TensorStep.Supports(autoencoder));
            if (!supported) Assert.Throws<ArgumentException>(() => new TensorStep(autoencoder));
        }
    }

    [Fact]
    public void Sums_over_entries_equal_dense_products()
    {
        using var scope = NewDisposeScope();
        // Rows and latents without entries, at the ends too.
        var codes = Samples.Normal([8, 11], "codes", ScalarType.Float64).relu();
        foreach (int empty in (int[])[0, 5, 7]) codes[empty] = 0;
        foreach (int empty in (int[])[0, 4, 10]) codes.select(1, empty).zero_();
        Tensor rows = Samples.Normal([8, 6], "rows", ScalarType.Float64), directions = Samples.Normal(
            [11, 6], "directions", ScalarType.Float64);
        using var sums = new BagSums(6, ScalarType.Float64, CPU);
        var entries = EntrySums.Of(codes, sums);
        Assert.True(codes.mm(directions).allclose(entries.Decode(directions), 1e-12, 1e-12));
        Assert.True(codes.t().mm(rows).allclose(entries.ByLatent(rows, entries.Values), 1e-12, 1e-12));
        Assert.True(codes.sum([0L]).allclose(entries.ByLatent(entries.Values), 1e-12, 1e-12));
        var expected = rows.mm(directions.t()).masked_select(codes.ne(0));
        Assert.True(expected.shape[0] > 8);
        // One piece, pieces of two entries with a shorter last one, and single entries.
        foreach (long copied in (long[])[EntrySums.MostCopied, 12, 1])
            Assert.True(expected.allclose(entries.Products(rows, directions, copied), 1e-12, 1e-12));
    }

    /// <summary>Some latents have fired less than a batch ago and count as dead from the second step on.</summary>
    private static SparseAutoencoder Create(string variant, ScalarType dtype)
    {
        var autoencoder = Samples.Create(variant, D, N, dtype);
        autoencoder.AfterStep();
        // Without biases half of all vectors wake any latent: there every latent counts as dead.
        autoencoder.AuxiliaryLoss = new AuxiliaryLoss(0.25, 3, autoencoder.Biases ? Rows - 1 : -1);
        using var frozen = no_grad();
        if (autoencoder.Biases) autoencoder.EncoderBias.narrow(0, 5, 9).sub_(3.2);
        return autoencoder;
    }

    private static float[] Vectors(int item) => Samples.Vectors(Rows, D, ScalarType.Float32, item).data<float>().ToArray();

    private static void Same(SparseAutoencoder a, SparseAutoencoder b, string when, double tolerance)
    {
        using var scope = NewDisposeScope();
        foreach (var (name, parameter) in a.Parameters) Assert.True(
            b.Parameters[name].allclose(parameter, tolerance, tolerance), $"{name} at {when}");
    }

    private static void AssertSame(AutoencoderScores expected, AutoencoderScores actual, double tolerance)
    {
        Assert.Equal(expected.L0, actual.L0, 1e-9);
        Assert.Equal(expected.DeadFraction, actual.DeadFraction, 1e-9);
        Assert.Equal(expected.Reconstruction, actual.Reconstruction, expected.Reconstruction * tolerance);
        Assert.Equal(expected.Sparsity, actual.Sparsity, expected.Sparsity * tolerance + 1e-12);
        Assert.Equal(expected.Fvu, actual.Fvu, expected.Fvu * tolerance);
    }
}
