using Fovea.Cli.Recipes;
using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;
using Fovea.Runs;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>The real workflow on a few generated images, interrupted in a stage.</summary>
public sealed class InterruptedRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-interrupted-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(130)]
    [InlineData(143)]
    public void The_record_has_the_exit_code_of_the_process(int signal)
    {
        Assert.Throws<OperationCanceledException>(() => Run(signal, "train"));
        var record = DocumentFile.Read<RunRecord>(new RunFolder(_folder).RunRecord);
        Assert.Equal(("interrupted", signal), (record.Status, record.ExitCode));
    }

    [Fact]
    public void An_interrupted_redo_with_other_settings_ends_with_the_plain_command()
    {
        Run();
        var before = StageRecord.Find(new RunFolder(_folder).Features)!;
        Assert.Throws<OperationCanceledException>(() => Run(130, "train", redo: "train", epochs: 1));
        Run(epochs: 1);
        var after = StageRecord.Find(new RunFolder(_folder).Features)!;
        Assert.True(after.Complete);
        Assert.NotEqual(before.Hash, after.Hash);
        var refused = Assert.Throws<FoveaException>(() => Run(epochs: 2));
        Assert.Contains("--redo", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Runs the small demo; a signal comes with the first progress of the stage named, if any.</summary>
    private void Run(int signal = 0, string? at = null, string? redo = null, int epochs = 2)
    {
        string[] small =
        [
            "data.train_images=96", "data.validation_images=48", $"train.epochs={epochs}", "train.checkpoint_every_steps=1",
                "harvest.images=20",
            "dictionary=[]", "features.steps=2", "features.pictures=1", "features.side_by_side=0", "features.compare_units=1",
                "features.examples=1",
        ];
        Recipe recipe = Recipe.BuiltIn("demo", small.Select(assignment => new RecipeOverride(assignment)));
        using var interruption = Interruption.Manual();
        var progress = new Watcher(value =>
        {
            if (value.Stage == at && value.Done > 0) interruption.Raise(signal);
        });
        var request = new WorkflowRequest(recipe.Settings, recipe.Folder, _folder, recipe.Resolved, "fovea demo", "cpu", redo, Until: null);
        new WorkflowRunner(interruption).Run(request, progress, _ => { }, interruption.Token);
    }

    private sealed class Watcher(Action<WorkflowProgress> report) : IProgress<WorkflowProgress>
    {
        public void Report(WorkflowProgress value) => report(value);
    }
}
