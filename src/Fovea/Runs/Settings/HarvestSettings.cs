using System.Text.Json.Serialization;
using Fovea.Activations;

namespace Fovea.Runs.Settings;

/// <summary>Table <c>[harvest]</c>: stage 2. Defaults as section 7.3 of the paper.</summary>
public sealed record HarvestSettings
{
    /// <summary>Layers to read, by name; all in one forward pass.</summary>
    public required IReadOnlyList<string> Layers { get; init; }

    /// <summary>Patch scores: <c>none</c>, <c>magnitude</c>, <c>active</c>, <c>median</c>, <c>maximum</c>, <c>gradcam</c>; and class
    /// activation maps beyond the paper:
    /// <c>gradcam-signed</c>, <c>hirescam</c>, <c>layercam</c>, <c>gradcam-pp</c>, <c>xgradcam</c>, <c>eigencam</c>, and
    /// <c>ablationcam</c>, which costs a pass for every channel.</summary>
    public IReadOnlyList<string> Filters { get; init; } = ["none", "magnitude", "active", "median", "maximum", "gradcam"];

    /// <summary>Which images: <c>train</c> or <c>validation</c> (the paper's choice).</summary>
    public string Split { get; init; } = "validation";

    /// <summary>At most this many images (a seeded draw); absent: all.</summary>
    public int? Images { get; init; }

    /// <summary>Images a forward pass.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>
    /// What convolutions calculate in: <c>fp32</c>, or <c>bf16</c>, three digits at up to twice the speed on processors that have it; it is
    /// refused where it is not faster.
    /// </summary>
    public string Precision { get; init; } = "fp32";

    /// <summary>Threshold ε of the number of active units.</summary>
    public double ActiveThreshold { get; init; } = 0.1;

    /// <summary>Share of the images whose vectors are held out from stage 3.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>
    /// A file of vectors takes at most about this many MiB. It is the smallest piece that several processes can share a harvest in.
    /// </summary>
    public int ShardMegabytes { get; init; } = 64;

    /// <summary>
    /// What the numbers of vectors are stored in: <c>float32</c>; <c>float16</c>, half the bytes, three decimal digits, up to 65,504;
    /// <c>bfloat16</c>, half the bytes, two digits and the range of float32; absent: <c>float32</c>.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Storage { get; init; }

    /// <summary>
    /// Positions of each image whose vectors are stored, drawn without replacement; absent: all. Dictionaries are then trained on
    /// these; features need all.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Keep { get; init; }

    /// <summary>
    /// The filter that draws the positions that are kept, one of <c>filters</c>; absent: the first that is not <c>none</c>, or <c>none</c>,
    /// each position as likely, where there is no other.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? KeepBy { get; init; }

    /// <summary>Images whose maps are kept for figure 8.</summary>
    public int SampleImages { get; init; } = 5;

    /// <summary>The filter that draws what is kept; null: all positions are.</summary>
    internal string? KeptBy => Keep is null ? null : HarvestOptions.KeptByOf(KeepBy, Filters);

    /// <summary>Vectors of an image that are stored of a layer.</summary>
    internal int RowsOf(int positions) => Keep is { } kept ? Math.Min(kept, positions) : positions;

    /// <summary>The same harvest, with the same words whether it was written out or left to what stands for it.</summary>
    internal HarvestSettings Plain() => this with
    {
        Storage = Storage == VectorStorage.Float32.Word() ? null : Storage,
        KeepBy = KeptBy,
    };
}
