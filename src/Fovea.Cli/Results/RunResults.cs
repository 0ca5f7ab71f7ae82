using Fovea.Cli.Workflows;
using Fovea.Interventions.Studies;
using Fovea.Runs;

namespace Fovea.Cli.Results;

/// <summary>A whole run.</summary>
internal sealed record RunResult(
    string Run, double Seconds, string Report, ModelOutcome Model, IReadOnlyList<DictionaryOutcome> Dictionaries,
    IReadOnlyList<string> LeftOut) : ICommandResult
{
    public static string Command => "`demo`, `run`";
}

/// <summary>What a run would take.</summary>
internal sealed record DryRunResult(
    string Run, string Recipe, long Images, long Vectors, long Bytes, long? FreeBytes, double Minutes, double Uncertainty,
    IReadOnlyList<StagePlan> Stages, IReadOnlyList<PlanRate> Rates, IReadOnlyList<string> Preparation,
        IReadOnlyList<string> LeftOut) : ICommandResult
{
    public static string Command => "`run --dry-run`";
}

/// <summary>A run's network.</summary>
internal sealed record TrainResult(string Run, double? Top1, double? Top5, double? Loss, long Images, int Epochs) : ICommandResult
{
    public static string Command => "`train`";
}

/// <summary>A run's activations: the first layer asked for, and all of them.</summary>
internal sealed record HarvestResult(
    string Run, string Layer, long Images, long Vectors, int Channels, IReadOnlyList<int> Grid, IReadOnlyList<HarvestFilter> Filters,
        IReadOnlyList<HarvestSummary> Layers) : ICommandResult
{
    public static string Command => "`harvest`";
}

/// <summary>Where a report is.</summary>
/// <param name="Run">The run folder.</param>
/// <param name="Report">Its first page.</param>
/// <param name="Unreadable">A sentence for each part of the run that could not be read; then the exit code is 3.</param>
internal sealed record ReportResult(string Run, string Report, IReadOnlyList<string> Unreadable) : ICommandResult
{
    public static string Command => "`report`";
}

/// <summary>Where a run is served.</summary>
/// <param name="Run">The run folder.</param>
/// <param name="Url">The first address, with the token that lets a browser in.</param>
/// <param name="ReadOnly">Whether nothing can be changed.</param>
internal sealed record ExploreResult(string Run, string Url, bool ReadOnly) : ICommandResult
{
    public static string Command => "`explore`";
}

/// <summary>What changes of units do to a run's classifier.</summary>
/// <param name="Run">The run folder.</param>
/// <param name="Changes">The changes, as they were given.</param>
/// <param name="Error"><c>kept</c> or <c>dropped</c>: what dictionaries do not explain.</param>
/// <param name="Effect">What they do, image by image and class by class.</param>
internal sealed record SteerResult(string Run, string Changes, string Error, ChangesResult Effect) : ICommandResult
{
    public static string Command => "`steer`";
}

/// <summary>Event files.</summary>
internal sealed record TensorBoardResult(string Folder, IReadOnlyList<string> Files) : ICommandResult
{
    public static string Command => "`tensorboard`";
}
