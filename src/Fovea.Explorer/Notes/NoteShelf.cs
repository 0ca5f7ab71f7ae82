using Fovea.Explorer.Contents;
using Fovea.Runs.Notes;

namespace Fovea.Explorer.Notes;

/// <summary>The notes of the run that is served: read again when their file is another, whoever wrote it.</summary>
/// <param name="runFolder">The run folder.</param>
internal sealed class NoteShelf(string runFolder)
{
    private readonly Lock _lock = new();
    private string _seen = "";
    private NoteBook? _book;

    /// <summary>The notes themselves, to be changed.</summary>
    public RunNotes Notes { get; } = new(runFolder);

    /// <summary>Why they cannot be read; null where they can.</summary>
    public string? Problem { get; private set; }

    /// <summary>The notes as they are now.</summary>
    public NoteBook Now
    {
        get
        {
            string seen = Notes.Version;
            lock (_lock)
            {
                if (_book is not null && _seen == seen) return _book;
                return Read(seen);
            }
        }
    }

    /// <summary>Forgets what was read: the file was just written, perhaps within one tick of the disk's clock.</summary>
    public void Renew()
    {
        lock (_lock) _book = null;
    }

    private NoteBook Read(string seen)
    {
        try
        {
            (_book, Problem) = (new NoteBook(Notes.All()), null);
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Data)
        {
            (_book, Problem) = (NoteBook.Empty, e.Message);
        }
        _seen = seen;
        return _book;
    }
}
