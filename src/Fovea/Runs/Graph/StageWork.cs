using System.Diagnostics;
using Fovea.IO;
using static TorchSharp.torch;

namespace Fovea.Runs.Graph;

/// <summary>
/// One stage of a run as one worker sees it: begun once by whoever comes first, made part by part by all, joined by whoever finds all parts
/// done. Each step looks at the disk anew, since others change it.
/// </summary>
/// <param name="decision">The stage.</param>
/// <param name="context">What the stages share.</param>
/// <param name="worker">Who works.</param>
internal sealed class StageWork(StageDecision decision, RunContext context, RunWorker worker)
{
    private static readonly TimeSpan ShortWait = TimeSpan.FromMilliseconds(50), LongWait = TimeSpan.FromSeconds(2);

    private readonly StageScratch _scratch = new(context.Run, decision.Folder);
    private StageRecord _record = decision.Record;
    private IReadOnlyList<StagePart>? _parts;

    public IStage Stage => decision.Stage;

    /// <summary>Parts that this worker has made.</summary>
    public int Made { get; private set; }

    /// <summary>The seconds in which this worker joined the parts; null where it did not.</summary>
    public double? Joined { get; private set; }

    /// <summary>Whether everything of the stage is in its folder.</summary>
    public bool IsComplete => !IsToBeBegun && Found() is { Complete: true, Stale: false } found && found.Hash == decision.Record.Hash;

    /// <summary>Whether parts will become free when others, now being made, are done: a worker that left now would not be there for them.</summary>
    public bool HasPartsToCome => _parts is not null && !IsComplete && new PartOrder(_parts, _scratch.IsDone).HasWaiting();

    /// <summary>A stage that is to be redone is not complete before it was begun again, whatever its record says.</summary>
    private bool IsToBeBegun => _parts is null && decision.Action == StageAction.Replace;

    /// <summary>Clears what a process that was killed at the end of the stage left behind.</summary>
    public void Skip()
    {
        _scratch.ClearComplete();
        Stage.Skipped(context);
    }

    /// <summary>Makes the record and the parts that the stage has, unless another worker did.</summary>
    /// <exception cref="FoveaException">Configuration: others work on it with other settings, or with another number of threads.</exception>
    public void Begin()
    {
        if (_parts is not null) return;
        if (IsNew(Found()))
        {
            using (Claim())
            {
                // Another may have begun it while this one waited.
                if (IsNew(Found())) Start();
            }
        }
        StageRecord found = Found()!;
        if (found.Hash != decision.Record.Hash) throw StageRunner.Refusal(decision.Record, found, decision.Folder);
        if (found.Threads != 0 && found.Threads != get_num_threads() && !found.Complete) RequireThreads(found.Threads);
        _record = decision.Record with { Threads = found.Threads, Parts = found.Parts };
        _parts ??= Stage.Parts(context);
    }

    /// <summary>Makes parts until none is free.</summary>
    /// <returns>Whether all are done.</returns>
    public bool MakeParts()
    {
        using (var queue = new PartQueue(_parts!, _scratch, worker, () => IsComplete, context.Cancellation))
        {
            try
            {
                Stage.MakeParts(context, queue);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                queue.NoteFailure(e.Message);
                throw;
            }
            finally
            {
                Made += queue.Made;
            }
        }
        return IsComplete || _parts!.All(_scratch.IsDone);
    }

    /// <summary>Joins the parts, all of which are done, and completes the stage, unless another is at it.</summary>
    /// <returns>Whether the stage is complete.</returns>
    public bool TryJoin()
    {
        using (ClaimFile? claim = _scratch.ClaimStage(worker.Lease, out _))
        {
            if (claim is null) return false;
            if (!IsComplete)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                var clock = Stopwatch.StartNew();
                Stage.Join(context, new JoinedParts(_parts!, part => _scratch.Done(part).Hashes, _scratch.TakeBack));
                // All are done: what is half written now is of processes that were killed.
                RunFolder.RemovePartialFiles(decision.Folder);
                (_record with { Complete = true }).Write(decision.Folder);
                Joined = clock.Elapsed.TotalSeconds;
            }
            _scratch.Clear();
        }
        _scratch.Prune();
        return true;
    }

    /// <summary>Who is at it, in a sentence; null where nobody is.</summary>
    public string? Others()
    {
        string[] holders = [.. _scratch.Holders(DateTime.UtcNow).Where(one => one.Record.Owner != ProcessIdentity.Current).Select(
            one => $"{(one.Part is null ? "the joining of the parts" : $"'{one.Part}'")} by process {one.Record.Owner.Process} on {one.Record.Owner.Host}")];
        return holders.Length == 0 ? null : $"{Stage.Name}: being made are {string.Join(", ", holders.Take(5))}{(holders.Length > 5 ? $" and {holders.Length - 5} more" : "")}.";
    }

    /// <summary>Waits a little for what others are making.</summary>
    /// <param name="round">How often it has waited.</param>
    public void Wait(int round)
    {
        if (round == 2 && Others() is { } others) context.Log(others + " Waiting for them.");
        context.Cancellation.WaitHandle.WaitOne(round < 10 ? ShortWait : LongWait);
        context.Cancellation.ThrowIfCancellationRequested();
    }

    private bool IsNew(StageRecord? found) => found is null || found.Stale || IsToBeBegun
        || (found.Hash != decision.Record.Hash && decision.Action == StageAction.Replace);

    private void Start()
    {
        if (decision.Action == StageAction.Replace)
        {
            if (Others() is { } others)
                throw FoveaException.OutOfResource($"{others} End them before the stage is done again.");
            StageRunner.Empty(decision.Folder);
        }
        _scratch.Clear();
        // Asked for now, so that the record says how many there are; where they cannot be told, there is no record of a stage that began.
        _parts = Stage.Parts(context);
        (decision.Record with { Threads = get_num_threads(), Parts = _parts.Count }).Write(decision.Folder);
    }

    private ClaimFile Claim()
    {
        for (int round = 0; ; round++)
        {
            if (_scratch.ClaimStage(worker.Lease, out _) is { } claim) return claim;
            Wait(round);
        }
    }

    private void RequireThreads(int threads)
    {
        string what = $"{Stage.Name} was begun with {threads} threads, and this process has {get_num_threads()}: ";
        if (context.Options.Worker is not null)
            throw FoveaException.BadConfiguration($"{what}its parts could differ in their last bits. Give --threads {threads}.");
        context.LogOnce($"{what}its last bits may differ from those of a run in one go. --threads {threads} gives the same.");
    }

    /// <summary>A record that cannot be read is replaced.</summary>
    private StageRecord? Found() => StageRunner.Readable(decision.Folder);
}
