namespace Fovea.Explorer.Contents;

/// <summary>What people wrote about the units of a run, to be looked up by unit.</summary>
public sealed class NoteBook
{
    private static readonly IReadOnlySet<int> Nothing = new HashSet<int>();

    private readonly Dictionary<(string Layer, string Source, int Unit), UnitNote> _notes;
    private readonly Dictionary<(string Layer, string Source), IReadOnlySet<int>> _hidden;

    /// <summary>A book of notes.</summary>
    /// <param name="notes">At most one for each unit; those that say nothing are left out.</param>
    public NoteBook(IEnumerable<UnitNote> notes)
    {
        All = [.. notes.Where(note => !note.IsEmpty)];
        _notes = All.ToDictionary(note => note.Subject);
        _hidden = All.Where(note => note.Hidden).GroupBy(note => (note.Layer, note.Source))
            .ToDictionary(group => group.Key, group => (IReadOnlySet<int>)group.Select(note => note.Unit).ToHashSet());
    }

    /// <summary>No notes.</summary>
    public static NoteBook Empty { get; } = new([]);

    /// <summary>All of them, by layer, source and unit.</summary>
    public IReadOnlyList<UnitNote> All { get; }

    /// <summary>The note of a unit; null where there is none.</summary>
    public UnitNote? Of(string layer, string source, int unit) => _notes.GetValueOrDefault((layer, source, unit));

    /// <summary>The units of a source that galleries leave out.</summary>
    public IReadOnlySet<int> Hidden(string layer, string source) => _hidden.GetValueOrDefault((layer, source), Nothing);

    internal static NoteBook Read(CarefulReader reader) => new(reader.Find<NotesDocument>(RunLayout.Notes)?.Notes ?? []);
}
