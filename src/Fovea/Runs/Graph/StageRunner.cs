using Fovea.IO;

namespace Fovea.Runs.Graph;

/// <summary>
/// Runs the stages of a graph in a run folder, alone or beside other workers. A stage is complete when its record says so; until then a
/// later run continues it: parts that are done are kept, others go on from their scratch. Scratch is cleared only after the record says that
/// the stage is complete.
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

    /// <summary>Does what was decided, stage by stage; parts that others are making are waited for.</summary>
    /// <param name="decisions">Of <see cref="Decide()"/>.</param>
    /// <param name="journal">Notes times.</param>
    public void Run(IReadOnlyList<StageDecision> decisions, RunJournal journal)
    {
        if (_options.Redo is { } redo) MarkStale(graph.From(redo));
        foreach (var decision in decisions)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            journal.Time(decision.Stage.Name, () => Run(new StageWork(decision, context, RunWorker.Alone)));
        }
    }

    /// <summary>
    /// Does what is free of what was decided, beside other workers, and ends where nothing is, or waits where it was asked to: a stage whose parts are all being made by
    /// others is left to them, and one that is made from another waits until that is complete. Parts of one stage that are made after others of it are waited for.
    /// </summary>
    /// <param name="decisions">Of <see cref="Decide()"/>.</param>
    /// <param name="worker">Which worker this is.</param>
    public WorkerResult Work(IReadOnlyList<StageDecision> decisions, RunWorker worker)
    {
        StageWork[] all = [.. decisions.Select(decision => new StageWork(decision, context, worker))];
        for (int round = 0; ; round++)
        {
            if (all.Count(Advance) > 0) round = 0;
            else if (all.FirstOrDefault(work => worker.Waits ? !work.IsComplete : work.HasPartsToCome) is { } waited) waited.Wait(round);
            else break;
        }
        StageWork[] left = [.. all.Where(work => !work.IsComplete)];
        return new WorkerResult(
            context.Run.Root, left.Length == 0, [.. all.Where(work => work.Made > 0).Select(work => new MadeParts(work.Stage.Name, work.Made))],
            [.. all.Where(work => work.Joined is not null).Select(work => work.Stage.Name)],
            [.. left.Select(work => work.Others() ?? $"{work.Stage.Name}: waits for the stages before it.")]);

        bool Advance(StageWork work)
        {
            if (work.IsComplete || !all.All(other => other.IsComplete || !work.Stage.After.Contains(other.Stage.Name))) return false;
            context.Cancellation.ThrowIfCancellationRequested();
            int before = work.Made;
            work.Begin();
            if (work.MakeParts()) work.TryJoin();
            if (work.Joined is { } seconds)
                context.Log(FormattableString.Invariant($"{work.Stage.Name}: all parts are done, joined in {seconds:0.0} s"));
            return work.Made > before || work.IsComplete;
        }
    }

    /// <summary>Whether the stage was skipped.</summary>
    private static bool Run(StageWork work)
    {
        if (work.IsComplete)
        {
            work.Skip();
            return true;
        }
        for (int round = 0; ; round++)
        {
            work.Begin();
            if (work.MakeParts() && work.TryJoin()) return false;
            work.Wait(round);
        }
    }

    /// <summary>What is said of a stage that was made from other settings.</summary>
    internal static FoveaException Refusal(StageRecord wanted, StageRecord found, string folder) => FoveaException.BadConfiguration(
        $"Stage '{wanted.Stage}' in {folder} was made from other settings:\n  {string.Join("\n  ", found.Difference(wanted))}\n"
            + $"Give --redo \"{wanted.Stage}\" to replace it and what was made from it, or --out for another run folder.");

    private StageAction Decide(StageRecord record, string folder)
    {
        if (StageRecord.Find(folder) is not { } found) return StageAction.Start;
        if (found.Stale) return StageAction.Replace;
        if (found.Hash == record.Hash && found.Complete)
            return StageDamage.Of(folder) is { } why ? throw StageDamage.Refusal(record.Stage, why) : StageAction.Skip;
        if (found.Hash == record.Hash) return StageAction.Continue;
        // It was begun and gave nothing: a correction of what stopped it costs nobody anything.
        if (!found.Complete && HoldsNothing(folder)) return StageAction.Replace;
        throw Refusal(record, found, folder);
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

    /// <summary>A record that cannot be read is replaced when its stage's turn comes; not one that may not be read: its stage may be
    /// whole.</summary>
    /// <exception cref="FoveaException">Data: there is no right to read it.</exception>
    internal static StageRecord? Readable(string folder)
    {
        try
        {
            return StageRecord.Find(folder);
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Data && e.InnerException is not UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Removes all but the record: the new one replaces it, and until then a stale one says after a kill what was going on.
    /// </summary>
    internal static void Empty(string folder)
    {
        if (!Directory.Exists(folder)) return;
        string[] entries =
            [.. Directory.EnumerateDirectories(folder), .. Directory.EnumerateFiles(folder)
                .Where(file => Path.GetFileName(file) != StageRecord.FileName)];
        foreach (string entry in entries) Removal.Of(entry);
    }
}
