using System.Numerics;
using Fovea.Numerics;
using Fovea.Tests.Interpretation;
using Fovea.Visualization.Parameterizations;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Visualization;

public sealed class MacoTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-maco-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(8, 6)]
    [InlineData(7, 5)]
    [InlineData(8, 5)]
    [InlineData(7, 6)]
    public void Magnitudes_are_the_templates_whatever_the_phases(int height, int width)
    {
        using var scope = NewDisposeScope();
        var maco = new Maco();
        double[] template = maco.Spectrum.At(height, width);
        Tensor rgb = maco.ToRgb(
            maco.Start([new CounterRandom(1, "a", 0), new CounterRandom(2, "b", 0)], height, width).to(float64), height, width);
        Tensor standard = Decorrelated(rgb, height, width);
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(0, standard[i].mean().ToDouble(), 1e-6);
            Assert.Equal(1, standard[i].square().mean().sqrt().ToDouble(), 1e-3);
            double[] magnitudes = fft.rfft2(standard[i], norm: FFTNormType.Ortho).abs().contiguous().data<double>().ToArray();
            // The picture's factor is that of any wave; constants are none.
            double factor = magnitudes[1] / template[1];
            int plane = template.Length / 3;
            for (int k = 0; k < template.Length; k++)
            {
                double expected = k % plane == 0 ? 0 : factor * template[k];
                Assert.Equal(expected, magnitudes[k], 1e-6 * factor * template[k] + 1e-9);
            }
        }
        Assert.True((rgb[0] - rgb[1]).abs().mean().ToDouble() > 0.01);
    }

    [Fact]
    public void An_images_phases_are_kept()
    {
        using var scope = NewDisposeScope();
        var maco = new Maco();
        Tensor rgb = rand([1, 3, 9, 10], float64) * 0.9 + 0.05;
        Tensor made = Decorrelated(maco.ToRgb(maco.FromRgb(rgb), 9, 10), 9, 10), own = Decorrelated(rgb, 9, 10);
        Tensor turned = fft.rfft2(made) * fft.rfft2(own).conj().resolve_conj();
        double[] angles = turned.angle().contiguous().data<double>().ToArray();
        for (int k = 0; k < angles.Length; k++)
        {
            if (k % (angles.Length / 3) != 0) Assert.Equal(0, angles[k], 1e-6);
        }
    }

    [Fact]
    public void A_measured_spectrum_equals_a_slow_transform_of_decorrelated_colours()
    {
        const int size = 5;
        using var source = new NoisePictures(3, size, size);
        var colours = ColourStatistics.Measure(source, 0, 1, TestContext.Current.CancellationToken);
        double[] measured = SpectrumTemplate.Measure(
            source, size, colours, images: 0, cancellationToken: TestContext.Current.CancellationToken).At(size, size);
        double[,] l = colours.Cholesky();
        for (int k = 0; k < measured.Length; k++)
        {
            int channel = k / (size * 3), ky = k / 3 % size, kx = k % 3;
            double mean = 0;
            for (int i = 0; i < 3; i++)
            {
                byte[] pixels = source.Read(i).Pixels;
                Complex sum = 0;
                for (int p = 0; p < size * size; p++)
                {
                    // Forward substitution through the triangular factor.
                    var t = new double[3];
                    for (int c = 0; c < 3; c++)
                    {
                        t[c] = pixels[p * 3 + c] / 255.0 - colours.Mean[c];
                        for (int d = 0; d < c; d++) t[c] -= l[c, d] * t[d];
                        t[c] /= l[c, c];
                    }
                    sum += t[channel] * Complex.Exp(new Complex(0, -2 * Math.PI * (ky * (p / size) + kx * (p % size)) / size));
                }
                mean += sum.Magnitude / size / 3;
            }
            Assert.Equal(mean, measured[k], 1e-9);
        }
    }

    [Fact]
    public void Another_size_reads_the_same_cycles_a_pixel_and_a_file_gives_the_same_template()
    {
        using var source = new NoisePictures(20, 16, 16);
        var template = SpectrumTemplate.Measure(source, 8, images: 6, seed: 2, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(6, template.Images);
        double[] own = template.At(8, 8), fine = template.At(16, 24), coarse = template.At(7, 5);
        for (int k = 0; k < own.Length; k++)
        {
            int channel = k / 40, row = k / 5 % 8, column = k % 5;
            Assert.Equal(own[k], fine[(channel * 16 + 2 * row) * 13 + 3 * column], 1e-12);
        }
        Assert.Equal(3 * 7 * 3, coarse.Length);
        Assert.All(coarse, value => Assert.InRange(value, own.Min(), own.Max()));
        string path = Path.Combine(_folder, "spectrum.json");
        template.Save(path);
        Assert.Equal(own, SpectrumTemplate.Load(path).At(8, 8));
        SpectrumTemplate.Radial(1.2).Save(path);
        Assert.Equal(SpectrumTemplate.Radial(1.2).At(6, 5), SpectrumTemplate.Load(path).At(6, 5));
        Assert.NotEqual(
            own, SpectrumTemplate.Measure(source, 8, images: 6, seed: 3, cancellationToken: TestContext.Current.CancellationToken)
                .At(8, 8));
    }

    [Fact]
    public void The_stand_in_falls_with_the_radius()
    {
        double[] radial = SpectrumTemplate.Radial().At(10, 8);
        Assert.Equal(Math.Pow(0.1, -1.4), radial[0], 1e-9);
        Assert.Equal(Math.Pow(0.2, -1.4), radial[8 * 5], 1e-9);
        Assert.Equal(Math.Pow(Math.Sqrt(0.25 * 0.25 + 0.1 * 0.1), -1.4), radial[5 + 2], 1e-9);
        Assert.Equal(radial[..50], radial[50..100]);
    }

    [Fact]
    public void Pictures_have_the_mean_and_the_covariance_of_the_data_to_first_order()
    {
        using var scope = NewDisposeScope();
        var maco = new Maco();
        const int pictures = 300, side = 16;
        Tensor free = maco.Start([.. Enumerable.Range(0, pictures).Select(i => new CounterRandom(1, "covariance", i))], side, side)
            .to(float64);
        Tensor rgb = maco.ToRgb(free, side, side);
        Tensor linear = (rgb.logit() / 4).permute(1, 0, 2, 3).reshape(3, -1);
        Tensor centred = linear - linear.mean([1L], keepdim: true), covariance = centred.matmul(centred.t()) / linear.shape[1];
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(maco.Statistics.Mean[i], rgb.narrow(1, i, 1).mean().ToDouble(), 0.02);
            for (int j = 0; j < 3; j++)
                Assert.Equal(maco.Statistics.Covariance(i, j), covariance[i, j].ToDouble(), 0.1 * maco.Statistics.Covariance(0, 0));
        }
    }

    /// <summary>L⁻¹·(logit(rgb) − logit(mean)) / 4 by a solver.</summary>
    private static Tensor Decorrelated(Tensor rgb, int height, int width)
    {
        using var scope = NewDisposeScope();
        Tensor root = tensor(ColourStatistics.ImageNet.Cholesky().Cast<double>().ToArray(), [3, 3]);
        Tensor mean = tensor(ColourStatistics.ImageNet.Mean.ToArray(), [1, 3, 1, 1]).logit();
        Tensor logits = (rgb.logit() - mean).reshape(rgb.shape[0], 3, height * width) / 4;
        return linalg.solve(root.expand(rgb.shape[0], 3, 3), logits).reshape(rgb.shape).MoveToOuterDisposeScope();
    }
}
