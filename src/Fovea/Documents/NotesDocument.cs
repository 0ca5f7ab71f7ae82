using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>What people wrote about units of a run: <c>notes/notes.json</c>. It is theirs: no stage writes, replaces or clears it.</summary>
/// <param name="Notes">At most one for each unit; by layer, source and unit.</param>
public sealed record NotesDocument(IReadOnlyList<UnitNote> Notes) : ICheckedDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "notes.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <inheritdoc/>
    public string? Inconsistency()
    {
        var seen = new HashSet<(string, string, int)>();
        foreach (UnitNote note in Notes)
        {
            if (note.Problem() is { } problem) return $"the note on {note.Title} cannot be: {problem}";
            if (!seen.Add(note.Subject)) return $"{note.Title} has two notes";
        }
        return null;
    }
}
