using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>The network of a run: <c>model.json</c>, beside its weights and written after them.</summary>
public sealed record ModelDocument : ICheckedDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "model.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;
    /// <summary>The network's name among those that Fovea knows, or the file that it was read from.</summary>
    public required string Architecture { get; init; }

    /// <summary>As published, or modified for better gradients.</summary>
    public required FlowSettings Flow { get; init; }

    /// <summary>What images go through first.</summary>
    public required PreprocessingSettings Preprocessing { get; init; }

    /// <summary>Number of weights, buffers apart.</summary>
    public required long Parameters { get; init; }

    /// <summary>SHA-256 (hex) of the weights' file.</summary>
    public required string Sha256 { get; init; }

    /// <summary>SHA-256 (hex) of <c>graph.json</c>; null for a network of the catalogue.</summary>
    public string? GraphSha256 { get; init; }

    /// <summary>The classes in the order of the network's outputs; empty where it has none.</summary>
    public required IReadOnlyList<ClassEntry> Classes { get; init; }

    /// <summary>What the run leaves out because of the network, and why, in sentences.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? LeftOut { get; init; }

    /// <inheritdoc/>
    public string? Inconsistency() => Preprocessing.Inconsistency()
        ?? (Classes.CountBy(one => one.Id).FirstOrDefault(pair => pair.Value > 1).Key is { } twice ? $"class {twice} stands twice" : null);
}

/// <summary>What a network's modification changed.</summary>
/// <param name="AveragePooling">Average in place of max pooling.</param>
/// <param name="LeakySlope">Slope of LeakyReLU below 0; 0: ReLU as it was.</param>
public sealed record FlowSettings(bool AveragePooling, double LeakySlope);

/// <summary>What images go through before a network.</summary>
/// <param name="Resize">The shorter side after resizing, pixels, or both where they are squashed; null: not resized.</param>
/// <param name="Crop">Side of the centre crop, pixels; null: not cropped.</param>
/// <param name="Mean">Subtracted, a number a channel, of pixels from 0 to 1.</param>
/// <param name="Std">Divided by.</param>
/// <param name="Interpolation">The filter that resizes: <c>bilinear</c>, <c>bicubic</c>, <c>lanczos</c>, <c>box</c>,
/// <c>hamming</c>.</param>
/// <param name="Squash">Both sides are resized, whatever the picture's shape.</param>
/// <param name="Width">Width of the crop, pixels, where it is no square; null: as <paramref name="Crop"/>.</param>
public sealed record PreprocessingSettings(
    int? Resize, int? Crop, float[] Mean, float[] Std, string Interpolation = "bilinear", bool Squash = false,
    int? Width = null)
{
    private static readonly string[] Filters = ["bilinear", "bicubic", "lanczos", "box", "hamming"];

    internal string? Inconsistency() =>
        Mean.Length != 3 || Std.Length != 3 ? "preprocessing has not three means and three standard deviations"
        : Mean.Concat(Std).Any(number => !float.IsFinite(number)) || Std.Any(number => number <= 0)
            ? "preprocessing holds a number that cannot be"
        : !Filters.Contains(Interpolation) ? $"there is no interpolation '{Interpolation}'"
        : (Crop ?? Resize) is not > 0 || Resize is <= 0 || Width is <= 0 || (Width is not null && Crop is null)
            ? "preprocessing has no size"
        : null;
}

/// <summary>A class of a dataset or a network.</summary>
/// <param name="Id">Its id in the data: a WordNet id, a folder's name.</param>
/// <param name="Name">Its name for people.</param>
public sealed record ClassEntry(string Id, string Name);
