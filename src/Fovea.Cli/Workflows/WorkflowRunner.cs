using Fovea.Runs;

namespace Fovea.Cli.Workflows;

/// <summary>Adapter to the library's workflow: the one file that knows both sides.</summary>
internal sealed class WorkflowRunner : IWorkflowRunner
{
    public WorkflowCost Plan(WorkflowRequest request) => throw Absent();

    public WorkflowOutcome Run(WorkflowRequest request, IProgress<WorkflowProgress> progress, Action<string> log, CancellationToken cancellation) => throw Absent();

    public Task<string> BuildReportAsync(string runFolder, CancellationToken cancellation) => throw Absent();

    private static FoveaException Absent() => FoveaException.BadConfiguration("This build lacks the workflow.");
}
