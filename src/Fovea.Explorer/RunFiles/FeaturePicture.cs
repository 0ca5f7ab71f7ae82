using Fovea.Interpretation;

namespace Fovea.Explorer.RunFiles;

/// <summary>A picture of a unit by one preset, and what says whether to believe it.</summary>
/// <param name="Preset">The preset's name.</param>
/// <param name="Path">The picture, relative to the run folder.</param>
public sealed record FeaturePicture(string Preset, string Path)
{
    // From the least prior to the most; presets of other names follow.
    private static readonly string[] Order = ["naive", "paper", "lucid", "maco"];

    /// <summary>The objective's value on it: for most objectives a mean over the positions.</summary>
    public double? Activation { get; init; }

    /// <summary>The unit's largest activation over its positions.</summary>
    public double? Peak { get; init; }

    /// <summary>Whether it tells the truth.</summary>
    public PictureScores Scores { get; init; } = new();

    /// <summary>What of it is compared with activations on real images, which are values at single positions.</summary>
    public double? Reached => Peak ?? Activation;

    public bool IsNaive => Way == "naive";

    /// <summary>The preset as people call it.</summary>
    public string Label => Way switch
    {
        "lucid" => "Fourier",
        "maco" => "MACO",
        var other => other,
    } + Preset[Way.Length..];

    /// <summary>The preset without its seed: <c>paper</c> of <c>paper, seed 2</c>.</summary>
    private string Way => Preset.Split(',')[0];

    /// <summary>Pictures in the order in which they are shown side by side.</summary>
    internal static IReadOnlyList<FeaturePicture> Sorted(IEnumerable<FeaturePicture> pictures) =>
        [.. pictures.OrderBy(one => Array.IndexOf(Order, one.Way) is var at && at >= 0 ? at : Order.Length).ThenBy(one => one.Preset, StringComparer.Ordinal)];

    internal static FeaturePicture Read(ParquetTable table, int row, string preset, string path) => new(preset, path)
    {
        Activation = table.Number(row, "activation"),
        Peak = table.Number(row, "peak"),
        Scores = ScoreColumns.Picture(table, row),
    };
}
