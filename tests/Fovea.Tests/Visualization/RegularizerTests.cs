using Fovea.Visualization.Regularizers;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Visualization;

public sealed class RegularizerTests
{
    [Fact]
    public void Total_variation_of_a_known_picture()
    {
        using var scope = NewDisposeScope();
        // Differences down: |4−1| + |3−0| + |2−2|; to the right: |0−1| + |2−0| + |3−4| + |2−3|.
        Tensor one = tensor(new float[] { 1, 0, 2, 4, 3, 2 }, [1, 1, 2, 3]);
        Assert.Equal(3 + 3 + 0 + 1 + 2 + 1 + 1, TotalVariation.PerImage(one).item<float>());
        Tensor batch = cat([one, one * 2, ones_like(one)]).expand(3, 1, 2, 3);
        Assert.Equal([11f, 22f, 0f], TotalVariation.PerImage(batch).data<float>().ToArray());
    }

    [Fact]
    public void The_kernel_at_the_papers_sigma_moves_four_thousandths_to_each_neighbour()
    {
        double[] taps = GaussianBlur.Kernel(0.3);
        double side = Math.Exp(-1 / (2 * 0.09));
        Assert.Equal(3, taps.Length);
        Assert.Equal(side / (1 + 2 * side), taps[0], 1e-15);
        Assert.Equal(1, taps.Sum(), 1e-15);
        Assert.Equal(13, GaussianBlur.Kernel(2).Length);
    }

    [Fact]
    public void An_impulse_becomes_the_kernel_and_a_constant_stays()
    {
        using var scope = NewDisposeScope();
        double[] taps = GaussianBlur.Kernel(0.8);
        int radius = taps.Length / 2;
        Tensor impulse = zeros([2, 3, 9, 9], float64);
        impulse[1, 2, 4, 4] = tensor(1.0);
        Tensor blurred = GaussianBlur.Apply(impulse, 0.8);
        for (int y = 0; y < 9; y++)
        {
            for (int x = 0; x < 9; x++)
            {
                double expected = Math.Abs(y - 4) <= radius && Math.Abs(x - 4) <= radius ? taps[y - 4 + radius] * taps[x - 4 + radius] : 0;
                Assert.Equal(expected, blurred[1, 2, y, x].ToDouble(), 1e-14);
            }
        }
        Assert.Equal(0, blurred[0].abs().sum().ToDouble());
        Assert.True(GaussianBlur.Apply(full([1, 3, 5, 5], 0.7, float64), 1.5).allclose(full([1, 3, 5, 5], 0.7, float64)));
    }
}
