namespace Fovea.Cli.Recipes;

/// <summary>The names a recipe or an option may give, from the library's catalogues.</summary>
internal static class Catalogues
{
    public static IReadOnlyList<string> Architectures { get; } = ["resnet18", "mobilenet_v2", "small_cnn"];

    public static IReadOnlyList<string> Autoencoders { get; } = ["l1", "topk", "jumprelu"];

    public static IReadOnlyList<string> Filters { get; } = ["none", "magnitude", "active", "median", "maximum", "gradcam"];

    public static IReadOnlyList<string> Layouts { get; } = ["auto", "imagenet-folders", "tiny-imagenet"];
}
