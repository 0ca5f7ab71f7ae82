using Fovea.Cli.Recipes;
using Fovea.Cli.Terminal;
using Fovea.Datasets;
using Fovea.Explorer;
using Fovea.Explorer.Server;
using Fovea.Runs;
using Fovea.Runs.Settings;

namespace Fovea.Cli.Workflows;

/// <summary>The library's workflow and report behind <see cref="IWorkflowRunner"/>: the one file that knows both sides.</summary>
/// <param name="interruption">Says by its exit code what ended a run.</param>
internal sealed class WorkflowRunner(Interruption interruption) : IWorkflowRunner
{
    public WorkflowCost Plan(WorkflowRequest request)
    {
        WorkflowPlan plan = Open(request, new WorkflowOptions { Redo = request.Redo, Until = request.Until }).Plan();
        return new WorkflowCost(
            plan.Images, plan.Vectors, plan.Bytes, plan.FreeBytes, plan.Minutes, plan.Stages, plan.Rates, plan.Preparation, plan.LeftOut);
    }

    public WorkflowOutcome Run(
        WorkflowRequest request, IProgress<WorkflowProgress> progress, Action<string> log, CancellationToken cancellation)
    {
        WorkflowResult result = Open(request, Options(request, progress, log)).Run(cancellation);
        return new WorkflowOutcome(
            result.Run, new ModelOutcome(result.Top1, result.Top5, result.Loss, result.Images),
            [.. result.Dictionaries.Select(
                d => new DictionaryOutcome(d.Name, d.Layer, d.Architecture, d.DIn, d.DSae, d.L0, d.Fvu, d.DeadFraction, d.Loss))],
                    result.LeftOut)
        {
            Stored = [.. result.Layers.Where(layer => layer.StoredAs is not null).Select(layer => $"{layer.Layer}: {layer.StoredAs}")],
        };
    }

    public WorkerResult Work(
        WorkflowRequest request, IProgress<WorkflowProgress> progress, Action<string> log, CancellationToken cancellation) =>
        Open(request, Options(request, progress, log)).Work(cancellation);

    public void Help(WorkflowRequest request, CancellationToken cancellation) =>
        Open(request, new WorkflowOptions { Until = request.Until, Processes = request.Processes, Device = Devices.Open(request.Device) }).Help(cancellation);

    private WorkflowOptions Options(WorkflowRequest request, IProgress<WorkflowProgress> progress, Action<string> log) => new()
    {
        Redo = request.Redo,
        Until = request.Until,
        Worker = request.Worker,
        Processes = request.Processes,
        Command = request.CommandLine,
        Recipe = request.ResolvedRecipe,
        ExitCodeOfInterruption = () => interruption.ExitCode,
        ExitCodeOfFailure = failure => Failure.Of(failure).ExitCode,
        Device = Devices.Open(request.Device),
        Progress = new WatchedProgress(progress),
        Log = log,
    };

    public Task<string> BuildReportAsync(string runFolder, Action<string> unreadable, CancellationToken cancellation) =>
        ReportBuilder.BuildAsync(runFolder, cancellation, unreadable);

    public async Task ExploreAsync(ExploreRequest request, Action<string> started, Action<string> log, CancellationToken cancellation)
    {
        await using ExplorerServer server = await ExplorerServer.StartAsync(
            new ExplorerOptions
            {
                Run = request.Run,
                With = request.With,
                Port = request.Port,
                ReadOnly = request.ReadOnly,
                Token = request.Token,
                Program = OwnProgram.Start,
                Images = () => Images(request.Run),
            },
            log, cancellation);
        started(server.Url);
        await Task.Delay(Timeout.Infinite, cancellation);
    }

    /// <summary>The images that the run's vectors came from: with their numbers in its tables.</summary>
    private static IImageSource Images(string run)
    {
        WorkflowSettings settings = Recipe.OfRun(run, []).Settings;
        return RunSources.Open(settings, settings.Harvest?.Split == "train", Environment.CurrentDirectory);
    }

    private static Workflow Open(WorkflowRequest request, WorkflowOptions options) =>
        new(request.Settings, request.RecipeFolder, new RunFolder(request.Run), options);

    /// <summary>Looks, at each report, whether there are addresses left to go on with.</summary>
    private sealed class WatchedProgress(IProgress<WorkflowProgress> progress) : IProgress<WorkflowProgress>
    {
        public void Report(WorkflowProgress value)
        {
            AddressSpace.RequireEnoughToGoOn();
            progress.Report(value);
        }
    }
}
