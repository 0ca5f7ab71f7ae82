using Fovea.IO;
using Fovea.Numerics;
using Fovea.Runs;

namespace Fovea.Tests.Shared;

/// <summary>
/// Runs something in a folder without a break, then again with breaks, and compares every file. Moments are counted in events (reports of
/// progress, changes of the disk, writes), not read from a clock, and drawn from a seed: the same seed stops at the same places. A kill is
/// the folder as it is at the moment, taken as the start of what follows; nothing that the stopped process does afterwards reaches it.
/// Faults of the disk last until the invocation ends.
/// </summary>
/// <param name="folder">A folder of the harness's own.</param>
/// <param name="run">Runs to the end, or goes on, in the folder it is given.</param>
public sealed class InterruptionHarness(string folder, Action<string, IProgress<WorkflowProgress>, CancellationToken> run)
{
    private const int NoSpaceLeft = 28;

    private readonly string _reference = Path.Combine(folder, "reference"), _run = Path.Combine(folder, "run"), _snapshot = Path.Combine(
        folder, "snapshot");

    /// <summary>Reports of progress and changes of the disk in the run without a break.</summary>
    public int Events { get; private set; }

    /// <summary>The changes of the disk among them.</summary>
    public int Changes { get; private set; }

    /// <summary>Writes of the run without a break.</summary>
    public int Writes { get; private set; }

    /// <summary>The boundaries of stages (<see cref="StageBoundaries"/>) in the run without a break.</summary>
    public int Boundaries { get; private set; }

    /// <summary>
    /// Runs without a break: what the others must come to. The same command means the same folder, so it is moved away afterwards.
    /// </summary>
    public void RunReference()
    {
        var boundaries = new StageBoundaries(_run, _ => false);
        using (var watch = new EventWatch(_run, seen => boundaries.Meets(seen)))
        {
            run(_run, watch, CancellationToken.None);
            (Events, Changes, Writes) = (watch.Steps, watch.Of(EventKind.Change), watch.Of(EventKind.Write));
        }
        Boundaries = boundaries.Found;
        Directory.Move(_run, _reference);
    }

    /// <summary>Stops one run several times, at moments and in ways drawn from the seed, lets it end and compares.</summary>
    /// <param name="seed">Of the draw.</param>
    /// <param name="times">How often, at most: it may come to its end before.</param>
    /// <param name="kinds">The ways; none: cancelled and killed.</param>
    public InterruptionReport Interrupt(ulong seed, int times, params Interruption[] kinds)
    {
        if (kinds.Length == 0) kinds = [Interruption.Cancel, Interruption.Kill];
        var random = new CounterRandom(seed, "interruptions", 0);
        var stops = new Stops();
        for (int i = 0; i < times; i++)
        {
            var kind = kinds[random.NextInt(kinds.Length)];
            var (all, counted) = kind switch
            {
                Interruption.FullDisk => (Writes, "writes"),
                Interruption.NoPermission => (Changes, "changes"),
                _ => (Events, "events"),
            };
            int gap = 1 + random.NextInt(Math.Max(1, 2 * all / (times + 1)));
            bool Moment(RunEvent seen) => kind switch
            {
                Interruption.FullDisk => seen.Kind == EventKind.Write && seen.Number == gap,
                Interruption.NoPermission => seen.Kind == EventKind.Change && seen.Number == gap,
                _ => seen.Kind != EventKind.Write && seen.Steps == gap,
            };
            if (!Stop(kind, Moment, stops, $"{kind} after {gap} {counted}")) break;
        }
        return Finish(stops);
    }

    /// <summary>Kills one run at every boundary of a stage in turn (<see cref="StageBoundaries"/>), lets it end and compares.</summary>
    /// <param name="share">How many of the boundaries: 1 for all, less for a draw.</param>
    /// <param name="seed">Of the draw.</param>
    public InterruptionReport KillAtBoundaries(double share = 1, ulong seed = 1)
    {
        var boundaries = new StageBoundaries(_run, StageBoundaries.Share(share, seed));
        var stops = new Stops();
        while (Stop(Interruption.Kill, boundaries.Meets, stops, "killed at a boundary, before")) boundaries.Restart();
        return Finish(stops);
    }

    /// <summary>
    /// Breaks one run a few times in both ways: cancels it once, at a moment drawn from the seed, and kills it at some of its boundaries,
    /// drawn from all along it, whichever comes next; lets it end and compares.
    /// </summary>
    /// <param name="seed">Of the draw.</param>
    /// <param name="kills">How many boundaries, one from each of as many stretches of the run.</param>
    public InterruptionReport BreakSparsely(ulong seed, int kills)
    {
        var random = new CounterRandom(seed, "sparse breaks", 0);
        int stretch = Math.Max(1, Boundaries / kills), left = 1 + random.NextInt(Math.Max(1, Events / 2));
        HashSet<int> drawn = [.. Enumerable.Range(0, kills).Select(i => i * stretch + random.NextInt(stretch))];
        var boundaries = new StageBoundaries(_run, drawn.Contains);
        var stops = new Stops();
        Interruption? Next(RunEvent seen)
        {
            if (seen.Kind == EventKind.Write) return null;
            if (boundaries.Meets(seen)) return Interruption.Kill;
            return --left == 0 ? Interruption.Cancel : null;
        }
        while (Stop(Next, stops, "at a drawn moment, before")) boundaries.Restart();
        return Finish(stops);
    }

