using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>The images that a pass could not decode: <c>damaged.json</c>, where there are any.</summary>
/// <param name="Images">In the order of the source.</param>
public sealed record DamagedImages(IReadOnlyList<DamagedImage> Images) : IDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "damaged.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;
}

/// <summary>An image that was skipped.</summary>
/// <param name="Id">Its name in the source.</param>
/// <param name="Why">What the decoder said.</param>
public sealed record DamagedImage(string Id, string Why);
