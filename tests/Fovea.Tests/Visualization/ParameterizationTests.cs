using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Numerics;
using Fovea.Visualization;
using Fovea.Visualization.Parameterizations;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Visualization;

public sealed class ParameterizationTests
{
    public static TheoryData<string> Complete => ["pixels", "cholesky", "axes", "fourier", "fourier 1.5"];

    public static TheoryData<string> All => [.. Complete.Select(row => row.Data), "maco"];

    [Theory, MemberData(nameof(Complete))]
    public void Every_parameterisation_fits_a_picture(string name)
    {
        using var source = ShapesWorld.Open("shapesworld:train:1?seed=3");
        Fit(name, source.Read(0));
    }

    [Theory, MemberData(nameof(Complete))]
    public void Every_parameterisation_fits_a_photograph(string name)
    {
        using IImageSource source = ImageSources.Open(
            SharedData.Path("data/tiny-imagenet-200.tar"), new ImageSourceOptions { Split = "val", Limit = 20 });
        Fit(name, source.Read(3));
    }

    [Theory, MemberData(nameof(Complete))]
    public void Starting_from_an_image_gives_that_image_at_even_and_odd_sizes(string name)
    {
        var parameterization = Make(name);
        foreach ((int height, int width) in Sizes)
        {
            using var scope = NewDisposeScope();
            Tensor rgb = rand([2, 3, height, width], float64) * 0.98 + 0.01;
            Tensor again = parameterization.ToRgb(parameterization.FromRgb(rgb), height, width);
            Assert.Equal(rgb.shape, again.shape);
            Assert.True((again - rgb).abs().max().ToDouble() < 1e-9);
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Free_numbers_of_a_picture_made_give_the_same_picture(string name)
    {
        var parameterization = Make(name);
        foreach ((int height, int width) in Sizes)
        {
            using var scope = NewDisposeScope();
            Tensor rgb = parameterization.ToRgb(
                parameterization.Start([new CounterRandom(1, "again", 0)], height, width).to(float64), height, width);
            Assert.Equal([1, 3, height, width], rgb.shape);
            Assert.InRange(rgb.min().ToDouble(), 0, 1);
            Assert.InRange(rgb.max().ToDouble(), 0, 1);
            Assert.True((parameterization.ToRgb(parameterization.FromRgb(rgb), height, width) - rgb).abs().max().ToDouble() < 1e-6);
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Gradients_equal_finite_differences(string name)
    {
        var parameterization = Make(name);
        foreach ((int height, int width) in new[] { (4, 6), (5, 3) })
        {
            using var scope = NewDisposeScope();
            Tensor free = parameterization.Start([new CounterRandom(4, "gradient", 0), new CounterRandom(4, "gradient", 1)], height, width)
                .to(float64).requires_grad_(true);
            Tensor weights = randn([2, 3, height, width], float64);
            double[] gradient = autograd.grad([(parameterization.ToRgb(free, height, width) * weights).sum()], [free])[0].contiguous()
                .data<double>().ToArray();
            double[] at = free.detach().data<double>().ToArray();
            Assert.Contains(gradient, slope => Math.Abs(slope) > 1e-3);
            for (int k = 0; k < at.Length; k++)
                Assert.Equal((Value(k, 1e-5) - Value(k, -1e-5)) / 2e-5, gradient[k], 1e-7 * (1 + Math.Abs(gradient[k])));
            double Value(int k, double shift)
            {
                double[] moved = [.. at];
                moved[k] += shift;
                using var inner = NewDisposeScope();
                return (parameterization.ToRgb(tensor(moved, free.shape), height, width) * weights).sum().ToDouble();
            }
        }
    }

    [Theory, MemberData(nameof(All))]
    public void A_pictures_noise_does_not_depend_on_its_batch(string name)
    {
        using var scope = NewDisposeScope();
        var parameterization = Make(name);
        Tensor alone = parameterization.Start([new CounterRandom(1, "noise", 7)], 6, 4);
        Tensor among = parameterization.Start([new CounterRandom(1, "noise", 3), new CounterRandom(1, "noise", 7)], 6, 4);
        Assert.Equal(alone.data<float>().ToArray(), among[1].contiguous().data<float>().ToArray());
        Assert.True(alone.std().ToDouble() > 0);
        Tensor one = parameterization.ToRgb(alone, 6, 4), two = parameterization.ToRgb(among, 6, 4).narrow(0, 1, 1);
        Assert.True((one - two).abs().max().ToDouble() < 1e-5);
    }

    [Fact]
    public void Decorrelated_noise_has_the_colour_covariance_up_to_a_factor()
    {
        using var scope = NewDisposeScope();
        var parameterization = new DecorrelatedPixels();
        Tensor rgb = parameterization.ToRgb(parameterization.Start([new CounterRandom(1, "covariance", 0)], 128, 128), 128, 128).to(float64)
            .reshape(3, -1);
        Tensor logits = rgb.logit();
        Tensor covariance = logits.matmul(logits.t()) / logits.shape[1];
        double factor = covariance[0, 0].ToDouble() / ColourStatistics.ImageNet.Covariance(0, 0);
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 3; j++)
                Assert.Equal(ColourStatistics.ImageNet.Covariance(i, j), covariance[i, j].ToDouble() / factor, 0.003);
        }
    }

    private static (int Height, int Width)[] Sizes => [(8, 6), (7, 6), (8, 5), (7, 5), (1, 4), (4, 1)];

    private static void Fit(string name, RgbImage picture)
    {
        using var scope = NewDisposeScope();
        var parameterization = Make(name);
        (int height, int width) = (picture.Height, picture.Width);
        Tensor target = tensor(picture.Pixels, [1, height, width, 3]).permute(0, 3, 1, 2).to(float32) / 255f;
        Tensor free = parameterization.Start([new CounterRandom(1, "fit", 0)], height, width).requires_grad_(true);
        var adam = new PictureAdam(free);
        // Pixels have s = 0.1: a rate of 2 moves s·t by 0.2. Fourier coefficients have lucid's units and its rate.
        (int steps, double rate) = parameterization.IsSpatial ? (150, 2) : (1000, 0.05);
        for (int step = 0; step < steps; step++)
        {
            using var inner = NewDisposeScope();
            Tensor loss = (parameterization.ToRgb(free, height, width) - target).square().sum();
            Tensor gradient = autograd.grad([loss], [free])[0];
            using var quiet = no_grad();
            adam.Step(gradient, rate);
        }
        double error = (parameterization.ToRgb(free, height, width) - target).abs().mean().ToDouble();
        Assert.True(error < 0.01, $"mean absolute error {error}");
    }

    private static IImageParameterization Make(string name) => name switch
    {
        "pixels" => new Pixels(),
        "cholesky" => new DecorrelatedPixels(),
        "axes" => new DecorrelatedPixels(root: ColourRoot.PrincipalAxes),
        "fourier" => new FourierPixels(),
        "fourier 1.5" => new FourierPixels(root: ColourRoot.Cholesky) { Decay = 1.5 },
        _ => new Maco(),
    };
}
