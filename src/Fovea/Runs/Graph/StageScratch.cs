using Fovea.IO;

namespace Fovea.Runs.Graph;

/// <summary>
/// What only a continuation of a stage needs, in <c>scratch/</c> beside the results: a folder for each part, which parts are done, and who
/// makes which. It is the runner's alone, and goes only after the stage is recorded as complete.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="results">The stage's folder.</param>
internal sealed class StageScratch(RunFolder run, string results)
{
    private const int Attempts = 20;

    private readonly string _folder = Path.Combine(run.Scratch, Path.GetRelativePath(run.Root, results));

    /// <summary>Whether there is none: no part has begun.</summary>
    public bool IsEmpty => !Directory.Exists(_folder);

    /// <summary>The folder of another part of the same stage, which that part's maker or those after it write to.</summary>
    /// <param name="own">A part's own folder.</param>
    /// <param name="other">The other part's name.</param>
    public static string Beside(string own, string other) => Path.Combine(Path.GetDirectoryName(own)!, other);

    /// <summary>The part's own folder; it need not exist yet.</summary>
    public string Of(StagePart part) => Path.Combine(_folder, part.Name);

    public bool IsDone(StagePart part) => File.Exists(DonePath(part));

    /// <summary>What is recorded of a part that is done.</summary>
    /// <exception cref="FoveaException">Data: the record is damaged; it is taken back.</exception>
    public PartRecord Done(StagePart part)
    {
        try
        {
            return DocumentFile.Read<PartRecord>(DonePath(part));
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Data)
        {
            TakeBack(part);
            throw FoveaException.BadData($"What is recorded of {part.Name} cannot be read: {e.Message} The same command, given again, makes that part again.", e);
        }
    }

    /// <summary>Records that the part's results are there.</summary>
    public void MarkDone(StagePart part, PartRecord record)
    {
        DocumentFile.Write(DonePath(part), record);
        AtomicFile.TryDelete(FailedPath(part));
    }

    /// <summary>Takes back that the part's results are there.</summary>
    public void TakeBack(StagePart part) => Removal.Of(DonePath(part));

    /// <summary>Records that the part could not be made, and why; the error itself is more important than its record.</summary>
    public void MarkFailed(StagePart part, PartRecord record)
    {
        try { DocumentFile.Write(FailedPath(part), record); }
        catch (FoveaException) { }
    }

    /// <summary>Keeps others from making the part; null where a process that may live is making it.</summary>
    public ClaimFile? Claim(StagePart part, TimeSpan lease, out ProcessIdentity? owner) =>
        ClaimFile.TryTake(ClaimPath(part), out owner, lease);

    /// <summary>Keeps others from beginning or joining the stage; null where a process that may live is at it.</summary>
    public ClaimFile? ClaimStage(TimeSpan lease, out ProcessIdentity? owner) => ClaimFile.TryTake(StagePath, out owner, lease);

    /// <summary>Who is making parts of the stage, or joins them, by the name of the part; the stage itself has none.</summary>
    /// <param name="now">The time.</param>
    public IReadOnlyList<(string? Part, ClaimRecord Record, DateTime Renewed)> Holders(DateTime now)
    {
        List<(string?, ClaimRecord, DateTime)> holders = [];
        if (ClaimFile.Holder(StagePath, now) is { } own) holders.Add((null, own.Record, own.Renewed));
        foreach (string part in Parts(".claim").Where(name => !name.Contains('~', StringComparison.Ordinal)))
        {
            if (ClaimFile.Holder(Path.Combine(_folder, part + ".claim"), now) is { } holder)
                holders.Add((part, holder.Record, holder.Renewed));
        }
        return holders;
    }

    /// <summary>The parts that are done, and those that failed the last time, with what is recorded of them.</summary>
    public IEnumerable<(string Part, PartRecord Record)> Ended(bool done)
    {
        string suffix = done ? ".done" : ".failed";
        foreach (string part in Parts(suffix))
        {
            PartRecord? record = null;
            try { record = DocumentFile.Find<PartRecord>(Path.Combine(_folder, part + suffix)); }
            catch (FoveaException) { } // damaged, or just being cleared
            if (record is not null) yield return (part, record);
        }
    }

    /// <summary>Removes all of it, and the folders above that nothing else is in.</summary>
    public void Clear()
    {
        for (int attempt = 1; !IsEmpty; attempt++)
        {
            try
            {
                Removal.Of(_folder);
            }
            catch (FoveaException e) when (e.InnerException is IOException && attempt < Attempts)
            {
                Thread.Sleep(10); // another process looks for parts in it
            }
        }
        Prune();
    }

    /// <summary>Removes what a process left that ended between completing the stage and giving back its claim.</summary>
    public void ClearComplete()
    {
        if (File.Exists(StagePath)) ClaimStage(ClaimFile.StandardLease, out _)?.Dispose();
        Clear();
    }

    /// <summary>Removes the folders above that nothing is in.</summary>
    public void Prune()
    {
        for (string? above = Path.GetDirectoryName(_folder); above is not null
            && above.Length >= run.Scratch.Length; above = Path.GetDirectoryName(above))
        {
            try
            {
                if (!Directory.Exists(above)) continue;
                if (Directory.EnumerateFileSystemEntries(above).Any()) return;
                Directory.Delete(above);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return; // another process has just put something there
            }
        }
    }

    private string StagePath => _folder + ".claim";

    private IEnumerable<string> Parts(string suffix)
    {
        try
        {
            return IsEmpty ? [] : [.. Directory.EnumerateFiles(_folder, "*" + suffix).Select(file => Path.GetFileName(file)[..^suffix.Length])
                .Order(StringComparer.Ordinal)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private string DonePath(StagePart part) => Path.Combine(_folder, part.Name + ".done");

    private string FailedPath(StagePart part) => Path.Combine(_folder, part.Name + ".failed");

    private string ClaimPath(StagePart part) => Path.Combine(_folder, part.Name + ".claim");
}
