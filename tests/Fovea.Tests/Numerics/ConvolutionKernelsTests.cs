using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Numerics;

/// <summary>Whatever processor runs this: what convolutions give once they were tried is right.</summary>
[Collection(TensorCounts.Name)]
public sealed class ConvolutionKernelsTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Convolutions_of_all_kinds_give_what_double_precision_gives(bool last)
    {
        Assert.Contains(ConvolutionKernels.Library, Enum.GetValues<ConvolutionLibrary>());
        foreach (int n in new[] { 1, 3 })
            foreach (int window in new[] { 1, 3, 5 })
                foreach (int step in new[] { 1, 2 })
                    foreach (int side in new[] { 1, 2, 5 })
                        foreach ((int channels, int outputs, int groups) in new[]
                            { (3, 64, 1), (32, 272, 1), (64, 320, 1), (256, 512, 1), (17, 40, 1), (24, 96, 1), (96, 96, 96), (64, 128, 2) })
                        {
                            if (window * window * channels * outputs > 400_000) continue;
                            using var scope = NewDisposeScope();
                            using var quiet = no_grad();
                            Tensor x = randn(n, channels, side, side), w = randn(outputs, channels / groups, window, window);
                            Tensor exact = Convolve(x.to(float64), w.to(float64)), found = Convolve(Laid(x), Laid(w));
                            double share = (found.to(float64) - exact).abs().max().item<double>() / exact.abs().max().item<double>();
                            Assert.True(share < 1e-5, $"{channels} to {outputs} in {groups}, window {window}, step {step}, {n} × {side} × {side}: {share}");

                            Tensor Laid(Tensor one) => last ? one.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : one;
                            Tensor Convolve(Tensor input, Tensor by) => nn.functional.conv2d(
                                input, by, null, [step, step], [window / 2, window / 2], [1, 1], groups);
                        }
    }

    [Fact]
    public void The_trial_leaves_no_tensor_and_no_generator_changed()
    {
        Assert.InRange(ConvolutionKernels.LargestDeviation(), 0, 1e-4);
        long before = TensorCounts.Settled();
        random.manual_seed(5);
        float wanted = rand(1).item<float>();
        random.manual_seed(5);
        Assert.InRange(ConvolutionKernels.LargestDeviation(), 0, 1e-4);
        Assert.Equal(wanted, rand(1).item<float>());
        Assert.Equal(before, TensorCounts.Settled());
    }

    /// <summary>With the plain loops a network gives the same answers: what is done where oneDNN is wrong works everywhere.</summary>
    [Fact]
    public void The_switch_is_libtorchs_own_and_what_runs_without_oneDNN_is_right()
    {
        ConvolutionLibrary found = ConvolutionKernels.Library;
        if (ConvolutionKernels.IsOneDnnOn is not { } on)
        {
            Assert.Skip("This libtorch does not have the switch.");
            return;
        }
        Assert.Equal(found == ConvolutionLibrary.OneDnn, on);
        try
        {
            Assert.True(ConvolutionKernels.Switch(oneDnn: false, nnPack: false));
            Assert.False(ConvolutionKernels.IsOneDnnOn);
            Assert.InRange(ConvolutionKernels.LargestDeviation(), 0, 1e-4);
        }
        finally
        {
            ConvolutionKernels.Switch(on, on);
        }
        Assert.Equal(on, ConvolutionKernels.IsOneDnnOn);
    }
}
