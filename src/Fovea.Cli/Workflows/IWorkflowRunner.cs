using Fovea.Distributed;
using Fovea.Runs;
using Fovea.Runs.Settings;

namespace Fovea.Cli.Workflows;

/// <summary>The workflow as the commands see it, so that they are tested without one.</summary>
internal interface IWorkflowRunner
{
    /// <summary>What a run would cost, without running it.</summary>
    WorkflowCost Plan(WorkflowRequest request);

    /// <summary>Runs, continues or skips the stages, and writes the run's recipe.toml once nothing can be refused any more.</summary>
    /// <param name="request">What to run.</param>
    /// <param name="progress">Reported to: how far a stage is.</param>
    /// <param name="log">Told in words: one line a finished or skipped stage.</param>
    /// <param name="cancellation">Ends the run at its next checkpoint.</param>
    /// <exception cref="OperationCanceledException">Interrupted; a checkpoint is written.</exception>
    WorkflowOutcome Run(WorkflowRequest request, IProgress<WorkflowProgress> progress, Action<string> log, CancellationToken cancellation);

    /// <summary>Makes what is free of a run, as one of several workers.</summary>
    /// <param name="request">What to run; it names a worker.</param>
    /// <param name="progress">Reported to: how far a stage is.</param>
    /// <param name="log">Told in words.</param>
    /// <param name="cancellation">Ends the work at its next checkpoint.</param>
    /// <exception cref="OperationCanceledException">Interrupted; a checkpoint is written.</exception>
    WorkerResult Work(WorkflowRequest request, IProgress<WorkflowProgress> progress, Action<string> log, CancellationToken cancellation);

    /// <summary>Takes part in the trainings of a run that the first process of a group carries out.</summary>
    /// <param name="request">What the first process runs; it names the group.</param>
    /// <param name="cancellation">Ends them at their next checkpoint.</param>
    /// <exception cref="OperationCanceledException">Interrupted; a checkpoint is written.</exception>
    void Help(WorkflowRequest request, CancellationToken cancellation);

    /// <summary>Builds the static report of a run folder.</summary>
    /// <param name="runFolder">The run.</param>
    /// <param name="unreadable">Gets a sentence for each part that cannot be read.</param>
    /// <param name="cancellation">Stops the work; an earlier report stays.</param>
    /// <returns>The path of its first page.</returns>
    Task<string> BuildReportAsync(string runFolder, Action<string> unreadable, CancellationToken cancellation);

    /// <summary>Serves a run folder until it is told to end.</summary>
    /// <param name="request">What to serve, and how.</param>
    /// <param name="started">Gets the first address once the server answers.</param>
    /// <param name="log">Gets lines for people.</param>
    /// <param name="cancellation">Ends the server.</param>
    /// <exception cref="OperationCanceledException">It was told to end, and has ended.</exception>
    Task ExploreAsync(ExploreRequest request, Action<string> started, Action<string> log, CancellationToken cancellation);
}

/// <summary>A run to be served.</summary>
/// <param name="Run">The run folder, absolute.</param>
/// <param name="With">Another run folder to be compared with it, absolute; null: none.</param>
/// <param name="Port">The port; null: one that is free.</param>
/// <param name="ReadOnly">Whether nothing may be changed and no work started.</param>
/// <param name="Token">The token of the first address; null: a random one.</param>
internal sealed record ExploreRequest(string Run, string? With, int? Port, bool ReadOnly, string? Token);

/// <summary>What to run, where and how.</summary>
/// <param name="Settings">The resolved settings; paths are absolute.</param>
/// <param name="RecipeFolder">The folder the recipe lay in.</param>
/// <param name="Run">The run folder, absolute.</param>
/// <param name="ResolvedRecipe">The text of the run's recipe.toml.</param>
/// <param name="CommandLine">For run.json.</param>
/// <param name="Device">auto, cpu, cuda or mps.</param>
/// <param name="Redo">A stage to do again, with those after it; or null.</param>
/// <param name="Until">The last stage to do; earlier ones are done or skipped as needed. Null: all.</param>
internal sealed record WorkflowRequest(
    WorkflowSettings Settings,
    string RecipeFolder,
    string Run,
    string ResolvedRecipe,
    string CommandLine,
    string Device,
    string? Redo,
    string? Until)
{
    /// <summary>One of several workers; null where the run is carried out alone.</summary>
    public RunWorker? Worker { get; init; }

    /// <summary>Processes that train its dictionaries together; null: one alone.</summary>
    public ProcessGroup? Processes { get; init; }
}

/// <summary>What a run would read, compute and write, in all and by stage, and the rates that were timed for it.</summary>
internal sealed record WorkflowCost(
    long Images, long Vectors, long Bytes, long? FreeBytes, double Minutes, IReadOnlyList<StagePlan> Stages, IReadOnlyList<PlanRate> Rates,
    IReadOnlyList<string> Preparation, IReadOnlyList<string> LeftOut);

/// <summary>What a run gave.</summary>
internal sealed record WorkflowOutcome(
    string Run, ModelOutcome Model, IReadOnlyList<DictionaryOutcome> Dictionaries, IReadOnlyList<string> LeftOut)
{
    /// <summary>Of each layer that is not stored whole and as it is, how it is stored, in words.</summary>
    public IReadOnlyList<string> Stored { get; init; } = [];
}

/// <summary>Accuracy of the run's network on validation images, as fractions; null where it has no classes.</summary>
internal sealed record ModelOutcome(double? Top1, double? Top5, double? Loss, long Images);

/// <summary>One sparse autoencoder, measured on the held-out vectors.</summary>
internal record DictionaryOutcome(
    string Name, string Layer, string Architecture, int DIn, int DSae, double L0, double Fvu, double DeadFraction, double Loss);
