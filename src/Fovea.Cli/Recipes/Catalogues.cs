using Fovea.Activations.Filters;
using Fovea.Datasets;
using Fovea.Dictionaries.Plain;
using Fovea.Dictionaries.Sparse;

namespace Fovea.Cli.Recipes;

/// <summary>The names a recipe or an option may give, from the library's catalogues.</summary>
internal static class Catalogues
{
    public static IReadOnlyList<string> Architectures { get; } = [.. Models.Architectures.All.Select(architecture => architecture.Name)];

    public static IReadOnlyList<string> Autoencoders { get; } = [.. AutoencoderVariants.All.Select(variant => variant.Name)];

    public static IReadOnlyList<string> PlainDictionaries { get; } = [.. BaselineDictionaries.All.Select(dictionary => dictionary.Name)];

    /// <summary>Penalties of JumpReLU.</summary>
    public static IReadOnlyList<string> Penalties { get; } = Words<JumpReLUPenalty>();

    /// <summary>Starts of an autoencoder's decoder bias.</summary>
    public static IReadOnlyList<string> BiasStarts { get; } = Words<BiasStart>();

    public static IReadOnlyList<string> Presets { get; } = [.. Visualization.RenderPresets.All.Select(preset => preset.Preset)];

    public static IReadOnlyList<string> Filters { get; } = [.. PatchScores.Names];

    public static IReadOnlyList<string> Layouts { get; } = ["auto", .. ImageSources.Layouts.Select(layout => layout.Name)];

    /// <summary>First words of the stages' names: what <c>--redo</c> takes.</summary>
    public static IReadOnlyList<string> Stages { get; } = ["train", "harvest", "dictionary", "sweep", "features", "report"];

    private static string[] Words<T>() where T : struct, Enum => [.. Enum.GetNames<T>().Select(name => name.ToLowerInvariant())];
}
