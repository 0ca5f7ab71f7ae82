using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>Class activation maps of a layer: <c>cams.json</c>.</summary>
/// <param name="Report">What was measured over all images.</param>
/// <param name="Examples">Images with their maps.</param>
/// <param name="Sheet">All pictures in one file, a row an image, relative to the document's folder; null without examples.</param>
public sealed record CamsDocument(CamReport Report, IReadOnlyList<CamExample> Examples, string? Sheet) : ICheckedDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "cams.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>What the figures were made of, as a hash: a process that comes when others have made them sees it. Absent: not said.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Identity { get; init; }

    /// <inheritdoc/>
    public string? Inconsistency() =>
        Sheet is not null && !StoredPicture.IsInside(Sheet) ? $"sheet '{Sheet}' is not below the document's folder"
        : StoredPicture.Inconsistency(Examples.SelectMany(example => example.Overlays.Values.Prepend(example.Input)));
}

/// <summary>Class activation maps at one layer over a set of images.</summary>
public sealed record CamReport
{
    /// <summary>The layer.</summary>
    public required string Layer { get; init; }

    /// <summary>Height and width of the maps.</summary>
    public required IReadOnlyList<int> Grid { get; init; }

    /// <summary>Number of images.</summary>
    public required int Images { get; init; }

    /// <summary>Share of the images whose class the network gives the largest logit; null where the images' classes are not its.</summary>
    public required double? Top1 { get; init; }

    /// <summary>Which class the maps are of.</summary>
    public required CamClass Class { get; init; }

    /// <summary>The methods.</summary>
    public required IReadOnlyList<CamSummary> Methods { get; init; }

    /// <summary>Mean cosine between the maps of two methods as they are drawn from, in the order of <see cref="Methods"/>; images where
    /// either is constant are left out, and NaN stands where all are.</summary>
    public required double[][] Cosine { get; init; }

    /// <summary>Mean rank correlation (Spearman) of the same.</summary>
    public required double[][] Spearman { get; init; }
}

/// <summary>What one method did over all images. Fractions are of the images.</summary>
/// <param name="Name">The method, a name of the filters of class activation maps.</param>
/// <param name="Formula">The formula of what is drawn from, for captions.</param>
/// <param name="AllZero">Maps that are zero (or NaN) everywhere as they are drawn from: sampling falls back to uniform.</param>
/// <param name="NowherePositive">Signed maps without a positive value: what a rectified method fails on, the cause of the paper's 71.8
/// %.</param>
/// <param name="Silent">Signed maps that are zero everywhere: what is left where the absolute value is taken, the cure.</param>
/// <param name="NegativeSum">Signed maps whose sum is not positive: the position-wise evidence speaks against the class as a whole.</param>
/// <param name="AllZeroWhereRight">The first among images that the network classifies rightly; null where there are none.</param>
/// <param name="AllZeroWhereWrong">The first among the others; null where there are none.</param>
/// <param name="PositiveArea">Mean share of positions with a positive signed value.</param>
public sealed record CamSummary(
    string Name, string Formula, double AllZero, double NowherePositive, double Silent, double NegativeSum, double? AllZeroWhereRight,
    double? AllZeroWhereWrong, double PositiveArea);

/// <summary>Which class a map is of.</summary>
public enum CamClass
{
    /// <summary>The image's own, as in the paper.</summary>
    True,

    /// <summary>The one with the largest logit.</summary>
    Predicted,
}

/// <summary>The overlays of one image.</summary>
/// <param name="Image">Its name.</param>
/// <param name="ClassName">Its own class, where that is known.</param>
/// <param name="MapClass">The class that the maps are of.</param>
/// <param name="Predicted">The class with the largest logit.</param>
/// <param name="Input">The picture as the network sees it.</param>
/// <param name="Overlays">For each method its overlay.</param>
/// <param name="AllZero">The methods whose map, as drawn from, is zero everywhere.</param>
public sealed record CamExample(
    string Image, string? ClassName, string MapClass, string Predicted, StoredPicture Input,
        IReadOnlyDictionary<string, StoredPicture> Overlays,
    IReadOnlyList<string> AllZero);
