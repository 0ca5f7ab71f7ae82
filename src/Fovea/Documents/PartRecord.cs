using System.Text.Json.Serialization;
using Fovea.IO;

namespace Fovea.Documents;

/// <summary>
/// What became of a part of a stage that is not complete yet: <c>PART.done</c> in the run's scratch where its results are there,
/// <c>PART.failed</c> where the last who tried could not make it.
/// </summary>
/// <param name="Owner">The process.</param>
/// <param name="Ended">When, UTC, by its clock.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record PartRecord(ProcessIdentity Owner, DateTime Ended, double Seconds) : IDocument
{
    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>Why it failed; absent where it did not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    /// <summary>
    /// SHA-256 of the part's files, of shards of a harvest of the tensors in them, by their path in the stage's folder; who joins the parts
    /// finds the same in the files. Absent: nothing to compare.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Hashes { get; init; }
}
