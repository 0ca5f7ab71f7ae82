using Fovea.Models.Graph;
using Fovea.Models.Torch;
using Fovea.Numerics;
using Fovea.Tests.Dictionaries;
using Xunit;
using static Fovea.Tests.FastPathRuns;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Torch;

/// <summary>Against libtorch's own convolution in double precision, which oneDNN has no part in.</summary>
public sealed class DepthwiseConvolutionTests
{
    [Theory]
    [InlineData(3, 3, 1, 1, 1, 1, 12, 9)]
    [InlineData(3, 3, 2, 1, 1, 1, 13, 8)]
    [InlineData(5, 3, 1, 2, 0, 2, 14, 11)]
    [InlineData(7, 7, 1, 1, 3, 1, 7, 7)]
    [InlineData(2, 1, 3, 2, 0, 3, 10, 10)]
    public void Values_and_derivatives_are_the_convolutions(int high, int wide, int down, int across, int padding, int dilation, int rows, int columns)
    {
        foreach (bool last in new[] { false, true })
        {
            using var scope = NewDisposeScope();
            var attributes = new OperatorAttributes
            {
                ["stride"] = new long[] { down, across },
                ["padding"] = new long[] { padding, padding + 1 },
                ["dilation"] = new long[] { dilation, 1 },
                ["groups"] = 6L,
            };
            var node = new GraphNode(Operators.Conv2d, attributes, ["x", "w", "b"], ["y"]);
            Tensor images = Samples.Normal([3, 6, rows, columns], "depthwise/x", ScalarType.Float32);
            Tensor x = (last ? ChannelsLast.Of(images) : images).detach().requires_grad_(true);
            Tensor weight = Samples.Normal([6, 1, high, wide], "depthwise/w", ScalarType.Float32).requires_grad_(true);
            Tensor bias = Samples.Normal([6], "depthwise/b", ScalarType.Float32).requires_grad_(true);
            Assert.True(DepthwiseConvolution.Is(node, x, weight));
            Tensor[] exact = [.. new[] { images, weight, bias }.Select(one => one.detach().to(float64).requires_grad_(true))];
            Tensor Exact() => nn.functional.conv2d(
                exact[0], exact[1], exact[2], [down, across], [padding, padding + 1], [dilation, 1], groups: 6);
            Tensor Own() => DepthwiseConvolution.Run(node, x, weight, bias);
            Tensor expected = Exact(), actual = Own();
            PlainRun.Close(expected.to(float32), actual, "values");
            Tensor seed = Samples.Normal(expected.shape, "depthwise/seed", ScalarType.Float32);
            Tensor[] own = [x, weight, bias];
            for (int i = 0; i < own.Length; i++)
                PlainRun.Close(
                    Gradients.Pull(Exact(), exact[i], seed.to(float64)).to(float32), Gradients.Pull(Own(), own[i], seed), $"derivative {i}");
            using (no_grad())
                PlainRun.Close(DepthwiseConvolution.Run(node, x, weight, null), actual - bias.reshape(1, 6, 1, 1), "without a bias");
        }
    }

    [Fact]
    public void It_is_taken_where_libtorch_has_no_kernel_of_its_own_and_for_nothing_else()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = PlainRun.Trained("mobilenet_v2");
        Tensor x = Samples.Normal([2, 3, 32, 32], "depthwise", ScalarType.Float32);
        long depthwise = ConvolutionKernels.Library == ConvolutionLibrary.Plain ? 17 : 0;
        Assert.Equal(depthwise, TimesRun(FastPath.DepthwiseSum, () => model.Forward(x)));
        using var other = PlainRun.Trained("resnet18");
        Assert.Equal(0, TimesRun(FastPath.DepthwiseSum, () => other.Forward(x)));
        // Two channels a group, two outputs a channel, windows of one place, and one that does not fit.
        Tensor maps = Samples.Normal([1, 4, 5, 5], "depthwise/maps", ScalarType.Float32);
        bool Is(int groups, params long[] weight) => DepthwiseConvolution.Is(
            new GraphNode(Operators.Conv2d, new OperatorAttributes { ["groups"] = (long)groups }, ["x", "w"], ["y"]), maps, ones(weight));
        Assert.True(Is(4, 4, 1, 3, 3));
        Assert.False(Is(2, 4, 2, 3, 3) || Is(4, 8, 1, 3, 3) || Is(4, 4, 1, 1, 1) || Is(4, 4, 1, 7, 3));
    }
}
