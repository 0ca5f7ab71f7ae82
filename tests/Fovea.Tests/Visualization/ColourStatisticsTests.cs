using Fovea.Tests.Interpretation;
using Fovea.Visualization.Parameterizations;
using Xunit;

namespace Fovea.Tests.Visualization;

public sealed class ColourStatisticsTests
{
    [Fact]
    public void ImageNets_covariance_and_its_factor_have_the_published_numbers()
    {
        var colours = ColourStatistics.ImageNet;
        double[,] covariance = { { .0761, .0692, .0627 }, { .0692, .0754, .0714 }, { .0627, .0714, .0819 } };
        double[,] cholesky = { { .2759, 0, 0 }, { .2508, .1117, 0 }, { .2273, .1288, .1168 } };
        double[,] normalized = { { .6317, 0, 0 }, { .5745, .2558, 0 }, { .5205, .2949, .2676 } };
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 3; j++)
            {
                Assert.Equal(covariance[i, j], colours.Covariance(i, j), 1e-4);
                Assert.Equal(cholesky[i, j], colours.Cholesky()[i, j], 1e-4);
                Assert.Equal(normalized[i, j], colours.NormalizedCholesky()[i, j], 1e-4);
            }
        }
    }

    [Fact]
    public void Measured_statistics_equal_the_two_pass_definition()
    {
        using var source = new NoisePictures(5, 9, 7);
        var pixels = Enumerable.Range(0, 5).SelectMany(i => source.Read(i).Pixels.Chunk(3)).Select(p => p.Select(v => v / 255.0).ToArray()).ToArray();
        var measured = ColourStatistics.Measure(source, 0, TestContext.Current.CancellationToken);
        for (int i = 0; i < 3; i++)
        {
            double mean = pixels.Average(p => p[i]);
            Assert.Equal(mean, measured.Mean[i], 1e-12);
            for (int j = 0; j < 3; j++)
                Assert.Equal(pixels.Average(p => (p[i] - mean) * (p[j] - pixels.Average(q => q[j]))), measured.Covariance(i, j), 1e-12);
        }
    }

    [Fact]
    public void Grey_images_still_give_a_factor_and_one_colour_is_refused()
    {
        var grey = new ColourStatistics([.5, .5, .5], new[,] { { .04, .04, .04 }, { .04, .04, .04 }, { .04, .04, .04 } }).Cholesky();
        Assert.Equal(.2, grey[0, 0], 1e-12);
        Assert.True(grey[1, 1] > 0 && grey[1, 1] < 1e-3 && grey[2, 2] > 0);
        var error = Assert.Throws<FoveaException>(() => new ColourStatistics([0, 0, 0], new double[3, 3]).Cholesky());
        Assert.Equal(FailureKind.Data, error.Kind);
    }
}
