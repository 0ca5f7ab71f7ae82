using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>A small run on generated images with a dictionary on each of two layers, made once for the tests of a class.</summary>
public abstract class TwoLayerRun : IDisposable
{
    /// <summary>Makes the run.</summary>
    /// <param name="validationImages">Images to measure on; every class has as many.</param>
    /// <param name="more">Further tables of the recipe.</param>
    protected TwoLayerRun(int validationImages, string more = "")
    {
        RecipeFile = Fixture.Write("two-layers.toml", Recipe(validationImages) + more);
        var (code, _, error) = RealRun.Of(RecipeFile, Run);
        Assert.True(code == 0, error);
    }

    internal CommandLineFixture Fixture { get; } = new();

    internal string RecipeFile { get; }

    internal string Run => Fixture.Path_("run");

    public void Dispose()
    {
        Fixture.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The recipe, to which tables can be added.</summary>
    internal static string Recipe(int validationImages) => FormattableString.Invariant($"""
        schema = 1
        name = "two-layers"
        seed = 5

        [data]
        source = "shapesworld"
        train_images = 96
        validation_images = {validationImages}
        crop = 64

        [model]
        architecture = "small_cnn"

        [train]
        epochs = 1

        [harvest]
        split = "train"
        layers = ["block3", "block4"]
        images = 40

        [[dictionary]]
        name = "topk"
        layer = "block3"
        architecture = "topk"
        expansion = 1
        epochs = 1

        [[dictionary]]
        name = "topk"
        layer = "block4"
        architecture = "topk"
        expansion = 1
        epochs = 1


        """);
}
