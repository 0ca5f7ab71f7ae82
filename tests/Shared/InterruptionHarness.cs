using Fovea.IO;
using Fovea.Numerics;
using Fovea.Runs;

namespace Fovea.Tests.Shared;

/// <summary>How a run is stopped.</summary>
public enum Interruption
{
    /// <summary>It is cancelled, as by Ctrl+C: it saves what it has and ends.</summary>
    Cancel,

    /// <summary>It is killed (-9): the disk stays as it is at that moment.</summary>
    Kill,
}

/// <summary>What interrupting a run again and again came to.</summary>
/// <param name="Interruptions">How often it was stopped.</param>
/// <param name="Files">Files compared.</param>
/// <param name="Different">Files that differ, are missing, or are there in one run only.</param>
/// <param name="Moments">Where it was stopped, for a message.</param>
public sealed record InterruptionReport(int Interruptions, int Files, IReadOnlyList<string> Different, IReadOnlyList<string> Moments);

/// <summary>
/// Runs something in a folder without a break, then again with breaks at moments drawn from a seed, and compares every file. Moments are counted in events (reports of progress, and
/// changes of the disk that are made wholly or not at all), not read from a clock: the same seed stops at the same places. A kill is the folder as it is at the moment, taken as the
/// start of what follows; nothing that the stopped process does afterwards reaches it.
/// </summary>
/// <param name="folder">A folder of the harness's own.</param>
/// <param name="run">Runs to the end, or goes on, in the folder it is given.</param>
public sealed class InterruptionHarness(string folder, Action<string, IProgress<WorkflowProgress>, CancellationToken> run)
{
    private readonly string _reference = Path.Combine(folder, "reference"), _run = Path.Combine(folder, "run"), _snapshot = Path.Combine(folder, "snapshot");

    /// <summary>Events of the run without a break.</summary>
    public int Events { get; private set; }

    /// <summary>The changes of the disk among them.</summary>
    public int Changes { get; private set; }

    /// <summary>Runs without a break: what the others must come to. The same command means the same folder, so it is moved away afterwards.</summary>
    public void RunReference()
    {
        using var watch = new Watch(_run, null, 0, false, () => { });
        run(_run, watch, CancellationToken.None);
        (Events, Changes) = (watch.Events, watch.Changes);
        Directory.Move(_run, _reference);
    }

    /// <summary>Stops one run several times, at moments and in ways drawn from the seed, lets it end and compares.</summary>
    public InterruptionReport Interrupt(ulong seed, int times)
    {
        var random = new CounterRandom(seed, "interruptions", 0);
        List<string> moments = [];
        for (int i = 0; i < times; i++)
        {
            int gap = 1 + random.NextInt(Math.Max(1, 2 * Events / (times + 1)));
            var kind = random.NextInt(2) == 0 ? Interruption.Cancel : Interruption.Kill;
            if (Stop(kind, gap, changesOnly: false) is not { } where) break; // it had come to its end before
            moments.Add($"{kind} after {gap} events: {where}");
        }
        return Finish(moments);
    }

    /// <summary>Kills a run right before one change of the disk, lets it end and compares.</summary>
    /// <param name="change">Which, from 0.</param>
    public InterruptionReport KillAtChange(int change) =>
        Finish(Stop(Interruption.Kill, change + 1, changesOnly: true) is { } where ? [$"killed before change {change}: {where}"] : []);

    /// <summary>Where the run was stopped; null where it ended before.</summary>
    private string? Stop(Interruption kind, int gap, bool changesOnly)
    {
        using var source = new CancellationTokenSource();
        string? where = null;
        using (var watch = new Watch(_run, what => where = what, gap, changesOnly, () =>
        {
            if (kind == Interruption.Kill) Copy(_run, _snapshot);
            source.Cancel();
        }))
        {
            try
            {
                run(_run, watch, source.Token);
            }
            catch (OperationCanceledException)
            {
            }
        }
        if (where is null) return null;
        if (kind == Interruption.Cancel) return where;
        if (Directory.Exists(_run)) Directory.Delete(_run, recursive: true);
        if (Directory.Exists(_snapshot)) Directory.Move(_snapshot, _run);
        return where;
    }

    private InterruptionReport Finish(IReadOnlyList<string> moments)
    {
        using (var watch = new Watch(_run, null, 0, false, () => { })) run(_run, watch, CancellationToken.None);
        string[] expected = Files(_reference), actual = Files(_run);
        string[] different =
        [
            .. expected.Except(actual).Select(file => $"{file} is missing"), .. actual.Except(expected).Select(file => $"{file} is left over"),
            .. expected.Intersect(actual).Where(file => !File.ReadAllBytes(Path.Combine(_reference, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(_run, file)))),
        ];
        Directory.Delete(_run, recursive: true);
        return new InterruptionReport(moments.Count, expected.Length, different, moments);
    }

    /// <summary>Everything but what may hold clocks.</summary>
    private static string[] Files(string root) =>
        [.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(root, file))
            .Where(file => file is not ("run.json" or "log.txt" or FolderLock.FileName)).Order(StringComparer.Ordinal)];

    /// <summary>The folder as a kill would leave it. Files that another thread is writing have temporary names, which the next run removes.</summary>
    private static void Copy(string from, string to)
    {
        if (Directory.Exists(to)) Directory.Delete(to, recursive: true);
        if (!Directory.Exists(from)) return;
        Directory.CreateDirectory(to);
        foreach (string folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories)) Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(file) is FolderLock.FileName or ".claims" || file.EndsWith(AtomicFile.TemporarySuffix, StringComparison.Ordinal)) continue;
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }

    /// <summary>Counts the events of one invocation, and acts at a chosen one.</summary>
    private sealed class Watch : IProgress<WorkflowProgress>, IDisposable
    {
        private readonly string _prefix;
        private readonly Action<string>? _reached;
        private readonly int _at;
        private readonly bool _changesOnly;
        private readonly Action _act;
        private readonly Lock _gate = new();

        public Watch(string folder, Action<string>? reached, int at, bool changesOnly, Action act)
        {
            (_prefix, _reached, _at, _changesOnly, _act) = (folder + Path.DirectorySeparatorChar, reached, at, changesOnly, act);
            DiskEvents.Changing += Change;
        }

        public int Events { get; private set; }

        public int Changes { get; private set; }

        public void Report(WorkflowProgress value)
        {
            lock (_gate)
            {
                Events++;
                if (!_changesOnly && Events == _at) Act($"{value.Stage}, {value.Done} of {value.Total} {value.Unit}");
            }
        }

        public void Dispose() => DiskEvents.Changing -= Change;

        private void Change(string path)
        {
            if (!path.StartsWith(_prefix, StringComparison.Ordinal)) return;
            lock (_gate)
            {
                Events++;
                Changes++;
                if ((_changesOnly ? Changes : Events) == _at) Act(path[_prefix.Length..]);
            }
        }

        private void Act(string what)
        {
            _act();
            _reached?.Invoke(what);
        }
    }
}
