using Fovea.Dictionaries;
using Fovea.Dictionaries.Kernels;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>
/// Clipping by the norm of all gradients: the two steps against each other and against the norm of their own unclipped gradients.
/// </summary>
public sealed class GradientClippingTests
{
    private const int D = 33, N = 100, Rows = 150;

    [Theory]
    [InlineData(0.5, 2, 0.5)]
    [InlineData(5, 2, 2)]
    [InlineData(1, 2, 1)]
    [InlineData(1, 0, 0)]
    public void The_factor_brings_a_longer_norm_to_the_limit(double limit, double norm, double after) =>
        Assert.Equal(after, norm * GradientClipping.Factor(norm * norm, limit), 1e-12);

    [Theory]
    [MemberData(nameof(Samples.OfKernels), MemberType = typeof(Samples))]
    public void Both_steps_shrink_every_gradient_by_the_same_factor(string variant)
    {
        using var scope = NewDisposeScope();
        const double limit = 0.7;
        IReadOnlyDictionary<string, Tensor> dense = Gradients(variant, limit, sparse: false), sparse = Gradients(
            variant, limit, sparse: true);
        IReadOnlyDictionary<string, Tensor> free = Gradients(variant, 0, sparse: false), freeSparse = Gradients(variant, 0, sparse: true);
        double norm = Norm(free);
        Assert.True(norm > 2 * limit, $"a limit of {limit} does not bind a norm of {norm}");
        Assert.Equal(limit, Norm(dense), limit * 1e-5);
        Assert.Equal(limit, Norm(sparse), limit * 1e-5);
        foreach (string name in free.Keys)
        {
            double size = free[name].abs().max().item<float>() * limit / norm;
            Assert.True(size > 0, $"{name} has no gradient: nothing is compared");
            foreach (var expected in (Tensor[])[free[name] * (limit / norm), freeSparse[name] * (limit / norm), dense[name]])
                Assert.True((expected - sparse[name]).abs().max().item<float>() <= 2e-5 * size, $"{name} differs");
        }
    }

    [Theory]
    [InlineData("topk")]
    [InlineData("gated")]
    [InlineData("l1")]
    public void A_limit_that_does_not_bind_changes_no_bit(string variant)
    {
        using var scope = NewDisposeScope();
        foreach (bool sparse in (bool[])[false, true])
        {
            IReadOnlyDictionary<string, Tensor> free = Gradients(variant, 0, sparse), wide = Gradients(variant, 1e6, sparse);
            foreach (string name in free.Keys) Assert.True(free[name].Equals(wide[name]), name);
        }
    }

    [Theory]
    [InlineData("topk")]
    [InlineData("gated")]
    [InlineData("l1")]
    public void Gradients_of_dead_latents_count_too(string variant)
    {
        using var scope = NewDisposeScope();
        // In the second step every latent counts as dead, silent or not; a step's gradients are a tenth of the moment they are added to.
        IReadOnlyDictionary<string, Tensor> dense = Gradients(variant, 0.7, sparse: false, revived: true), sparse = Gradients(
            variant, 0.7, sparse: true, revived: true);
        IReadOnlyDictionary<string, Tensor> first = Gradients(variant, 0.7, sparse: true);
        Assert.Equal(0.7, Norm(sparse.Keys.ToDictionary(name => name, name => sparse[name] - first[name] * 0.9)), 1e-4);
        foreach (string name in dense.Keys)
            Assert.True((dense[name] - sparse[name]).abs().max().item<float>() <= 2e-5 * dense[name].abs().max()
                .item<float>(), $"{name} differs");
    }

    /// <summary>
    /// The gradients that Adam saw in the first step: ten times its first moment. With <paramref name="revived"/> a second step is added,
    /// with AuxK.
    /// </summary>
    private static Dictionary<string, Tensor> Gradients(string variant, double limit, bool sparse, bool revived = false)
    {
        using var autoencoder = Samples.Create(variant, D, N, ScalarType.Float32);
        autoencoder.AfterStep();
        autoencoder.AuxiliaryLoss = new AuxiliaryLoss(0.25, 3, -1);
        using IAutoencoderStep step = sparse ? new SparseStep(autoencoder, autoencoder.Rule()!) : new DenseStep(autoencoder);
        step.GradientClip = limit;
        step.Train(Vectors(0), 1, 1, 1e-12, new AutoencoderMetrics(D, N));
        if (revived) step.Train(Vectors(1), 1, 1, 1e-12, new AutoencoderMetrics(D, N));
        return step.ExportState().Where(pair => pair.Key.StartsWith("exp_avg.", StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key, pair => pair.Value * 10, StringComparer.Ordinal);
    }

    private static double Norm(IReadOnlyDictionary<string, Tensor> gradients) =>
        Math.Sqrt(gradients.Values.Sum(gradient => gradient.to_type(ScalarType.Float64).square().sum().item<double>()));

    private static float[] Vectors(int item) => Samples.Vectors(Rows, D, ScalarType.Float32, item).data<float>().ToArray();
}
