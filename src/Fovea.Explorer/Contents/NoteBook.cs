namespace Fovea.Explorer.Contents;

/// <summary>What people wrote about the units of a run, to be looked up by unit.</summary>
public sealed class NoteBook
{
    private readonly Dictionary<(string Layer, string Source, int Unit), UnitNote> _notes;

    /// <summary>A book of notes.</summary>
    /// <param name="notes">At most one for each unit; those that say nothing are left out.</param>
    public NoteBook(IEnumerable<UnitNote> notes)
    {
        All = [.. notes.Where(note => !note.IsEmpty)];
        _notes = All.ToDictionary(note => note.Subject);
    }

    /// <summary>No notes.</summary>
    public static NoteBook Empty { get; } = new([]);

    /// <summary>All of them, by layer, source and unit.</summary>
    public IReadOnlyList<UnitNote> All { get; }

    /// <summary>The note of a unit; null where there is none.</summary>
    public UnitNote? Of(string layer, string source, int unit) => _notes.GetValueOrDefault((layer, source, unit));

    /// <summary>The notes of a source's units by their numbers.</summary>
    internal IReadOnlyDictionary<int, UnitNote> Of(FeatureSet set) =>
        All.Where(note => note.Layer == set.Layer && note.Source == set.Source).ToDictionary(note => note.Unit);

    internal static NoteBook Read(CarefulReader reader) => new(reader.Find<NotesDocument>(RunLayout.Notes)?.Notes ?? []);
}
