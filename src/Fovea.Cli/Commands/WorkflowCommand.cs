using System.Diagnostics;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;
using Fovea.IO;
using Fovea.Runs;

namespace Fovea.Cli.Commands;

/// <summary>Base of the commands that run the workflow or a stage of it in a run folder.</summary>
internal abstract class WorkflowCommand : FoveaCommand
{
    private readonly WorkerOptions _worker = new();

    protected WorkflowCommand(AppEnvironment app, string name, string description) : base(app, name, description)
    {
        _worker.AddTo(this);
        Add(SharedOptions.Set);
        Add(SharedOptions.Seed);
        Add(SharedOptions.Threads);
        Add(SharedOptions.Device);
    }

    /// <summary>Whether the command was told to do a finished stage again: its line cannot be given twice.</summary>
    protected virtual bool Redoes(CommandContext context) => false;

    /// <summary><c>--set</c> and <c>--seed</c> as overrides of the recipe.</summary>
    internal static IEnumerable<RecipeOverride> Overrides(CommandContext context)
    {
        foreach (string assignment in context.Get(SharedOptions.Set) ?? []) yield return new RecipeOverride(assignment);
        if (context.Get(SharedOptions.Seed) is { } seed) yield return new RecipeOverride($"seed={seed}", $"--seed {seed}");
    }

    /// <summary>What the workflow is asked for. The report is no stage of it: it is made anew each time.</summary>
    protected WorkflowRequest Request(
        CommandContext context, Recipe recipe, string runFolder, string? redo = null, string? until = null) => new(
        recipe.Settings, recipe.Folder, Path.GetFullPath(runFolder), recipe.Resolved, context.App.CommandLine,
        context.Get(SharedOptions.Device) ?? "auto", redo is "report" ? null : redo, until)
        {
            Worker = _worker.Of(context),
        };

    /// <summary>Works beside other processes, and says what was done and what is left.</summary>
    /// <returns>The exit code; null where the command was not given <c>--part</c>.</returns>
    protected static int? Work(CommandContext context, WorkflowRequest request)
    {
        if (request.Worker is null) return null;
        RequireRunFolder(new RunFolder(request.Run));
        var watch = Stopwatch.StartNew();
        WorkerResult result;
        using (ProgressDisplay progress = context.Progress())
            result = context.App.Workflow.Work(request, progress, line => Say(context, progress, line), context.Cancellation);
        WorkerOptions.Say(
            context,
            new WorkResult(result.Run, request.Worker.ToString(), result.Complete, Math.Round(watch.Elapsed.TotalSeconds, 3), result.Made,
                result.Joined, result.Left),
            "the same command without --part makes the report");
        return ExitCode.Done;
    }

    /// <summary>Runs the stages with progress.</summary>
    protected static WorkflowOutcome RunStages(CommandContext context, WorkflowRequest request)
    {
        var run = new RunFolder(request.Run);
        RequireRunFolder(run);
        using ProgressDisplay progress = context.Progress();
        return context.App.Workflow.Run(request, progress, line => Say(context, progress, line), context.Cancellation);
    }

    /// <summary><c>--quiet</c> hides notes, not what may be wrong with the data.</summary>
    private static void Say(CommandContext context, ProgressDisplay progress, string line)
    {
        if (context.Quiet && line.StartsWith(DataReport.Warning, StringComparison.Ordinal)) context.Console.Error.WriteLine(line);
        else progress.WriteLine(line);
    }

    /// <summary>Builds the report of a run folder, as a stage with its own line of progress.</summary>
    protected static string BuildReport(CommandContext context, string runFolder)
    {
        context.Note("report …");
        return context.App.Workflow.BuildReportAsync(runFolder, context.Warn, context.Cancellation).GetAwaiter().GetResult();
    }

    protected override string AfterInterruption(CommandContext context) => Redoes(context)
        ? "The same command without --redo continues from the last checkpoint."
        : $"The same command continues from the last checkpoint: {context.App.CommandLine}";

    /// <summary>A folder with other things in it is no place for a run: a mistyped --out would mix with them.</summary>
    private static void RequireRunFolder(RunFolder run)
    {
        if (!Directory.Exists(run.Root) || File.Exists(run.Recipe) || File.Exists(run.RunRecord)) return;
        if (Directory.EnumerateFileSystemEntries(run.Root).Any(entry =>
                !Path.GetFileName(entry).StartsWith('.') && entry != run.Log && !entry.EndsWith(AtomicFile.TemporarySuffix, StringComparison.Ordinal)))
            throw FoveaException.BadConfiguration($"{run.Root} is neither empty nor a run folder. Give a new folder with --out.");
    }
}
