using Fovea.Activations.Filters;

namespace Fovea.Cli.Recipes;

/// <summary>The names a recipe or an option may give, from the library's catalogues.</summary>
internal static class Catalogues
{
    public static IReadOnlyList<string> Architectures { get; } = [.. Models.Architectures.All.Select(architecture => architecture.Name)];

    public static IReadOnlyList<string> Autoencoders { get; } = ["l1", "topk", "jumprelu"];

    public static IReadOnlyList<string> Filters { get; } = [.. PatchScores.Names];

    public static IReadOnlyList<string> Layouts { get; } = ["auto", "imagenet-folders", "tiny-imagenet"];

    /// <summary>First words of the stages' names: what <c>--redo</c> takes.</summary>
    public static IReadOnlyList<string> Stages { get; } = ["train", "harvest", "dictionary", "features", "report"];
}
