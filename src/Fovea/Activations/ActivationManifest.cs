namespace Fovea.Activations;

/// <summary>What a folder of harvested activations holds (<c>manifest.json</c>, written last). Format: docs/reference/run-folder.md.</summary>
public sealed record ActivationManifest
{
    /// <summary>File name of the manifest.</summary>
    public const string FileName = "manifest.json";

    /// <summary>Version of the format.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The layer the vectors are from.</summary>
    public required string Layer { get; init; }

    /// <summary>Length of a vector.</summary>
    public required int Channels { get; init; }

    /// <summary>Height and width of the layer's grid.</summary>
    public required IReadOnlyList<int> Grid { get; init; }

    /// <summary>Images stored; row = image × height × width + y × width + x.</summary>
    public required int Images { get; init; }

    /// <summary>Vectors stored: images × height × width.</summary>
    public required long Vectors { get; init; }

    /// <summary>Images that could not be decoded; <c>damaged.json</c> lists them.</summary>
    public required int Damaged { get; init; }

    /// <summary>Fingerprint of the image source.</summary>
    public required string Source { get; init; }

    /// <summary>The shards, in row order.</summary>
    public required IReadOnlyList<ActivationShard> Shards { get; init; }

    /// <summary>Filters with a folder under <c>draws/</c>.</summary>
    public required IReadOnlyList<string> Filters { get; init; }

    /// <summary>Which images stage 3 may not train on.</summary>
    public required ActivationSplit Split { get; init; }

    /// <summary>Positions of the grid.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int Positions => Grid[0] * Grid[1];
}

/// <summary>One shard: <c>vectors-NNNNN.safetensors</c> and, for each filter, <c>draws/&lt;filter&gt;/draws-NNNNN.safetensors</c>.</summary>
/// <param name="File">File name of the vectors.</param>
/// <param name="FirstRow">Row number of its first vector.</param>
/// <param name="Rows">Vectors in it.</param>
public sealed record ActivationShard(string File, long FirstRow, int Rows)
{
    /// <summary>SHA-256 of its tensors' bytes as they were written; also in the file's header. Null: written by another program.</summary>
    public string? Hash { get; init; }
}

/// <summary>The held-out images: by image, so that no image has vectors on both sides; the same for every filter and every dictionary.</summary>
/// <param name="Seed">The seed of the draw.</param>
/// <param name="ValidationFraction">Share of the images asked for.</param>
/// <param name="ValidationImages">Indices in the source of the held-out images, ascending.</param>
public sealed record ActivationSplit(ulong Seed, double ValidationFraction, IReadOnlyList<int> ValidationImages);
