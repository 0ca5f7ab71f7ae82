namespace Fovea.Runs;

/// <summary>Decides, stage by stage, what a run has to do: skip, continue, start or refuse.</summary>
/// <param name="redo">A stage to do again with those after it, by name or by the first word of its name; null for none.</param>
/// <param name="folders">The folders of the run's stages, in their order. What follows a redone stage is marked in them, so that it is redone also where
/// the redo is interrupted or ends before.</param>
public sealed class StageGate(string? redo, IReadOnlyList<string>? folders = null)
{
    private bool _redoing;

    /// <summary>
    /// Runs <paramref name="work"/> unless the stage is finished in <paramref name="folder"/> with the same inputs. The record says
    /// "incomplete" while it works, so that a later run continues it.
    /// </summary>
    /// <param name="record">The stage and what it is made from.</param>
    /// <param name="folder">Where its results go.</param>
    /// <param name="work">Does or continues the stage.</param>
    /// <returns>Whether the stage was skipped.</returns>
    /// <exception cref="FoveaException">The folder holds results of the stage made from other inputs.</exception>
    public bool Pass(StageRecord record, string folder, Action work)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(work);
        // Redoing a stage redoes the ones after it too: they were made from its results.
        if (redo is not null && !_redoing && (record.Stage == redo || record.Stage.StartsWith(redo + " ", StringComparison.Ordinal)))
        {
            _redoing = true;
            foreach (string following in (folders ?? []).SkipWhile(one => one != folder)) MarkStale(following);
        }
        if (_redoing || StageRecord.Find(folder) is { Stale: true }) Empty(folder);
        else if (StageRecord.Find(folder) is { } existing)
        {
            if (!existing.MakesTheSameAs(record))
            {
                throw FoveaException.BadConfiguration(
                    $"Stage '{record.Stage}' in {folder} was made from other settings:\n  {string.Join("\n  ", existing.Difference(record))}\n"
                    + $"Give --redo \"{record.Stage.Split(' ')[0]}\" to replace it and what follows from it, or --out for another run folder.");
            }
            if (existing.Complete) return true;
        }
        record.Write(folder);
        work();
        (record with { Complete = true }).Write(folder);
        return false;
    }

    private static void MarkStale(string folder)
    {
        try
        {
            if (StageRecord.Find(folder) is { } record) (record with { Stale = true }).Write(folder);
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Data)
        {
            // A record that cannot be read is replaced when its stage's turn comes.
        }
    }

    /// <summary>Removes all but the record: the new one replaces it, and until then a stale one says after a kill what was going on.</summary>
    private static void Empty(string folder)
    {
        if (!Directory.Exists(folder)) return;
        foreach (string inner in Directory.EnumerateDirectories(folder).ToArray()) Directory.Delete(inner, recursive: true);
        foreach (string file in Directory.EnumerateFiles(folder).Where(file => Path.GetFileName(file) != StageRecord.FileName).ToArray()) File.Delete(file);
    }
}