    /// <summary>Kills a run right before one change of the disk, lets it end and compares.</summary>
    /// <param name="change">Which, from 0.</param>
    public InterruptionReport KillAtChange(int change)
    {
        var stops = new Stops();
        Stop(Interruption.Kill, seen => seen.Kind == EventKind.Change
            && seen.Number == change + 1, stops, $"killed before change {change},");
        return Finish(stops);
    }

    /// <summary>Kills a run in the middle of a stage, in each invocation at a later report of it, lets it end and compares.</summary>
    /// <param name="stage">What the report begins with, such as <c>harvest,</c>.</param>
    /// <param name="reports">How many reports of it each invocation makes before it is killed.</param>
    public InterruptionReport KillAtReports(string stage, params int[] reports)
    {
        var stops = new Stops();
        foreach (int report in reports)
        {
            int seen = 0;
            Stop(Interruption.Kill, one => one.Kind == EventKind.Report && one.What.StartsWith(stage, StringComparison.Ordinal)
                && ++seen == report, stops, $"killed at report {report}");
        }
        return Finish(stops);
    }

    /// <summary>Runs until the moment; false where the run ends before.</summary>
    private bool Stop(Interruption kind, Func<RunEvent, bool> moment, Stops stops, string how) =>
        Stop(seen => moment(seen) ? kind : null, stops, how);

    /// <summary>Runs until the moment at which there is a way to stop it; false where the run ends before.</summary>
    private bool Stop(Func<RunEvent, Interruption?> moment, Stops stops, string how)
    {
        using var source = new CancellationTokenSource();
        Interruption? kind = null;
        void See(RunEvent seen)
        {
            if (kind is null && (kind = moment(seen)) is not null)
            {
                stops.Kinds.Add(kind.Value);
                stops.Moments.Add($"{how}: {seen.What}");
                if (kind == Interruption.Kill) FolderCopies.Copy(_run, _snapshot);
                if (kind is Interruption.Kill or Interruption.Cancel) source.Cancel();
            }
            if (kind is { } way && Fault(way, seen, source.Token) is { } fault) throw fault;
        }
        using (var watch = new EventWatch(_run, See))
        {
            try
            {
                run(_run, watch, source.Token);
            }
            catch (Exception e) when (kind is not null)
            {
                if (kind != Interruption.Kill) stops.Failures.Add(e);
            }
        }
        if (kind is null) return false;
        if (kind == Interruption.Kill)
        {
            if (Directory.Exists(_run)) Directory.Delete(_run, recursive: true);
            if (Directory.Exists(_snapshot)) Directory.Move(_snapshot, _run);
        }
        else if (Directory.Exists(_run))
        {
            stops.HalfWritten.AddRange(Directory.EnumerateFiles(_run, "*" + AtomicFile.TemporarySuffix, SearchOption.AllDirectories)
                .Select(file => $"{Path.GetRelativePath(_run, file)} was left half written"));
        }
        return true;
    }

    /// <summary>What an event fails with once the run is stopped; null where it does not.</summary>
    private static Exception? Fault(Interruption kind, RunEvent seen, CancellationToken token) => (kind, seen.Kind) switch
    {
        // Nothing of a killed process happens any more; the sooner it ends, the better.
        (Interruption.Kill, EventKind.Change or EventKind.Write) => new OperationCanceledException(token),
        (Interruption.FullDisk, EventKind.Write) => new IOException("No space left on device", NoSpaceLeft),
        (Interruption.NoPermission, EventKind.Change) => new UnauthorizedAccessException($"Access to the path '{seen.What}' is denied."),
        _ => null,
    };

    private InterruptionReport Finish(Stops stops)
    {
        using (var watch = new EventWatch(_run, _ => { })) run(_run, watch, CancellationToken.None);
        string[] different = [.. stops.HalfWritten, .. FolderCopies.Differences(_reference, _run)];
        Directory.Delete(_run, recursive: true);
        return new InterruptionReport(
            FolderCopies.Files(_reference).Length, FolderCopies.Bytes(_reference), different, stops.Moments, stops.Failures)
        { Kinds = stops.Kinds };
    }

    /// <summary>What is noted of each stop.</summary>
    private sealed class Stops
    {
        public List<string> Moments { get; } = [];

        public List<Interruption> Kinds { get; } = [];

        public List<Exception> Failures { get; } = [];

        public List<string> HalfWritten { get; } = [];
    }
}
