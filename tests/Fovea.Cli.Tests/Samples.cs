namespace Fovea.Cli.Tests;

/// <summary>Recipes that tests start from.</summary>
internal static class Samples
{
    public const string Small =
        """
        schema = 1
        name = "small"
        seed = 7

        [data]
        source = "images"
        crop = 64

        [model]
        architecture = "small_cnn"
        weights = "weights/w.pth"

        [train]
        epochs = 2
        learning_rate = 1e-3

        [harvest]
        layers = ["block4"]

        [[dictionary]]
        name = "topk"
        layer = "block4"
        architecture = "topk"
        epochs = 4

        [[dictionary]]
        name = "l1"
        layer = "block4"
        architecture = "l1"
        """;
}
