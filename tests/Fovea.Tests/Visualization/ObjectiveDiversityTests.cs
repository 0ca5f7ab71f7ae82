using Fovea.Tests.Dictionaries;
using Fovea.Visualization.Objectives;
using TorchSharp;
using Xunit;
using static Fovea.Tests.Visualization.ObjectiveChecks;
using static TorchSharp.torch;

namespace Fovea.Tests.Visualization;

public sealed class ObjectiveDiversityTests
{
    private const string Layer = "layer";
    private static readonly int[] Units = [8, 8, 8, 2, 2, 5];

    [Fact]
    public void The_gradient_equals_finite_differences()
    {
        CheckGradient(new DiversityObjective(Layer, Units), (Layer, [6, 3, 2, 2]));
        CheckGradient(new DiversityObjective(Layer, Units), (Layer, [6, 7, 1, 2]));
    }

    [Theory]
    [InlineData(3, 2, 2)] // by Gram matrices
    [InlineData(20, 2, 2)] // more channels than positions: by products of positions
    [InlineData(4, 1, 1)]
    public void The_value_equals_a_slow_loop_over_pairs(int channels, int height, int width)
    {
        using var scope = NewDisposeScope();
        Tensor activation = Samples.Normal([6, channels, height, width], "diversity", float64);
        double[] values = new DiversityObjective(Layer, Units).Values((Layer, activation));
        double[][] grams = [.. Enumerable.Range(0, 6).Select(i => Gram(activation[i]))];
        for (int i = 0; i < 6; i++)
        {
            double[] products =
                [.. Enumerable.Range(0, 6).Where(j => j != i && Units[j] == Units[i])
                    .Select(j => grams[i].Zip(grams[j], (a, b) => a * b).Sum())];
            Assert.Equal(products.Length == 0 ? 0 : -products.Average(), values[i], 1e-9);
        }
        // Lucid's figure for a batch of one feature: the pairs in both orders over the number of pictures, i.e. (K − 1) times ours.
        double lucid = 0;
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 3; j++) lucid += i == j ? 0 : grams[i].Zip(grams[j], (a, b) => a * b).Sum() / 3;
        }
        Assert.Equal(lucid, -2 * values[..3].Average(), 1e-9);
    }

    [Fact]
    public void Alike_pictures_score_lower_than_different_ones()
    {
        using var scope = NewDisposeScope();
        Tensor activation = Activation();
        var objective = new DiversityObjective(Layer, [1, 1]);
        double[] alike = objective.Values((Layer, cat([activation.narrow(0, 0, 1), activation.narrow(0, 0, 1) * 3])));
        double[] different = objective.Values((Layer, activation.narrow(0, 0, 2)));
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(-1, alike[i], 1e-9);
            Assert.InRange(different[i], -0.99, 0);
        }
    }

    [Fact]
    public void Pictures_of_other_features_change_neither_value_nor_gradient()
    {
        using var scope = NewDisposeScope();
        var objective = new DiversityObjective(Layer, Units);
        Tensor activation = Activation(), other = activation.clone();
        other.narrow(0, 3, 3).mul_(-5).add_(1);
        var (values, gradient) = Of(activation);
        var (changed, after) = Of(other);
        Assert.Equal(values[..3], changed[..3]);
        Assert.NotEqual(values[3], changed[3]);
        Assert.Equal(0, (gradient - after).narrow(0, 0, 3).abs().max().ToDouble());
        Assert.True((gradient - after).narrow(0, 3, 2).abs().max().ToDouble() > 1e-3);
        Assert.Equal(0, gradient[5].abs().max().ToDouble());

        (double[] Values, Tensor Gradient) Of(Tensor at)
        {
            Tensor leaf = at.clone().requires_grad_(true), figures = objective.Evaluate(leaf);
            return (figures.detach().data<double>().ToArray(), autograd.grad([figures.sum()], [leaf])[0]);
        }
    }

    [Fact]
    public void A_feature_and_its_diversity_are_cut_between_features_only()
    {
        IObjective objective = Objective.Diverse(new UnitObjective(Layer, Units), 10);
        Assert.Equal([true, false, false, true, false, true, true], Enumerable.Range(0, 7).Select(objective.CanSplitAt));
        Assert.Equal([2, 2, 5], objective.Slice(3, 3).Units);
        Assert.Contains("leave out", Assert.Throws<FoveaException>(() => objective.Slice(1, 2)).Message);
        IObjective batch = Objective.Each(new UnitObjective(Layer, [1, 2]), objective);
        Assert.Equal([true, true, true, false, false, true, false, true, true], Enumerable.Range(0, 9).Select(batch.CanSplitAt));
        Assert.Equal([8, 8, 2, 2], Objective.Repeat([8, 2], 2));
    }

    private static Tensor Activation() => Samples.Normal([6, 3, 2, 2], "diversity", float64);

    /// <summary>Σ over positions of a_c · a_d, at unit length.</summary>
    private static double[] Gram(Tensor activation)
    {
        int channels = (int)activation.shape[0];
        var gram = new double[channels * channels];
        for (int c = 0; c < channels; c++)
        {
            for (int d = 0; d < channels; d++) gram[c * channels + d] = (activation[c] * activation[d]).sum().ToDouble();
        }
        double length = Math.Sqrt(gram.Sum(x => x * x));
        return [.. gram.Select(x => x / length)];
    }
}
