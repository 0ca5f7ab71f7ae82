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

    /// <summary>Tells this claim from every other one, also of the same process.</summary>
    public string Token { get; init; } = "";

    /// <summary>When the part was begun, UTC, by the owner's clock.</summary>
    public DateTime? Since { get; init; }

    /// <summary>
    /// The lease: where the file has not been written again for so many seconds, by the clock of the machine that keeps it, a process of
    /// another machine may take the part.
    /// </summary>
    public double LeaseSeconds { get; init; } = 300;
}
