using Fovea.Visualization;
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

    [Fact]
    public void Distances_of_a_known_picture()
    {
        using var scope = NewDisposeScope();
        Tensor one = tensor([0.5, 1, 0, 0.25], [1, 1, 2, 2]), two = cat([one, full_like(one, 0.5)]);
        Assert.Equal([1.25, 0], Distance.L1(two).data<double>().ToArray());
        Assert.Equal([0.5625, 0], Distance.L2(two).data<double>().ToArray());
        Assert.Equal([0, 1.25], Distance.L1(two, one).data<double>().ToArray());
        Assert.Equal([0, 0.5625], Distance.L2(two, one).data<double>().ToArray());
    }

    [Fact]
    public void The_boundary_penalty_equals_a_loop_over_the_frame()
    {
        using var scope = NewDisposeScope();
        const int height = 11, width = 9, frame = 3;
        Tensor images = rand([2, 3, height, width], float64);
        double[] actual = Boundary.PerImage(images, frame).data<double>().ToArray();
        for (int n = 0; n < 2; n++)
        {
            double expected = 0;
            for (int c = 0; c < 3; c++)
            {
                double[] plane = images[n, c].contiguous().data<double>().ToArray();
                for (int y = 0; y < height; y++)
                {
                    for (int x = 0; x < width; x++)
                    {
                        if (y >= frame && y < height - frame && x >= frame && x < width - frame) continue;
                        double sum = 0, weights = 0;
                        for (int dy = -2; dy <= 2; dy++)
                        {
                            for (int dx = -2; dx <= 2; dx++)
                            {
                                if (y + dy < 0 || y + dy >= height || x + dx < 0 || x + dx >= width) continue;
                                double weight = Math.Max(Math.Abs(dy), Math.Abs(dx)) == 2 ? 0.5 : 1;
                                (sum, weights) = (sum + weight * plane[(y + dy) * width + x + dx], weights + weight);
                            }
                        }
                        double own = plane[y * width + x];
                        expected += Math.Pow(own - sum / weights, 2) + 0.8 * Math.Pow(own - 0.5, 2);
                    }
                }
            }
            Assert.Equal(expected, actual[n], 1e-10);
        }
        Assert.Equal(0, Boundary.PerImage(full([1, 3, 8, 8], 0.5, float64), 2).ToDouble(), 1e-12);
    }

    [Fact]
    public void Penalties_are_weighted_and_summed_and_start_pictures_are_their_reference()
    {
        using var scope = NewDisposeScope();
        Tensor rgb = rand([2, 3, 6, 6], float64), anchor = rand([2, 3, 6, 6], float64);
        var options = new RenderOptions { TotalVariation = 2, L1 = 3, L2 = 5, Boundary = 7, BoundaryWidth = 1 };
        double expected =
            (2 * TotalVariation.PerImage(rgb) + 3 * Distance.L1(rgb, anchor) + 5 * Distance.L2(rgb, anchor)
                + 7 * Boundary.PerImage(rgb, 1)).sum().ToDouble();
        Assert.Equal(expected, Penalties.Of(options, rgb, anchor)!.ToDouble(), 1e-9);
        Assert.NotEqual(expected, Penalties.Of(options, rgb, null)!.ToDouble(), 1e-3);
        Assert.Null(Penalties.Of(new RenderOptions { TotalVariation = 0 }, rgb, anchor));
    }

    [Fact]
    public void The_blur_runs_on_a_straight_line_to_its_last_value()
    {
        var options = new RenderOptions { Steps = 5, Blur = 1, FinalBlur = 0 };
        Assert.Equal([1, 0.75, 0.5, 0.25, 0], Enumerable.Range(0, 5).Select(options.BlurAt));
        Assert.Equal(0.3, new RenderOptions().BlurAt(150));
    }
}
