using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>What an autoencoder of a sweep leaves whose numbers went wrong: <c>failed.json</c> in its folder.</summary>
/// <param name="Failure">Which, and why.</param>
public sealed record FailedMember(SweepFailure Failure) : IDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "failed.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;
}
