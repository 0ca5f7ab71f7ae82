using System.Text.Json.Serialization;
using Fovea.IO;

namespace Fovea.Documents;

/// <summary>Who makes a part of a stage: the file <c>PART.claim</c> in the run's scratch, as long as the part is being made.</summary>
/// <param name="Owner">The process.</param>
public sealed record ClaimRecord(ProcessIdentity Owner) : IDocument
{
    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;
}
