using Fovea.Runs;
using Fovea.Runs.Settings;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Tests.Runs;

/// <summary>Workers that share one stage of a run: one of them is stopped, others come, in another order, and the bytes are compared.</summary>
/// <param name="settings">The recipe.</param>
/// <param name="root">The run folder, the same for all, since a command line may name it.</param>
/// <param name="stage">The stage's folder in it.</param>
internal sealed class PartWorkers(WorkflowSettings settings, string root, string stage)
{
    /// <summary>Does it alone, in a run that is then kept elsewhere.</summary>
    /// <param name="kept">Where.</param>
    /// <returns>In how many parts.</returns>
    public int RunAlone(string kept)
    {
        Workflow(new WorkflowOptions()).Run(TestContext.Current.CancellationToken);
        Directory.Move(root, kept);
        return StageRecord.Find(Path.Combine(kept, stage))!.Parts;
    }

    /// <summary>Shares it, and requires the bytes of the run that did it alone, each part made once.</summary>
    /// <param name="workers">How many come after the one that is stopped.</param>
    /// <param name="parts">How many parts there are.</param>
    /// <param name="alone">That run.</param>
    /// <param name="stopsAt">Where the first is stopped.</param>
    public void Share(int workers, int parts, string alone, Func<WorkflowProgress, bool> stopsAt)
    {
        using var stop = new CancellationTokenSource();
        var progress = new Told(value =>
        {
            if (stopsAt(value)) stop.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => Work(new RunWorker(2, 3), progress, stop.Token));
        int done = Directory.GetFiles(Path.Combine(root, "scratch", stage), "*.done").Length;
        int[] made = new int[workers];
        Thread[] threads = [.. Enumerable.Range(0, workers).Select(
            i => new Thread(() => made[i] = Work(new RunWorker(workers - i, workers + 1), null, CancellationToken.None)))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.Equal(parts - done, made.Sum());
        var different = FolderCopies.Differences(Path.Combine(alone, stage), Path.Combine(root, stage));
        Assert.True(different.Count == 0, $"{workers} workers: {string.Join(", ", different)}");
        Assert.False(Directory.Exists(Path.Combine(root, "scratch")));
        TestContext.Current.SendDiagnosticMessage($"{done} parts by the one that was stopped, then {string.Join(" + ", made)}, 0 bytes differ");
    }

    private int Work(RunWorker worker, IProgress<WorkflowProgress>? progress, CancellationToken stop) =>
        Workflow(new WorkflowOptions { Worker = worker, Progress = progress }).Work(stop).Made.Sum(one => one.Parts);

    private Workflow Workflow(WorkflowOptions options) =>
        new(settings, Path.GetDirectoryName(root)!, new RunFolder(root), options with { Recipe = "recipe" });

    private sealed class Told(Action<WorkflowProgress> tell) : IProgress<WorkflowProgress>
    {
        public void Report(WorkflowProgress value) => tell(value);
    }
}
