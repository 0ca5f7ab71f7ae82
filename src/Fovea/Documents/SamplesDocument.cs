using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>The images whose score maps the report shows: <c>samples.json</c> of a layer's activations (figure 8).</summary>
/// <param name="Samples">In the order of the source.</param>
public sealed record SamplesDocument(IReadOnlyList<SampleMaps> Samples) : ICheckedDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "samples.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <inheritdoc/>
    public string? Inconsistency() => StoredPicture.Inconsistency(Samples.Select(sample => sample.Picture));
}

/// <summary>One image whose score maps are shown in the report (figure 8).</summary>
public sealed record SampleMaps
{
    /// <summary>The image's id.</summary>
    public required string Image { get; init; }

    /// <summary>Its class.</summary>
    public required int Label { get; init; }

    /// <summary>The class's name.</summary>
    public required string ClassName { get; init; }

    /// <summary>The picture as the network sees it.</summary>
    public required StoredPicture Picture { get; init; }

    /// <summary>For each filter the map, rows from the top; null where a value is undefined.</summary>
    public required IReadOnlyDictionary<string, float?[][]> Maps { get; init; }
}
