using Fovea.Datasets;
using Fovea.Visualization;
using Fovea.Visualization.Parameterizations;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Visualization;

public sealed class ParameterizationTests
{
    public static TheoryData<string> All => ["pixels", "decorrelated"];

    [Theory, MemberData(nameof(All))]
    public void Every_parameterisation_fits_a_picture(string name)
    {
        using var scope = NewDisposeScope();
        var parameterization = Make(name);
        using var source = ShapesWorld.Open("shapesworld:train:1?seed=3");
        var picture = source.Read(0);
        Tensor target = tensor(picture.Pixels, [1, picture.Height, picture.Width, 3]).permute(0, 3, 1, 2).to(float32) / 255f;
        Tensor free = parameterization.Start([new CounterRandom(1, "fit", 0)], picture.Height, picture.Width).requires_grad_(true);
        var adam = new PictureAdam(free);
        for (int step = 0; step < 150; step++)
        {
            using var inner = NewDisposeScope();
            Tensor loss = (parameterization.ToRgb(free) - target).square().sum();
            Tensor gradient = autograd.grad([loss], [free])[0];
            using var quiet = no_grad();
            adam.Step(gradient, 2);
        }
        double error = (parameterization.ToRgb(free) - target).abs().mean().ToDouble();
        Assert.True(error < 0.01, $"mean absolute error {error}");
    }

    [Theory, MemberData(nameof(All))]
    public void Starting_from_an_image_gives_that_image(string name)
    {
        using var scope = NewDisposeScope();
        var parameterization = Make(name);
        Tensor rgb = rand([2, 3, 8, 5], float64) * 0.98 + 0.01;
        Tensor again = parameterization.ToRgb(parameterization.FromRgb(rgb));
        Assert.True((again - rgb).abs().max().ToDouble() < 1e-9);
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
    }

    [Fact]
    public void Decorrelated_noise_has_the_colour_covariance_up_to_a_factor()
    {
        using var scope = NewDisposeScope();
        var parameterization = new DecorrelatedPixels();
        Tensor rgb = parameterization.ToRgb(parameterization.Start([new CounterRandom(1, "covariance", 0)], 128, 128)).to(float64).reshape(3, -1);
        Tensor logits = rgb.logit();
        Tensor covariance = logits.matmul(logits.t()) / logits.shape[1];
        double factor = covariance[0, 0].ToDouble() / ColourStatistics.ImageNet.Covariance(0, 0);
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 3; j++)
                Assert.Equal(ColourStatistics.ImageNet.Covariance(i, j), covariance[i, j].ToDouble() / factor, 0.003);
        }
    }

    private static IImageParameterization Make(string name) => name == "pixels" ? new Pixels() : new DecorrelatedPixels();
}
