using Fovea.Activations;
using Fovea.Activations.Filters;
using Fovea.Datasets;
using Fovea.Dictionaries.Plain;
using Fovea.Dictionaries.Sparse;

namespace Fovea.Runs.Settings;

/// <summary>The names a recipe or an option may give, from the library's catalogues.</summary>
public static class SettingChoices
{
    /// <summary>Networks of the catalogue.</summary>
    public static IReadOnlyList<string> Architectures { get; } = [.. Models.Architectures.All.Select(architecture => architecture.Name)];

    /// <summary>Variants of sparse autoencoders.</summary>
    public static IReadOnlyList<string> Autoencoders { get; } = [.. AutoencoderVariants.All.Select(variant => variant.Name)];

    /// <summary>Plain dictionaries.</summary>
    public static IReadOnlyList<string> PlainDictionaries { get; } = [.. BaselineDictionaries.All.Select(dictionary => dictionary.Name)];

    /// <summary>Ways of making pictures.</summary>
    public static IReadOnlyList<string> Presets { get; } = [.. Visualization.RenderPresets.All.Select(preset => preset.Preset)];

    /// <summary>Engines that read values.</summary>
    public static IReadOnlyList<string> Engines { get; } = [Models.ReadingEngine.OnnxRuntime, Models.ReadingEngine.Torch];

    /// <summary>What convolutions calculate in where vectors are harvested.</summary>
    public static IReadOnlyList<string> Precisions { get; } = ["fp32", Half];

    /// <summary>bfloat16.</summary>
    internal const string Half = "bf16";

    /// <summary>What vectors are stored in.</summary>
    public static IReadOnlyList<string> Storages { get; } = [.. VectorStorages.All.Select(storage => storage.Word())];

    /// <summary>Patch scores.</summary>
    public static IReadOnlyList<string> Filters { get; } = [.. PatchScores.Names];

    /// <summary>Filters that resize.</summary>
    public static IReadOnlyList<string> Interpolations { get; } = [.. Enum.GetNames<Imaging.Interpolation>()
        .Select(name => name.ToLowerInvariant())];

    /// <summary>How images may lie in a folder or a tar.</summary>
    public static IReadOnlyList<string> Layouts { get; } = ["auto", .. ImageSources.Layouts.Select(layout => layout.Name)];
}
