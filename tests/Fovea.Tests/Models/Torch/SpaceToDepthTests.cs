using Fovea.Models.Graph;
using Fovea.Models.Torch;
using Fovea.Numerics;
using Fovea.Tests.Dictionaries;
using Xunit;
using static Fovea.Tests.FastPathRuns;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Torch;

public sealed class SpaceToDepthTests
{
    [Theory]
    [InlineData(7, 7, 3, 3, 32, 32)]
    [InlineData(7, 7, 3, 3, 33, 31)]
    [InlineData(5, 7, 0, 2, 20, 27)]
    [InlineData(6, 5, 2, 1, 19, 16)]
    [InlineData(11, 11, 2, 2, 35, 40)]
    public void Values_and_derivatives_are_the_convolutions(int high, int wide, int down, int across, int rows, int columns)
    {
        using var scope = NewDisposeScope();
        var attributes = new OperatorAttributes { ["stride"] = new long[] { 2, 2 }, ["padding"] = new long[] { down, across } };
        var node = new GraphNode(Operators.Conv2d, attributes, ["x", "w", "b"], ["y"]);
        Tensor x = Samples.Normal([2, 3, rows, columns], "blocks/x", ScalarType.Float32).requires_grad_(true);
        Tensor weight = Samples.Normal([8, 3, high, wide], "blocks/w", ScalarType.Float32), bias = Samples.Normal(
            [8], "blocks/b", ScalarType.Float32);
        Assert.True(SpaceToDepth.Serves(node, x, weight));
        Tensor expected = nn.functional.conv2d(x, weight, bias, [2, 2], [down, across]);
        Tensor actual = SpaceToDepth.Run(node, x, SpaceToDepth.Weight(weight), bias, (high, wide));
        PlainRun.Close(expected, actual, "values");
        Tensor seed = Samples.Normal(expected.shape, "blocks/seed", ScalarType.Float32);
        PlainRun.Close(Gradients.Pull(expected, x, seed), Gradients.Pull(actual, x, seed), "derivative");
    }

    [Fact]
    public void It_is_taken_for_the_images_derivative_alone()
    {
        using var scope = NewDisposeScope();
        using var model = PlainRun.Trained("resnet18");
        Tensor x = Samples.Normal([2, 3, 64, 64], "blocks", ScalarType.Float32);
        using (no_grad()) Assert.Equal(0, TimesRun(FastPath.SpaceToDepth, () => model.Forward(x)));
        Assert.Equal(1, TimesRun(FastPath.SpaceToDepth, () => model.Forward(x.alias().requires_grad_(true))));
        model.SetTrainable(true);
        Assert.Equal(0, TimesRun(FastPath.SpaceToDepth, () => model.Forward(x.alias().requires_grad_(true))));
        using var small = PlainRun.Trained("mobilenet_v2");
        Assert.Equal(0, TimesRun(FastPath.SpaceToDepth, () => small.Forward(x.alias().requires_grad_(true))));
    }
}
