using System.Globalization;
using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>
/// What a folder of harvested activations holds (<c>manifest.json</c>, written last). Format: docs/reference/run-folder.md.
/// </summary>
public sealed record ActivationManifest : ICheckedDocument
{
    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>File name of the manifest.</summary>
    public const string FileName = "manifest.json";

    /// <summary>The layer the vectors are from.</summary>
    public required string Layer { get; init; }

    /// <summary>Length of a vector.</summary>
    public required int Channels { get; init; }

    /// <summary>Height and width of the layer's grid.</summary>
    public required IReadOnlyList<int> Grid { get; init; }

    /// <summary>Where the grid lies in what the layer calculates; absent: <c>[N, C, H, W]</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LayerGrid? Layout { get; init; }

    /// <summary>Of a layer with a layout, whether its positions depend on the whole image, so that there is no receptive field.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? WholeImage { get; init; }

    /// <summary>
    /// Images stored; row = image × height × width + y × width + x, where all positions are stored.
    /// </summary>
    public required int Images { get; init; }

    /// <summary>Vectors stored: images × height × width, or images × the positions kept of each.</summary>
    public required long Vectors { get; init; }

    /// <summary>Images that could not be decoded; <c>damaged.json</c> lists them.</summary>
    public required int Damaged { get; init; }

    /// <summary>Fingerprint of the image source.</summary>
    public required string Source { get; init; }

    /// <summary>
    /// Fingerprint of the network: its name, its form, every weight and the preprocessing. Null: written by another program.
    /// </summary>
    public string? Network { get; init; }

    /// <summary>
    /// The engine that gave the values, and its version: <c>onnxruntime 1.31.1</c>, <c>torch 2.10.0</c>. Absent: written by another program.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Engine { get; init; }

    /// <summary>Why it was libtorch; absent where it was not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EngineReason { get; init; }

    /// <summary>What the numbers of the vectors are stored in: <c>float16</c>, <c>bfloat16</c>; absent: <c>float32</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Storage { get; init; }

    /// <summary>
    /// Σ‖x − x̃‖² / Σ‖x‖² over all stored vectors, x as the layer gave it, x̃ as it is stored; absent where they are the same.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? StorageError { get; init; }

    /// <summary>Which positions of an image are stored; absent: all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StoredPositions? Kept { get; init; }

    /// <summary>The shards, in row order.</summary>
    public required IReadOnlyList<ActivationShard> Shards { get; init; }

    /// <summary>Filters with a folder under <c>draws/</c>.</summary>
    public required IReadOnlyList<string> Filters { get; init; }

    /// <summary>Which images stage 3 may not train on.</summary>
    public required ActivationSplit Split { get; init; }

    /// <summary>Positions of the grid.</summary>
    [JsonIgnore]
    public int Positions => Grid[0] * Grid[1];

    /// <summary>Vectors of an image: neighbours in row order.</summary>
    [JsonIgnore]
    public int RowsOfImage => Kept?.Positions ?? Positions;

    /// <summary>The filter whose draws stand for the layer where nobody names one: the first, or the one whose positions are stored.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no filter.</exception>
    [JsonIgnore]
    public string MainFilter => Kept?.By ?? Filters[0];

    /// <summary>
    /// How the vectors are stored, in words, where that is not all of them as they are: <c>float16, relative error 3.1e-08</c>.
    /// </summary>
    [JsonIgnore]
    public string? StoredAs
    {
        get
        {
            string? kept = Kept is null ? null : $"{Kept.Positions} of {Positions} positions of each image by {Kept.By}";
            string? storage = Storage is null ? null
                : string.Create(CultureInfo.InvariantCulture, $"{Storage}, relative error {StorageError:0.0e-00}");
            return kept is null ? storage : storage is null ? kept : $"{kept}, {storage}";
        }
    }

    /// <inheritdoc/>
    public string? Inconsistency()
    {
        if (Grid.Count != 2 || Grid.Any(side => side < 1) || (long)Grid[0] * Grid[1] > int.MaxValue)
            return "grid is not a height and a width";
        if (Layout is { } layout && (layout.Height != Grid[0] || layout.Width != Grid[1] || layout.Before < 0 || layout.After < 0))
            return "layout is not of the grid";
        if (Channels < 1) return "channels is below 1";
        if (Kept is { } kept && (kept.Positions < 1 || kept.Positions > Positions || !Filters.Contains(kept.By)))
            return $"kept is not some of {Positions} positions by one of the filters";
        if (Images < 0 || Vectors != (long)Images * RowsOfImage) return $"vectors is {Vectors}, not {Images} images of {RowsOfImage} positions";
        long next = 0;
        foreach (ActivationShard shard in Shards)
        {
            if (shard.FirstRow != next || shard.Rows < 0 || shard.Rows % RowsOfImage != 0)
                return $"shard '{shard.File}' does not follow the one before";
            if (!StoredPicture.IsInside(shard.File) || shard.File.Contains('/')) return $"shard '{shard.File}' is not a file of the folder";
            next += shard.Rows;
        }
        return next != Vectors ? $"the shards hold {next} vectors, not {Vectors}" : null;
    }
}

/// <summary>
/// One shard: <c>vectors-NNNNN.safetensors</c> and, for each filter, <c>draws/&lt;filter&gt;/draws-NNNNN.safetensors</c>.
/// </summary>
/// <param name="File">File name of the vectors.</param>
/// <param name="FirstRow">Row number of its first vector.</param>
/// <param name="Rows">Vectors in it.</param>
public sealed record ActivationShard(string File, long FirstRow, int Rows)
{
    /// <summary>SHA-256 of its tensors' bytes as they were written; also in the file's header. Null: written by another program.</summary>
    public string? Hash { get; init; }
}

/// <summary>
/// Positions that are stored of each image, drawn without replacement, in ascending order: row = image × positions + place among them.
/// </summary>
/// <param name="Positions">How many of an image.</param>
/// <param name="By">
/// The filter that drew them, which has their rows and weights under <c>draws/</c>; the others have score maps alone.
/// </param>
public sealed record StoredPositions(int Positions, string By);

/// <summary>
/// The held-out images: by image, so that no image has vectors on both sides; the same for every filter and every dictionary.
/// </summary>
/// <param name="Seed">The seed of the draw.</param>
/// <param name="ValidationFraction">Share of the images asked for.</param>
/// <param name="ValidationImages">Indices in the source of the held-out images, ascending.</param>
public sealed record ActivationSplit(ulong Seed, double ValidationFraction, IReadOnlyList<int> ValidationImages);
