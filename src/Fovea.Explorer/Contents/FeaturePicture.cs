namespace Fovea.Explorer.Contents;

/// <summary>A picture of a unit by one preset, and what says whether to believe it.</summary>
/// <param name="Row">What the table says of it.</param>
/// <param name="Place">Where it is, as the run names it.</param>
public sealed record FeaturePicture(FeatureRow Row, StoredPicture Place)
{
    // From the least prior to the most; presets of other names follow.
    private static readonly string[] Order = ["naive", "paper", "lucid", "maco"];

    /// <summary>Finds what made the picture of a row.</summary>
    internal Func<FeatureRow, PictureRecord?>? Maker { get; init; }

    /// <summary>What made it, read when asked for; null where that is not told.</summary>
    public PictureRecord? Record => Maker?.Invoke(Row);

    /// <summary>The preset's name.</summary>
    public string Preset => Row.Preset ?? "";

    /// <summary>What of it is compared with activations on real images, which are values at single positions.</summary>
    public double? Reached => Row.Peak ?? Row.Activation;

    /// <summary>Whether nothing but the gradient drew it.</summary>
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
        [.. pictures.OrderBy(one => Array.IndexOf(Order, one.Way) is var at && at >= 0 ? at : Order.Length)
            .ThenBy(one => one.Preset, StringComparer.Ordinal)];
}
