using System.Diagnostics;
using System.Globalization;
using Fovea.Cli.Recipes;
using Fovea.Explorer;
using Fovea.Runs;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>
/// What <c>--dry-run</c> says a run takes against what it takes, in one process. In short: a demo of seconds. <c>FOVEA_PLAN=recipe,…</c>:
/// recipes whole, with their own images, and a table that docs/reference/commands.md quotes; <c>FOVEA_PLAN_SET="key=value;…"</c> puts
/// values over theirs.
/// </summary>
public sealed class PlanAccuracyTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>By how much minutes and bytes may be off in a run of seconds, on a machine with other things to do.</summary>
    private const double Loosely = 3.5;

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-plan-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_small_run_takes_about_what_its_plan_says()
    {
        Recipe recipe = Recipe.BuiltIn("demo",
        [
            .. ((string[])["data.train_images=1200", "data.validation_images=300", "train.epochs=2", "harvest.images=600",
                "features.pictures=4", "features.side_by_side=1", "features.steps=60"])
                .Select(one => new RecipeOverride(one)),
        ]);
        var (minutes, bytes) = Compare(recipe, "first");
        // Who else works on the machine may come or go between the plan and the run, once.
        if (minutes is < 1 / Loosely or > Loosely) (minutes, bytes) = Compare(recipe, "second");
        Assert.InRange(minutes, 1 / Loosely, Loosely);
        Assert.InRange(bytes, 1 / Loosely, Loosely);
    }

    /// <summary>The table of the guide.</summary>
    [Fact]
    public void Whole_recipes_take_about_what_their_plans_say()
    {
        string? names = Environment.GetEnvironmentVariable("FOVEA_PLAN");
        Assert.SkipWhen(names is null, "long: FOVEA_PLAN=demo,tiny-imagenet-resnet18");
        var over = (Environment.GetEnvironmentVariable("FOVEA_PLAN_SET") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(one => new RecipeOverride(one)).ToArray();
        foreach (string name in names.Split(',')) Compare(Recipe.Read(SmallRecipes.PathOf(name), over));
    }

    /// <summary>Every kind of stage in the catalogue takes time in a plan that has one.</summary>
    [Fact]
    public void Every_stage_of_the_catalogue_has_a_cost()
    {
        Recipe recipe = Recipe.BuiltIn(
            "demo", ((string[])["data.train_images=96", "data.validation_images=48", "harvest.images=40", "proof.images=20"]).Select(
                one => new RecipeOverride(one)));
        var plan = new Workflow(recipe.Settings, recipe.Folder, new RunFolder(Path.Combine(_folder, "run")), new WorkflowOptions()).Plan();
        Assert.Equal(Workflow.StageNames, plan.Stages.Select(stage => stage.Name.Split(' ')[0]).Distinct());
        Assert.All(plan.Stages, stage => Assert.True(stage.Minutes > 0 && stage.Bytes > 0, $"{stage}"));
        Assert.All(plan.Rates, rate => Assert.True(rate.Seconds >= 0 && double.IsFinite(rate.Seconds), $"{rate}"));
        Assert.False(Directory.Exists(Path.Combine(_folder, "run")));
    }

    /// <summary>Predicted over measured, of the seconds and of the bytes.</summary>
    private (double Minutes, double Bytes) Compare(Recipe recipe, string run = "run")
    {
        string folder = Path.Combine(_folder, recipe.Settings.Name, run);
        Dictionary<string, double> parts = [];
        var clock = Stopwatch.StartNew();
        var (last, at) = ("", 0.0);
        void Note(string next)
        {
            double now = clock.Elapsed.TotalSeconds;
            if (last.Length > 0) parts[last] = parts.GetValueOrDefault(last) + now - at;
            (last, at) = (next, now);
        }
        var progress = new Watcher(
            value => Note($"{value.Stage}: {value.Unit}{(value.Stage == "features" ? ", " + value.Detail.Split(", step")[0] : "")}"));
        Workflow Open() =>
            new(recipe.Settings, recipe.Folder, new RunFolder(folder),
                new WorkflowOptions { Progress = progress, Recipe = recipe.Resolved, Log = _ => Note("") });
        WorkflowPlan plan = Open().Plan();
        clock.Restart();
        Open().Run(TestContext.Current.CancellationToken);
        var record = DocumentFile.Read<RunRecord>(new RunFolder(folder).RunRecord);
        double measured = record.Stages.Sum(stage => stage.Seconds);
        foreach (var (predicted, taken) in plan.Stages.Zip(record.Stages))
            output.WriteLine(
                Invariant($"{recipe.Settings.Name} | {predicted.Name} | {predicted.Minutes * 60:0.0} s | {taken.Seconds:0.0} s | {predicted.Minutes * 60 / taken.Seconds:0.00}"));
        output.WriteLine(
            Invariant($"{recipe.Settings.Name} | all | {plan.Minutes * 60:0.0} s | {measured:0.0} s | {plan.Minutes * 60 / measured:0.00} (timing took {plan.CalibrationSeconds:0.0} s)"));
        ReportBuilder.BuildAsync(folder, TestContext.Current.CancellationToken).GetAwaiter().GetResult();
        long bytes = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
        output.WriteLine(
            Invariant($"{recipe.Settings.Name} | bytes | {plan.Bytes / 1e6:0.0} MB | {bytes / 1e6:0.0} MB | {(double)plan.Bytes / bytes:0.00}"));
        foreach (var part in Directory.EnumerateDirectories(folder))
            output.WriteLine(
                Invariant($"  {Path.GetFileName(part)}: {Directory.EnumerateFiles(part, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length) / 1e6:0.0} MB"));
        foreach (var rate in plan.Rates) output.WriteLine(Invariant($"  {rate.What}: one {rate.Item} in {rate.Seconds * 1000:0.#####} ms"));
        foreach (var (part, seconds) in parts.Where(part => part.Value > 0.05)) output.WriteLine(Invariant($"  {part}: {seconds:0.00} s"));
        return (plan.Minutes * 60 / measured, (double)plan.Bytes / bytes);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Watcher(Action<WorkflowProgress> report) : IProgress<WorkflowProgress>
    {
        public void Report(WorkflowProgress value) => report(value);
    }
}
