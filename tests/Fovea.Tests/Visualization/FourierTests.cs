using Fovea.Numerics;
using Fovea.Visualization.Parameterizations;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Visualization;

public sealed class FourierTests
{
    [Theory]
    [InlineData(6, 8, 1.0)]
    [InlineData(5, 7, 1.0)]
    [InlineData(6, 7, 1.5)]
    [InlineData(5, 8, 0.5)]
    public void Every_coefficient_is_a_wave_of_lucids_strength(int height, int width, double decay)
    {
        var fourier = new FourierPixels { Decay = decay };
        double[,] colours = ColourStatistics.ImageNet.NormalizedRoot(ColourRoot.PrincipalAxes);
        int columns = width / 2 + 1;
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                for (int part = 0; part < 2; part++)
                {
                    using var scope = NewDisposeScope();
                    int coordinate = (row + column) % 3;
                    var free = new double[3 * height * columns * 2];
                    free[((coordinate * height + row) * columns + column) * 2 + part] = 0.3;
                    double[] logits = fourier.ToRgb(tensor(free, [1, 3, height, columns, 2]), height, width).logit().contiguous()
                        .data<double>().ToArray();
                    // lucid: scale × √(wh) with the inverse transform's 1/(wh), then a quarter.
                    double fy = (row <= (height - 1) / 2 ? row : row - height) / (double)height, fx = column / (double)width;
                    double scale = 1 / Math.Pow(Math.Max(Math.Sqrt(fx * fx + fy * fy), 1.0 / Math.Max(width, height)), decay) * Math.Sqrt(
                        width * height);
                    double twice = column == 0 || (width % 2 == 0 && column == width / 2) ? 1 : 2;
                    for (int y = 0; y < height; y++)
                    {
                        for (int x = 0; x < width; x++)
                        {
                            double angle = 2 * Math.PI * (row * y / (double)height + column * x / (double)width);
                            // In the columns that stand for themselves the imaginary part is that of the row transform alone.
                            double wave = part == 0 ? Math.Cos(angle) : -Math.Sin(angle);
                            double t = 0.3 * scale * twice * wave / (width * height) / 4;
                            for (int c = 0; c < 3; c++)
                                Assert.Equal(colours[c, coordinate] * t, logits[(c * height + y) * width + x], 1e-9);
                        }
                    }
                }
            }
        }
    }

    [Fact]
    public void The_start_is_lucids_noise()
    {
        using var scope = NewDisposeScope();
        Tensor start = new FourierPixels().Start([new CounterRandom(1, "start", 0)], 64, 63);
        Assert.Equal([1, 3, 64, 32, 2], start.shape);
        Assert.Equal(0.01, start.std().ToDouble(), 3e-4);
        Assert.Equal(0, start.mean().ToDouble(), 3e-4);
    }
}
