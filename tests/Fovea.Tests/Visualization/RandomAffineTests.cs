using Fovea.Numerics;
using Fovea.Visualization.Transforms;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Visualization;

public sealed class RandomAffineTests
{
    [Fact]
    public void Views_equal_a_slow_pixel_by_pixel_reference()
    {
        using var scope = NewDisposeScope();
        var affine = new RandomAffine();
        const int height = 9, width = 13;
        var random = new CounterRandom(5, "affine", 0);
        AffineDraw[] draws = [.. Enumerable.Range(0, 6).Select(_ => affine.Draw(random))];
        Assert.Contains(draws, draw => draw.Flip);
        Assert.Contains(draws, draw => !draw.Flip);
        Tensor images = rand([6, 2, height, width], float64);
        Tensor views = affine.Apply(images, draws);
        for (int i = 0; i < 6; i++)
        {
            for (int c = 0; c < 2; c++)
            {
                double[] picture = images[i, c].contiguous().data<double>().ToArray();
                for (int y = 0; y < height; y++)
                {
                    for (int x = 0; x < width; x++)
                        Assert.Equal(Reference(picture, height, width, draws[i], y, x), views[i, c, y, x].ToDouble(), 1e-9);
                }
            }
        }
    }

    [Fact]
    public void The_identity_a_flip_and_a_whole_pixel_shift_are_exact()
    {
        using var scope = NewDisposeScope();
        var affine = new RandomAffine();
        Tensor image = arange(12, float64).reshape(1, 1, 3, 4) + 1;
        Assert.True(affine.Apply(image, [new AffineDraw(1, 0, 0, 0, false)]).allclose(image));
        Assert.True(affine.Apply(image, [new AffineDraw(1, 0, 0, 0, true)]).allclose(image.flip(3)));
        double[] right = affine.Apply(image, [new AffineDraw(1, 0, 0.25, 0, false)]).data<double>().ToArray();
        double[] expected = [0, 1, 2, 3, 0, 5, 6, 7, 0, 9, 10, 11];
        for (int i = 0; i < 12; i++) Assert.Equal(expected[i], right[i], 1e-12);
    }

    [Fact]
    public void Draws_stay_in_the_papers_ranges_and_fill_them()
    {
        var affine = new RandomAffine();
        var random = new CounterRandom(2, "ranges", 0);
        AffineDraw[] draws = [.. Enumerable.Range(0, 4000).Select(_ => affine.Draw(random))];
        Within(draws.Select(draw => draw.Scale), 0.8, 1.2);
        Within(draws.Select(draw => draw.Degrees), -15, 15);
        Within(draws.Select(draw => draw.ShiftX), -0.2, 0.2);
        Within(draws.Select(draw => draw.ShiftY), -0.2, 0.2);
        Assert.InRange(draws.Count(draw => draw.Flip) / 4000.0, 0.46, 0.54);
    }

    private static void Within(IEnumerable<double> values, double low, double high)
    {
        double[] all = [.. values];
        Assert.InRange(all.Min(), low, low + 0.01 * (high - low));
        Assert.InRange(all.Max(), high - 0.01 * (high - low), high);
        Assert.Equal((low + high) / 2, all.Average(), 0.02 * (high - low));
    }

    /// <summary>Where pixel (y, x) of the view comes from: undo shift, scale, rotation and flip about the centre, in pixels.</summary>
    private static double Reference(double[] picture, int height, int width, AffineDraw draw, int y, int x)
    {
        double dx = x + 0.5 - width / 2.0 - draw.ShiftX * width, dy = y + 0.5 - height / 2.0 - draw.ShiftY * height;
        double angle = draw.Degrees * Math.PI / 180;
        double u = (Math.Cos(angle) * dx + Math.Sin(angle) * dy) / draw.Scale, v =
            (-Math.Sin(angle) * dx + Math.Cos(angle) * dy) / draw.Scale;
        if (draw.Flip) u = -u;
        double sx = u + width / 2.0 - 0.5, sy = v + height / 2.0 - 0.5;
        int x0 = (int)Math.Floor(sx), y0 = (int)Math.Floor(sy);
        double fx = sx - x0, fy = sy - y0;
        return (1 - fy) * ((1 - fx) * At(y0, x0) + fx * At(y0, x0 + 1)) + fy * ((1 - fx) * At(y0 + 1, x0) + fx * At(y0 + 1, x0 + 1));
        double At(int row, int column) => row < 0 || column < 0 || row >= height || column >= width ? 0 : picture[row * width + column];
    }
}
