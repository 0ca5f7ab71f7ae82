using Fovea.IO;

namespace Fovea.Runs.Notes;

/// <summary>
/// The notes of a run folder. Every change is a whole new file under the lock of the notes' own folder, made from what the file held at
/// that moment: two writers never lose each other's notes, and a kill leaves the notes before it or those after it. Who changes a note says
/// which revision he has seen; one that somebody changed since stays.
/// </summary>
public sealed class RunNotes
{
    /// <summary>Most notes of a run.</summary>
    public const int Most = 200_000;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly RunFolderReader _run;
    private readonly string _folder;

    /// <summary>The notes of a run.</summary>
    /// <param name="runFolder">The run folder.</param>
    /// <exception cref="FoveaException">Data: there is no such folder.</exception>
    public RunNotes(string runFolder)
    {
        _run = new RunFolderReader(runFolder);
        _folder = Path.Combine(_run.Name, RunLayout.NotesFolder);
    }

    /// <summary>The file.</summary>
    public string File => Path.Combine(_folder, NotesDocument.FileName);

    /// <summary>Tells the notes as they are from the notes as they were, by the time and length of their file; empty where there is none.</summary>
    public string Version => new FileInfo(File) is { Exists: true } file
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{file.LastWriteTimeUtc.Ticks}-{file.Length}") : "";

    /// <summary>All notes that say something, by layer, source and unit.</summary>
    /// <exception cref="FoveaException">Data: the file is damaged; it is left as it is.</exception>
    public IReadOnlyList<UnitNote> All() => [.. Stored().Where(note => !note.IsEmpty)];

    /// <summary>The note of a unit; an empty one of revision 0 where there is none.</summary>
    /// <exception cref="FoveaException">Data: as <see cref="All"/>.</exception>
    public UnitNote Of(string layer, string source, int unit) => Of(Stored(), new UnitNote(layer, source, unit));

    /// <summary>Saves a note in the place of the revision that it was made from.</summary>
    /// <param name="note">The note; <see cref="UnitNote.Revision"/> is the one that its writer has seen, 0 for none.</param>
    /// <param name="cancellationToken">Ends the wait for another writer.</param>
    /// <exception cref="FoveaException">Configuration: the note cannot be kept, or the run has no such unit; Data: the file is damaged;
    /// Resource: it cannot be written.</exception>
    public NoteSave Save(UnitNote note, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(note);
        UnitNote tidy = note.Tidy();
        Require(tidy, new UnitCounts(_run));
        using FolderLock held = Lock(cancellationToken);
        List<UnitNote> all = [.. Stored()];
        UnitNote before = Of(all, tidy);
        if (before.SaysTheSame(tidy)) return new NoteSave(before, true);
        if (before.Revision != tidy.Revision) return new NoteSave(before, false);
        UnitNote kept = tidy with { Revision = before.Revision + 1 };
        Put(all, kept);
        Write(all);
        return new NoteSave(kept, true);
    }

    /// <summary>Takes notes from elsewhere. All are checked before the first is kept.</summary>
    /// <param name="notes">At most one for each unit.</param>
    /// <param name="replace">Whether they stand in the place of the run's own where both have something to say; else the run's own
    /// stay.</param>
    /// <param name="cancellationToken">Ends the wait for another writer.</param>
    /// <exception cref="FoveaException">As <see cref="Save"/>; or a unit has two notes.</exception>
    public NoteImport Import(IReadOnlyList<UnitNote> notes, bool replace, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(notes);
        UnitNote[] tidy = [.. notes.Select(note => note.Tidy()).Where(note => !note.IsEmpty)];
        var counts = new UnitCounts(_run);
        var seen = new HashSet<(string, string, int)>();
        foreach (UnitNote note in tidy)
        {
            Require(note, counts);
            if (!seen.Add(note.Subject)) throw FoveaException.BadConfiguration($"There are two notes on {note.Title}.");
        }
        using FolderLock held = Lock(cancellationToken);
        Dictionary<(string, string, int), UnitNote> all = Stored().ToDictionary(note => note.Subject);
        int added = 0, replaced = 0, unchanged = 0;
        List<UnitNote> kept = [];
        foreach (UnitNote note in tidy)
        {
            UnitNote? before = all.GetValueOrDefault(note.Subject);
            if (before is null or { IsEmpty: true })
                added++;
            else if (before.SaysTheSame(note))
                unchanged++;
            else if (replace)
                replaced++;
            else
                kept.Add(before);
            if (before is null or { IsEmpty: true } || (replace && !before.SaysTheSame(note)))
                all[note.Subject] = note with { Revision = (before?.Revision ?? 0) + 1 };
        }
        if (added + replaced > 0) Write([.. all.Values]);
        return new NoteImport(added, replaced, unchanged, kept);
    }

    private IReadOnlyList<UnitNote> Stored() => DocumentFile.Find<NotesDocument>(File)?.Notes ?? [];

    private static UnitNote Of(IEnumerable<UnitNote> all, UnitNote one) =>
        all.FirstOrDefault(note => note.Subject == one.Subject) ?? new UnitNote(one.Layer, one.Source, one.Unit);

    private static void Put(List<UnitNote> all, UnitNote note)
    {
        int at = all.FindIndex(one => one.Subject == note.Subject);
        if (at < 0)
            all.Add(note);
        else
            all[at] = note;
    }

    private void Write(IReadOnlyList<UnitNote> all)
    {
        if (all.Count > Most) throw FoveaException.BadConfiguration($"{all.Count} notes are too many for a run: {Most} are the most.");
        DocumentFile.Write(File, new NotesDocument(
            [.. all.OrderBy(note => note.Layer, StringComparer.Ordinal).ThenBy(note => note.Source, StringComparer.Ordinal).ThenBy(note => note.Unit)]));
    }

    private static void Require(UnitNote note, UnitCounts counts)
    {
        if (note.Problem() is { } problem) throw FoveaException.BadConfiguration($"The note on {note.Title} cannot be kept: {problem}.");
        counts.Require(note.Layer, note.Source, note.Unit);
    }

    /// <summary>A change takes milliseconds: who comes second waits.</summary>
    private FolderLock Lock(CancellationToken ct)
    {
        for (long begun = Environment.TickCount64; ;)
        {
            try
            {
                return FolderLock.Take(_folder);
            }
            catch (FoveaException e) when (e.InnerException is { } inner && DiskFailure.IsInUse(inner)
                && Environment.TickCount64 - begun < LongestWait.TotalMilliseconds && Directory.Exists(_folder))
            {
                ct.ThrowIfCancellationRequested();
                Thread.Sleep(5);
            }
        }
    }
}
