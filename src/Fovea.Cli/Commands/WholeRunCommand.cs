using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;
using Fovea.IO;
using Fovea.Runs;

namespace Fovea.Cli.Commands;

/// <summary>What <c>run</c> and <c>demo</c> share: all stages and the report.</summary>
internal abstract class WholeRunCommand : WorkflowCommand
{
    /// <summary>The report is no stage of the workflow: it is made anew each time.</summary>
    private static readonly string[] Stages = [.. Workflow.StageNames, "report"];

    private readonly Option<string?> _out = new("--out", "-o")
    {
        Description = "The run folder (runs/NAME, NAME being the recipe's).",
        HelpName = "DIR",
    };
    private readonly Option<string?> _redo = new("--redo")
    {
        Description = $"Repeat this stage, and all later ones that use its results: {string.Join(", ", Stages.SkipLast(1))} or {Stages[^1]}.",
        HelpName = "STAGE",
    };
    private readonly Option<string?> _until = new("--until")
    {
        Description = $"Do this stage and what it is made from, and no other: {string.Join(", ", Workflow.StageNames.SkipLast(1))} or "
            + $"{Workflow.StageNames[^1]}, or one by its full name ('dictionary block4/topk'). The report shows what is there.",
        HelpName = "STAGE",
    };
    private readonly Option<bool> _dryRun = new("--dry-run")
    {
        Description = "Say what the run would read, write and take, and check the recipe; run nothing.",
    };

    protected WholeRunCommand(AppEnvironment app, string name, string description) : base(app, name, description)
    {
        _redo.Validators.Add(RequireStage);
        _until.Validators.Add(result => RequireStage(result, "--until", Workflow.StageNames));
        Add(_out);
        Add(_redo);
        Add(_until);
        Add(_dryRun);
    }

    /// <summary>Refuses a <c>--redo</c> whose first word is no stage's.</summary>
    internal static void RequireStage(OptionResult result) => RequireStage(result, "--redo", Stages);

    private static void RequireStage(OptionResult result, string option, IReadOnlyList<string> stages)
    {
        string stage = result.Tokens.Count == 1 ? result.Tokens[0].Value.Split(' ')[0] : "";
        if (stage.Length > 0 && !stages.Contains(stage))
            result.AddError($"{option} is '{stage}': it must be one of {string.Join(", ", stages)}.");
    }

    /// <summary>The recipe this invocation runs.</summary>
    protected abstract Recipe ReadRecipe(CommandContext context, IEnumerable<RecipeOverride> overrides);

    protected sealed override bool Redoes(CommandContext context) => context.Get(_redo) is not null;

    protected sealed override int Execute(CommandContext context)
    {
        Recipe recipe = ReadRecipe(context, Overrides(context));
        if (context.Verbose) context.Console.Error.WriteLine(recipe.Resolved);
        string runFolder = context.Get(_out) ?? SafeName.Combine("runs", recipe.Settings.Name);
        WorkflowRequest request = Request(context, recipe, runFolder, context.Get(_redo), context.Get(_until));
        if (context.Get(_dryRun)) return DryRun(context, request);
        if (Work(context, request) is { } code) return code;

        var watch = Stopwatch.StartNew();
        WorkflowOutcome outcome = RunStages(context, request);
        string report = BuildReport(context, outcome.Run);
        double seconds = Math.Round(watch.Elapsed.TotalSeconds, 3);
        context.Result(
            new RunResult(outcome.Run, seconds, report, outcome.Model, outcome.Dictionaries, outcome.LeftOut),
            text =>
            {
                text.WriteLine($"network       {ModelLine.Of(outcome.Model)}");
                foreach (string sentence in outcome.LeftOut) text.WriteLine($"left out      {sentence}");
                foreach (string stored in outcome.Stored) text.WriteLine($"vectors       {stored}");
                foreach (DictionaryOutcome dictionary in outcome.Dictionaries)
                    text.WriteLine($"dictionary    {DictionaryLine.Of(dictionary)}");
                text.WriteLine($"run folder    {outcome.Run}");
                text.WriteLine($"time          {Humane.Duration(watch.Elapsed)}");
                text.WriteLine($"report        {report}");
            });
        return ExitCode.Done;
    }

    private static int DryRun(CommandContext context, WorkflowRequest request)
    {
        // What the run would refuse: nothing of the plan is computed on it.
        _ = Devices.Open(request.Device);
        WorkflowCost cost = context.App.Workflow.Plan(request);
        if (cost.FreeBytes is { } free && cost.Bytes > free)
            context.Note(
                $"warning: the disk of {request.Run} has {Humane.Bytes(free)} free, the run needs about {Humane.Bytes(cost.Bytes)}.");
        context.Result(
            new DryRunResult(
                request.Run, request.ResolvedRecipe, cost.Images, cost.Vectors, cost.Bytes, cost.FreeBytes, cost.Minutes,
                    WorkflowPlan.Uncertainty,
                cost.Stages, cost.Rates, cost.Preparation, cost.LeftOut),
            text =>
            {
                text.WriteLine($"run folder    {request.Run}");
                text.WriteLine($"images        {Humane.Count(cost.Images)}");
                text.WriteLine($"vectors       {Humane.Count(cost.Vectors)}");
                foreach (string sentence in cost.Preparation) text.WriteLine($"preparation   {sentence}");
                text.WriteLine(
                    $"disk          {Humane.Bytes(cost.Bytes)}{(cost.FreeBytes is { } left ? $" of {Humane.Bytes(left)} free" : "")}");
                text.WriteLine(
                    $"time          about {Humane.Duration(TimeSpan.FromMinutes(cost.Minutes))}, up to a factor of "
                        + $"{Humane.Number(WorkflowPlan.Uncertainty)} more or less, as fast as the machine is now");
                foreach (StagePlan stage in cost.Stages)
                    text.WriteLine(
                        $"  {(stage.Action == "skip" ? "finished" : Humane.Duration(TimeSpan.FromMinutes(stage.Minutes))),-12}{stage.Name}");
                foreach (string sentence in cost.LeftOut) text.WriteLine($"left out      {sentence}");
                foreach (PlanRate rate in cost.Rates.Where(rate => rate.Seconds > 0))
                    text.WriteLine($"timed now     {rate.What}: one {rate.Item} in {Humane.Number(rate.Seconds * 1000)} ms");
            });
        return ExitCode.Done;
    }
}
