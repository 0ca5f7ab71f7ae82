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
    private readonly string _folder = Path.Combine(run.Scratch, Path.GetRelativePath(run.Root, results));

    /// <summary>Whether there is none: no part has begun.</summary>
    public bool IsEmpty => !Directory.Exists(_folder);

    /// <summary>The part's own folder; it need not exist yet.</summary>
    public string Of(StagePart part) => Path.Combine(_folder, part.Name);

    public bool IsDone(StagePart part) => File.Exists(DonePath(part));

    /// <summary>Records that the part's results are there.</summary>
    public void MarkDone(StagePart part) => AtomicFile.WriteText(DonePath(part), "");

    /// <summary>Keeps others from making the part; null where a process that lives is making it.</summary>
    public ClaimFile? Claim(StagePart part, out ProcessIdentity? owner) =>
        ClaimFile.TryTake(Path.Combine(_folder, part.Name + ".claim"), out owner);

    /// <summary>Removes all of it, and the folders above that nothing else is in.</summary>
    public void Clear()
    {
        if (!IsEmpty) Removal.Of(_folder);
        for (string? above = Path.GetDirectoryName(_folder); above is not null
            && above.Length >= run.Scratch.Length; above = Path.GetDirectoryName(above))
        {
            if (!Directory.Exists(above)) continue;
            if (Directory.EnumerateFileSystemEntries(above).Any()) return;
            Directory.Delete(above);
        }
    }

    private string DonePath(StagePart part) => Path.Combine(_folder, part.Name + ".done");
}
