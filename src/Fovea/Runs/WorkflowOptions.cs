using Fovea.Distributed;
using static TorchSharp.torch;

namespace Fovea.Runs;

/// <summary>How a run is carried out; nothing here changes its results.</summary>
public sealed record WorkflowOptions
{
    /// <summary>
    /// Stages to do again with all that is made from them: those of a kind (<c>dictionary</c>) or one by its full name
    /// (<c>dictionary layer4/topk</c>).
    /// </summary>
    public string? Redo { get; init; }

    /// <summary>
    /// The last kind of stage, or the last stage, to do; what it is made from is done or skipped as needed, and nothing else. Null for all.
    /// </summary>
    public string? Until { get; init; }

    /// <summary>One of several workers, for <see cref="Workflow.Work"/>; null where the run is carried out alone.</summary>
    public RunWorker? Worker { get; init; }

    /// <summary>Processes that train this run's dictionaries together: the first one carries out the run, the others help (<see cref="Workflow.Help"/>). Null: one
    /// process alone.</summary>
    public ProcessGroup? Processes { get; init; }

    /// <summary>The command line, for <c>run.json</c>.</summary>
    public string Command { get; init; } = "";

    /// <summary>The text of the run's <c>recipe.toml</c>, written when nothing is left that could be refused; null writes none.</summary>
    public string? Recipe { get; init; }

    /// <summary>The process's exit code after an interruption, for <c>run.json</c>; asked once it has come.</summary>
    public Func<int> ExitCodeOfInterruption { get; init; } = () => 130;

    /// <summary>The process's exit code after a failure, for <c>run.json</c>.</summary>
    public Func<Exception, int> ExitCodeOfFailure { get; init; } = failure =>
        failure is FoveaException known ? (int)known.Kind : Shortage.Is(failure) ? (int)FailureKind.Resource : 70;

    /// <summary>Where tensors live.</summary>
    public Device? Device { get; init; }

    /// <summary>Told what is going on.</summary>
    public IProgress<WorkflowProgress>? Progress { get; init; }

    /// <summary>Told in words: one line a finished or skipped stage.</summary>
    public Action<string>? Log { get; init; }
}
