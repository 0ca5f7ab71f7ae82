using Fovea.Tests.Interpretation;
using Fovea.Visualization.Parameterizations;
using Xunit;

namespace Fovea.Tests.Visualization;

public sealed class ColourStatisticsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-colourstatistics-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

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
                Assert.Equal(normalized[i, j], colours.NormalizedRoot(ColourRoot.Cholesky)[i, j], 1e-4);
            }
        }
    }

    [Fact]
    public void Lucids_root_has_its_numbers()
    {
        double[,] root = { { .26, .09, .02 }, { .27, 0, -.05 }, { .27, -.09, .03 } };
        double[,] normalized = { { .562829, .194825, .043295 }, { .584476, 0, -.108236 }, { .584476, -.194825, .064942 } };
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 3; j++)
            {
                Assert.Equal(root[i, j], ColourStatistics.ImageNet.Root(ColourRoot.PrincipalAxes)[i, j], 1e-12);
                Assert.Equal(normalized[i, j], ColourStatistics.ImageNet.NormalizedRoot(ColourRoot.PrincipalAxes)[i, j], 1e-6);
            }
        }
    }

    [Fact]
    public void Principal_axes_are_orthogonal_descend_and_give_the_covariance()
    {
        double[,] covariance = { { .08, .05, -.01 }, { .05, .07, .02 }, { -.01, .02, .05 } };
        double[,] root = new ColourStatistics([.5, .4, .3], covariance).PrincipalAxes();
        double[] lengths = new double[3];
        for (int i = 0; i < 3; i++)
        {
            Assert.True(root[0, i] >= 0);
            for (int j = 0; j < 3; j++)
            {
                Assert.Equal(covariance[i, j], Enumerable.Range(0, 3).Sum(k => root[i, k] * root[j, k]), 1e-12);
                double dot = Enumerable.Range(0, 3).Sum(k => root[k, i] * root[k, j]);
                if (i == j) lengths[i] = dot;
                else Assert.Equal(0, dot, 1e-12);
            }
        }
        Assert.True(lengths[0] > lengths[1] && lengths[1] > lengths[2]);
        // ImageNet's eigenvectors, computed, are lucid's rounded columns.
        double[,] published = ColourStatistics.ImageNet.PrincipalAxes(), computed = Copy(ColourStatistics.ImageNet).PrincipalAxes();
        for (int k = 0; k < 9; k++) Assert.Equal(published[k / 3, k % 3], computed[k / 3, k % 3], 0.02);
    }

    [Fact]
    public void A_file_gives_the_same_statistics_back()
    {
        string path = Path.Combine(_folder, "colours.json");
        using var source = new NoisePictures(3, 9, 7);
        var measured = ColourStatistics.Measure(source, 0, 1, TestContext.Current.CancellationToken);
        measured.Save(path);
        var loaded = ColourStatistics.Load(path);
        Assert.Equal(measured.Mean, loaded.Mean);
        for (int k = 0; k < 9; k++) Assert.Equal(measured.Covariance(k / 3, k % 3), loaded.Covariance(k / 3, k % 3));
        File.WriteAllText(path, """{ "schema": 1, "mean": [0, 0, 0], "covariance": [[1, 2, 3], [0, 1, 0], [0, 0, 1]] }""");
        Assert.Contains("symmetric", Assert.Throws<FoveaException>(() => ColourStatistics.Load(path)).Message);
    }

    [Fact]
    public void A_sample_is_drawn_by_the_seed()
    {
        using var source = new NoisePictures(40, 5, 5);
        double[] Red(ulong seed) => [.. ColourStatistics.Measure(source, 4, seed, TestContext.Current.CancellationToken).Mean];
        Assert.Equal(Red(1), Red(1));
        Assert.NotEqual(Red(1), Red(2));
        Assert.NotEqual(Red(1), [.. ColourStatistics.Measure(source, 0, 1, TestContext.Current.CancellationToken).Mean]);
    }

    [Fact]
    public void Measured_statistics_equal_the_two_pass_definition()
    {
        using var source = new NoisePictures(5, 9, 7);
        var pixels = Enumerable.Range(0, 5).SelectMany(i => source.Read(i).Pixels.Chunk(3)).Select(p => p.Select(v => v / 255.0).ToArray())
            .ToArray();
        var measured = ColourStatistics.Measure(source, 0, 1, TestContext.Current.CancellationToken);
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

    private static ColourStatistics Copy(ColourStatistics colours)
    {
        var covariance = new double[3, 3];
        for (int k = 0; k < 9; k++) covariance[k / 3, k % 3] = colours.Covariance(k / 3, k % 3);
        return new ColourStatistics([.. colours.Mean], covariance);
    }
}
