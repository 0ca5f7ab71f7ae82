using Fovea.Tests.Autoencoders;
using Fovea.Visualization.Objectives;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Visualization;

public sealed class ObjectiveTests
{
    private const int Channels = 6, Latents = 10;

    [Theory]
    [InlineData(Reduction.Mean)]
    [InlineData(Reduction.Centre)]
    public void A_neurons_gradient_equals_finite_differences(Reduction reduction) =>
        CheckGradient(new UnitObjective("layer", [4, 0, 5], reduction));

    [Theory]
    [InlineData("l1", LatentTarget.PreActivation, Reduction.Mean)]
    [InlineData("topk", LatentTarget.PreActivation, Reduction.Centre)]
    [InlineData("jumprelu", LatentTarget.CosineDirection, Reduction.Mean)]
    [InlineData("topk", LatentTarget.CosineDirection, Reduction.Centre)]
    public void A_latents_gradient_equals_finite_differences(string variant, LatentTarget target, Reduction reduction)
    {
        using var autoencoder = Samples.Create(variant, Channels, Latents, float64);
        CheckGradient(new LatentObjective("layer", autoencoder, [9, 3, 0], target, reduction));
    }

    [Theory]
    [InlineData("l1")]
    [InlineData("l1-plain-untied")]
    [InlineData("topk")]
    [InlineData("jumprelu")]
    public void A_latents_value_is_its_pre_activation_and_its_peak_its_code(string variant)
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create(variant, Channels, Latents, float64);
        int[] latents = [2, 7, 4];
        var objective = new LatentObjective("layer", autoencoder, latents);
        Tensor activation = Samples.Normal([3, Channels, 4, 5], "activation", float64);
        double[] values = objective.Evaluate(activation).data<double>().ToArray(), peaks = objective.Peak(activation).data<double>().ToArray();
        Tensor before = autoencoder.PreActivationMap(activation), codes = autoencoder.EncodeMap(activation);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(before[i, latents[i]].mean().ToDouble(), values[i], 1e-10);
            Assert.Equal(codes[i, latents[i]].max().ToDouble(), peaks[i], 1e-10);
        }
    }

    [Fact]
    public void A_latent_that_is_off_still_has_a_gradient()
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create("topk", Channels, Latents, float64);
        var objective = new LatentObjective("layer", autoencoder, [.. Enumerable.Range(0, Latents)]);
        Tensor activation = Samples.Normal([Latents, Channels, 1, 1], "off", float64).requires_grad_(true);
        bool[] off = [.. objective.Peak(activation).data<double>().ToArray().Select(peak => peak == 0)];
        Assert.Contains(true, off);
        Tensor gradient = autograd.grad([objective.Evaluate(activation).sum()], [activation])[0].abs().sum([1, 2, 3]);
        Assert.All(gradient.data<double>().ToArray(), size => Assert.True(size > 1e-3));
        Assert.All(autoencoder.Parameters.Values, parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void Slices_judge_the_same_units()
    {
        using var scope = NewDisposeScope();
        var objective = new UnitObjective("layer", [4, 0, 5]);
        Tensor activation = Samples.Normal([3, Channels, 4, 5], "slices", float64);
        double[] whole = objective.Evaluate(activation).data<double>().ToArray();
        IObjective slice = objective.Slice(1, 2);
        Assert.Equal([0, 5], slice.Units);
        Assert.Equal(whole[1..], slice.Evaluate(activation.narrow(0, 1, 2)).data<double>().ToArray());
    }

    [Fact]
    public void A_vector_layer_is_a_map_of_one_position_and_missing_units_are_refused()
    {
        using var scope = NewDisposeScope();
        Tensor activation = Samples.Normal([2, Channels], "vectors", float64);
        double[] values = new UnitObjective("fc", [1, 3]).Evaluate(activation).data<double>().ToArray();
        Assert.Equal([activation[0, 1].ToDouble(), activation[1, 3].ToDouble()], values);
        Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(() => new UnitObjective("fc", [0, 6]).Evaluate(activation)).Kind);
        using var autoencoder = Samples.Create("topk", Channels, Latents, float64);
        Assert.Contains("10", Assert.Throws<FoveaException>(() => new LatentObjective("fc", autoencoder, [10])).Message);
    }

    private static void CheckGradient(IObjective objective)
    {
        using var scope = NewDisposeScope();
        Tensor activation = Samples.Normal([3, Channels, 3, 4], "gradient", float64).requires_grad_(true);
        double[] gradient = autograd.grad([objective.Evaluate(activation).sum()], [activation])[0].contiguous().data<double>().ToArray();
        double[] at = activation.detach().data<double>().ToArray();
        const double h = 1e-5;
        for (int k = 0; k < at.Length; k += 3)
        {
            double slope = (Value(k, h) - Value(k, -h)) / (2 * h);
            Assert.Equal(slope, gradient[k], 1e-6);
        }
        double Value(int k, double shift)
        {
            double[] moved = [.. at];
            moved[k] += shift;
            using var inner = NewDisposeScope();
            return objective.Evaluate(tensor(moved, activation.shape)).sum().ToDouble();
        }
    }
}
