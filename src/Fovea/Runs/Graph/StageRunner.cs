using Fovea.IO;

namespace Fovea.Runs.Graph;

/// <summary>
/// Runs the stages of a graph in a run folder whose lock the caller holds. A stage is complete when its record says so; until then a later
/// run continues it: parts that are done are kept, others go on from their scratch. Scratch is cleared only after the record says that the
/// stage is complete.
/// </summary>
/// <param name="graph">The stages.</param>
/// <param name="context">What they share.</param>
internal sealed class StageRunner(StageGraph graph, RunContext context)
{
    private readonly WorkflowOptions _options = context.Options;

    /// <summary>Checks everything that can be known to fail, and decides what to do with each stage; writes nothing.</summary>
    /// <exception cref="FoveaException">A stage refuses its settings, or its folder holds what was made from other inputs.</exception>
    public IReadOnlyList<StageDecision> Decide()
    {
        var stages = graph.UpTo(_options.Until);
        HashSet<string> redone = _options.Redo is { } redo ? [.. graph.From(redo).Select(stage => stage.Name)] : [];
        foreach (var stage in stages) stage.Check(context);
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        var decisions = new List<StageDecision>();
        foreach (var stage in stages)
        {
            var record = StageRecord.Create(
                stage.Name, stage.Inputs(context), stage.After.ToDictionary(name => name, name => hashes[name]));
            hashes[stage.Name] = record.Hash;
            string folder = stage.Folder(context.Run);
            decisions.Add(
                new StageDecision(stage, folder, record, redone.Contains(stage.Name) ? StageAction.Replace : Decide(record, folder)));
        }
        return decisions;
    }

    /// <summary>Does what was decided.</summary>
    /// <param name="decisions">Of <see cref="Decide()"/>.</param>
    /// <param name="journal">Notes times.</param>
    public void Run(IReadOnlyList<StageDecision> decisions, RunJournal journal)
    {
        if (_options.Redo is { } redo) MarkStale(graph.From(redo));
        foreach (var decision in decisions)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            journal.Time(decision.Stage.Name, () => Run(decision));
        }
    }

    /// <summary>Whether the stage was skipped.</summary>
    private bool Run(StageDecision decision)
    {
        var (stage, folder, record, action) = decision;
        var scratch = new StageScratch(context.Run, folder);
        if (action == StageAction.Skip)
        {
            scratch.Clear(); // of a run that was killed between completion and here
            stage.Skipped(context);
            return true;
        }
        if (action == StageAction.Replace) Empty(folder);
        if (action != StageAction.Continue)
        {
            scratch.Clear();
            record.Write(folder);
        }
        MakeParts(stage, scratch);
        stage.Join(context);
        (record with { Complete = true }).Write(folder);
        scratch.Clear();
        return false;
    }

    private void MakeParts(IStage stage, StageScratch scratch)
    {
        foreach (var part in stage.Parts(context))
        {
            if (scratch.IsDone(part)) continue;
            context.Cancellation.ThrowIfCancellationRequested();
            using var claim = scratch.Claim(part, out var owner)
                ?? throw FoveaException.OutOfResource(
                    $"{stage.Name}: '{part.Name}' is being made by process {owner!.Process} on {owner.Host}. Wait for it.");
            part.Make(scratch.Of(part));
            scratch.MarkDone(part);
        }
    }

    private StageAction Decide(StageRecord record, string folder)
    {
        if (StageRecord.Find(folder) is not { } found) return StageAction.Start;
        if (found.Stale) return StageAction.Replace;
        if (found.Hash == record.Hash) return found.Complete ? StageAction.Skip : StageAction.Continue;
        // It was begun and gave nothing: a correction of what stopped it costs nobody anything.
        if (!found.Complete && HoldsNothing(folder)) return StageAction.Replace;
        throw FoveaException.BadConfiguration(
            $"Stage '{record.Stage}' in {folder} was made from other settings:\n  {string.Join("\n  ", found.Difference(record))}\n"
            + $"Give --redo \"{record.Stage}\" to replace it and what was made from it, or --out for another run folder.");
    }

    private bool HoldsNothing(string folder) => new StageScratch(context.Run, folder).IsEmpty
        && !Directory.EnumerateFileSystemEntries(folder).Any(entry => Path.GetFileName(entry) != StageRecord.FileName);

    /// <summary>
    /// Marks what is to be redone, and what was made from it and is no stage of the recipe any more, so that it is redone also where this
    /// run ends before. The last ones first: killed in between, stages are redone that need not be, and none is left out.
    /// </summary>
    private void MarkStale(IReadOnlyList<IStage> stages)
    {
        HashSet<string> names = [.. stages.Select(stage => stage.Name)];
        foreach (var (folder, record) in Enumerable.Reverse(Orphans(names))) (record with { Stale = true }).Write(folder);
        foreach (var stage in Enumerable.Reverse(stages))
        {
            string folder = stage.Folder(context.Run);
            if (Readable(folder) is { } record) (record with { Stale = true }).Write(folder);
        }
    }

    /// <summary>Stages of earlier forms of the recipe that were made from stages of these names, by what their records say.</summary>
    private List<(string Folder, StageRecord Record)> Orphans(HashSet<string> names)
    {
        HashSet<string> known = [.. graph.Stages.Select(stage => stage.Folder(context.Run))];
        var found = new List<(string Folder, StageRecord Record)>();
        if (!Directory.Exists(context.Run.Root)) return found;
        var others = Directory.EnumerateFiles(context.Run.Root, StageRecord.FileName, SearchOption.AllDirectories)
            .Select(path => Path.GetDirectoryName(path)!)
            .Where(folder => !known.Contains(folder)).Order(StringComparer.Ordinal)
                .Select(folder => (Folder: folder, Record: Readable(folder)!)).Where(one => one.Record is not null).ToList();
        for (int before = -1; before != found.Count;)
        {
            before = found.Count;
            foreach (var one in others.Where(one => one.Record.After.Any(names.Contains)).ToArray())
            {
                others.Remove(one);
                names.Add(one.Record.Stage);
                found.Add(one);
            }
        }
        return found;
    }

    /// <summary>A record that cannot be read is replaced when its stage's turn comes.</summary>
    private static StageRecord? Readable(string folder)
    {
        try
        {
            return StageRecord.Find(folder);
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Data)
        {
            return null;
        }
    }

    /// <summary>
    /// Removes all but the record: the new one replaces it, and until then a stale one says after a kill what was going on.
    /// </summary>
    private static void Empty(string folder)
    {
        if (!Directory.Exists(folder)) return;
        string[] entries =
            [.. Directory.EnumerateDirectories(folder), .. Directory.EnumerateFiles(folder)
                .Where(file => Path.GetFileName(file) != StageRecord.FileName)];
        foreach (string entry in entries) Removal.Of(entry);
    }
}
