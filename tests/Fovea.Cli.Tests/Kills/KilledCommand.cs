using Fovea.Cli.Recipes;
using Fovea.Runs;
using Fovea.Tests.Shared;

namespace Fovea.Cli.Tests.Kills;

/// <summary>A command that is interrupted.</summary>
/// <param name="Name">In reports, and of the stream of its moments.</param>
/// <param name="Arguments">Of <c>fovea</c>, for a run folder.</param>
/// <param name="Settings">What the run consists of.</param>
/// <param name="Start">The folder that it starts from; null: none.</param>
internal sealed record KilledCommand(
    string Name, Func<string, IEnumerable<string>> Arguments, Fovea.Runs.Settings.WorkflowSettings Settings, string? Start = null)
{
    /// <summary>A recipe in its small form.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="own">Whether on its own images.</param>
    /// <param name="folder">Where the recipe and its weights go.</param>
    public static KilledCommand Of(SmallRecipe recipe, bool own, string folder)
    {
        Recipe small = own ? SmallRecipes.OnItsOwnImages(recipe) : SmallRecipes.OnGeneratedImages(recipe, Path.Combine(folder, "weights"));
        string file = Path.Combine(folder, recipe.Name + "-small.toml");
        File.WriteAllText(file, small.Resolved);
        return new KilledCommand($"{recipe.Name}, {(own ? "own" : "generated")} images", run => Command(["run", file, "--out", run]), small.Settings);
    }

    /// <summary><c>fovea sae sweep</c> with a sweep that the run's recipe does not have, in a copy of a finished run.</summary>
    /// <param name="recipe">The run's recipe.</param>
    /// <param name="folder">Where the run goes.</param>
    public static KilledCommand Sweep(SmallRecipe recipe, string folder)
    {
        KilledCommand whole = Of(recipe, own: false, folder);
        string start = Path.Combine(folder, "start");
        SharedRuns.Run([.. whole.Arguments(start), "--until", "harvest"]);
        IEnumerable<string> Arguments(string run) => Command(
            ["sae", "sweep", "--run", run, "--name", "killed", "--arch", "topk", "l1", "jumprelu", "--expansion", "1", "--epochs", "4"]);
        // What the command adds to the recipe stands in the run's own afterwards.
        string tried = Path.Combine(folder, "tried");
        FolderCopies.Copy(start, tried);
        SharedRuns.Run(Arguments(tried));
        var settings = Recipe.OfRun(tried, []).Settings;
        Directory.Delete(tried, recursive: true);
        return new KilledCommand("sae sweep", Arguments, settings with { Dictionary = [], Features = null, Proof = null }, start);
    }

    /// <summary>The kind of the stage that a run folder is in.</summary>
    public string StageIn(string run) =>
        RunStatus.Of(Settings, new RunFolder(run), DateTime.UtcNow).Stages.FirstOrDefault(stage => stage.State != StageState.Complete)?.Name.Split(' ')[0]
            ?? "report";

    private static string[] Command(IEnumerable<string> words) => [.. words, "--threads", "1", "--quiet"];
}
