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

    /// <summary>Images stored; row = image × height × width + y × width + x.</summary>
    public required int Images { get; init; }

    /// <summary>Vectors stored: images × height × width.</summary>
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

    /// <summary>The shards, in row order.</summary>
    public required IReadOnlyList<ActivationShard> Shards { get; init; }

    /// <summary>Filters with a folder under <c>draws/</c>.</summary>
    public required IReadOnlyList<string> Filters { get; init; }

    /// <summary>Which images stage 3 may not train on.</summary>
    public required ActivationSplit Split { get; init; }

    /// <summary>Positions of the grid.</summary>
    [JsonIgnore]
    public int Positions => Grid[0] * Grid[1];

    /// <inheritdoc/>
    public string? Inconsistency()
    {
        if (Grid.Count != 2 || Grid.Any(side => side < 1) || (long)Grid[0] * Grid[1] > int.MaxValue)
            return "grid is not a height and a width";
        if (Layout is { } layout && (layout.Height != Grid[0] || layout.Width != Grid[1] || layout.Before < 0 || layout.After < 0))
            return "layout is not of the grid";
        if (Channels < 1) return "channels is below 1";
        if (Images < 0 || Vectors != (long)Images * Positions) return $"vectors is {Vectors}, not {Images} images of {Positions} positions";
        long next = 0;
        foreach (ActivationShard shard in Shards)
        {
            if (shard.FirstRow != next || shard.Rows < 0 || shard.Rows % Positions != 0)
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
/// The held-out images: by image, so that no image has vectors on both sides; the same for every filter and every dictionary.
/// </summary>
/// <param name="Seed">The seed of the draw.</param>
/// <param name="ValidationFraction">Share of the images asked for.</param>
/// <param name="ValidationImages">Indices in the source of the held-out images, ascending.</param>
public sealed record ActivationSplit(ulong Seed, double ValidationFraction, IReadOnlyList<int> ValidationImages);
