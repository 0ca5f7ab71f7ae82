namespace Fovea.Runs;

/// <summary>Decides, stage by stage, what a run has to do: skip, continue, start or refuse.</summary>
/// <param name="redo">A stage to do again, by name or by the first word of its name; null for none.</param>
public sealed class StageGate(string? redo)
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
        if (redo is not null && (record.Stage == redo || record.Stage.StartsWith(redo + " ", StringComparison.Ordinal))) _redoing = true;
        if (_redoing && Directory.Exists(folder)) Directory.Delete(folder, recursive: true);

        if (StageRecord.Find(folder) is { } existing)
        {
            if (existing.Hash != record.Hash)
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
}
