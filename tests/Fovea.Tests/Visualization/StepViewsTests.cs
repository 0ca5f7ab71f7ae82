using Fovea.Imaging;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;
using Fovea.Visualization.Transforms;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Visualization;

[Collection(TensorCounts.Name)]
public sealed class StepViewsTests : IDisposable
{
    private static readonly Preprocessing Input = Preprocessing.ImageNet(null, 32);
    private static readonly RenderOptions Bare = RenderPresets.Paper with { Steps = 4, TotalVariation = 0, Blur = 0, BatchSize = 4 };
    private readonly ImageModel _network = ImageModel.Create("small_cnn", 5, GradientFlow.Modified);

    public StepViewsTests() => _network.Initialise(3);

    public void Dispose() => _network.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_step_goes_along_the_mean_of_the_gradients_of_single_views(int views)
    {
        IObjective objective = Objective.Diverse(new UnitObjective("block3", [7, 7, 2, 2]), 0.5);
        RenderOptions options = Bare with { Views = views };
        var results = FeatureRenderer.Render(_network.With(Input), objective, options);
        var (pictures, curves) = Slowly(objective, options);
        for (int i = 0; i < 4; i++)
        {
            Assert.All(results[i].Curve.Zip(curves[i]), pair => Assert.Equal(pair.Second, pair.First, 1e-4));
            byte[] pixels = results[i].Picture.Pixels;
            double apart = Enumerable.Range(0, pixels.Length).Average(k => Math.Abs(pixels[k] - pictures[i][k]));
            // Adam turns a gradient that rounding makes 0 into half a step: a few pixels may differ, not the picture.
            Assert.InRange(apart, 0, 0.75);
        }
    }

    [Fact]
    public void One_view_is_what_a_recipe_without_the_word_makes_and_more_are_not()
    {
        var objective = new UnitObjective("block3", [7, 2]);
        RenderOptions options = RenderPresets.Paper with { Steps = 3, BatchSize = 2 };
        var plain = FeatureRenderer.Render(_network.With(Input), objective, options);
        var one = FeatureRenderer.Render(_network.With(Input), objective, options with { Views = 1 });
        var two = FeatureRenderer.Render(_network.With(Input), objective, options with { Views = 2 });
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(plain[i].Picture.Pixels, one[i].Picture.Pixels);
            Assert.NotEqual(plain[i].Picture.Pixels, two[i].Picture.Pixels);
            // Without transforms every view is the picture itself.
            Assert.Equal(Bare0(1)[i].Curve[0], Bare0(3)[i].Curve[0], 1e-5);
        }
        IReadOnlyList<RenderResult> Bare0(int views) =>
            FeatureRenderer.Render(_network.With(Input), objective, Bare with { Views = views, Transforms = [] });
    }

    [Fact]
    public void Views_do_not_depend_on_the_batch()
    {
        RenderOptions options = Bare with { Views = 3, Steps = 2 };
        var together = FeatureRenderer.Render(_network.With(Input), new UnitObjective("block3", [5, 6, 7]), options);
        var alone = FeatureRenderer.Render(_network.With(Input), new UnitObjective("block3", [7]), options with { BatchSize = 1 })[0];
        Assert.Equal(together[2].Curve[0], alone.Curve[0], 1e-5);
        Assert.Equal(together[2].Curve[1], alone.Curve[1], 1e-3);
    }

    [Fact]
    public void A_batch_counts_its_views()
    {
        using var network = ImageModel.Create("resnet18", 5, GradientFlow.Modified);
        int At(int views, long megabytes) => BatchBudget.Pictures(network, ["layer4"], 64, megabytes << 20, views);
        Assert.Equal([32, 16, 4, 1, 1], new[] { 1, 2, 8, 32, 100 }.Select(views => At(views, 1 << 20)));
        Assert.Equal(At(1, 64) / 2, At(2, 64));
        Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(() => (Bare with { Views = 0 }).Validate()).Kind);
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        var objective = new UnitObjective("block3", [5, 6]);
        RenderOptions options = Bare with { Views = 2, Steps = 2 };
        FeatureRenderer.Render(_network.With(Input), objective, options);
        long before = TensorCounts.Settled();
        FeatureRenderer.Render(_network.With(Input), objective, options);
        Assert.Equal(before, TensorCounts.Settled());
    }

    /// <summary>One view after the other, a backward pass each, their gradients averaged; Adam written out.</summary>
    private (byte[][] Pictures, double[][] Curves) Slowly(IObjective objective, RenderOptions options)
    {
        using var scope = NewDisposeScope();
        int count = objective.Keys.Count;
        CounterRandom Stream(int i, string purpose) =>
            new(options.Seed, $"visualize/{purpose}/block3", ((long)objective.Keys[i].Replica << 32) | (uint)objective.Keys[i].Unit);
        CounterRandom[][] streams =
            [.. Enumerable.Range(0, options.Views)
                .Select(view => Enumerable.Range(0, count).Select(i => Stream(i, view == 0 ? "view" : $"view-{view + 1}")).ToArray())];
        Tensor mean = tensor(Input.Mean, [1, 3, 1, 1]), std = tensor(Input.Std, [1, 3, 1, 1]);
        Tensor free = options.Parameterization.Start([.. Enumerable.Range(0, count).Select(i => Stream(i, "start"))], 32, 32);
        Tensor first = zeros_like(free), second = zeros_like(free);
        double[][] curves = [.. Enumerable.Range(0, count).Select(_ => new double[options.Steps])];
        using var frozen = new FrozenNetwork(_network);
        var taps = new ObjectiveTaps(_network, ["block3"]);
        for (int step = 0; step < options.Steps; step++)
        {
            Tensor gradient = zeros_like(free);
            foreach (CounterRandom[] own in streams)
            {
                Tensor leaf = free.clone().requires_grad_(true);
                Tensor view = new RandomAffine().Apply((options.Parameterization.ToRgb(leaf, 32, 32) - mean) / std, own);
                Tensor values = objective.Evaluate(taps.Run(view));
                gradient += autograd.grad([values.sum()], [leaf])[0] / streams.Length;
                for (int i = 0; i < count; i++) curves[i][step] += values[i].item<float>() / streams.Length;
            }
            first = 0.9 * first + 0.1 * gradient;
            second = 0.999 * second + 0.001 * gradient * gradient;
            free += options.LearningRate * (first / (1 - Math.Pow(0.9, step + 1))) / ((second / (1 - Math.Pow(0.999, step + 1))).sqrt()
                + 1e-8);
        }
        Tensor bytes = (options.Parameterization.ToRgb(free, 32, 32) * 255).round().to(uint8).permute(0, 2, 3, 1).contiguous();
        return ([.. Enumerable.Range(0, count).Select(i => bytes[i].data<byte>().ToArray())], curves);
    }
}
