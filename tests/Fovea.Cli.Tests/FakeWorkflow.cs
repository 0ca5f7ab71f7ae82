using Fovea.Cli.Workflows;
using Fovea.IO;
using Fovea.Runs;

namespace Fovea.Cli.Tests;

/// <summary>A workflow that notes what it was asked and gives fixed results, or does what a test wants.</summary>
internal sealed class FakeWorkflow : IWorkflowRunner
{
    public List<WorkflowRequest> Requests { get; } = [];

    public List<string> Reports { get; } = [];

    public Action<WorkflowRequest, IProgress<WorkflowProgress>, CancellationToken>? OnRun { get; set; }

    public WorkflowCost Plan(WorkflowRequest request)
    {
        Requests.Add(request);
        return new WorkflowCost(7200, 300_000, 123_456_789, 9_876_543_210, 3.5,
            [new StagePlan("train", "start", 7200, 0, 100_000_000, 2.5), new StagePlan("harvest", "skip", 0, 0, 0, 0),
                new StagePlan("features", "start", 0, 300_000, 23_456_789, 1)],
            [new PlanRate("small_cnn is trained", "image", 0.0025)], ["Images go through: crop 64 (the recipe)."], []);
    }

    /// <summary>What a report is made to say that it could not read.</summary>
    public List<string> Unreadable { get; } = [];

    public WorkflowOutcome Run(
        WorkflowRequest request, IProgress<WorkflowProgress> progress, Action<string> log, CancellationToken cancellation)
    {
        Requests.Add(request);
        OnRun?.Invoke(request, progress, cancellation);
        AtomicFile.WriteText(new RunFolder(request.Run).Recipe, request.ResolvedRecipe);
        return new WorkflowOutcome(
            request.Run, new ModelOutcome(0.93, 0.99, 0.25, 1200),
            [new DictionaryOutcome("topk", "block4", "topk", 128, 256, 8, 0.125, 0.03125, 1.5)], []);
    }

    public WorkerResult Work(
        WorkflowRequest request, IProgress<WorkflowProgress> progress, Action<string> log, CancellationToken cancellation)
    {
        Requests.Add(request);
        return new WorkerResult(
            request.Run, false, [new MadeParts("harvest", 3)], ["harvest"], ["dictionary block4/topk: being made are 'training' by process 7 on n2."]);
    }

    public void Help(WorkflowRequest request, CancellationToken cancellation) => Requests.Add(request);

    public Task<string> BuildReportAsync(string runFolder, Action<string> unreadable, CancellationToken cancellation)
    {
        Reports.Add(runFolder);
        Unreadable.ForEach(unreadable);
        return Task.FromResult(Path.Combine(runFolder, "report", "index.html"));
    }

    public List<ExploreRequest> Explored { get; } = [];

    public Task ExploreAsync(ExploreRequest request, Action<string> started, Action<string> log, CancellationToken cancellation)
    {
        Explored.Add(request);
        started("http://127.0.0.1:7341/?token=0123456789abcdef");
        return Task.CompletedTask;
    }
}
