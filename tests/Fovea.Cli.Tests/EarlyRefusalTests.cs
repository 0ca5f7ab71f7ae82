using Fovea.Cli.Recipes;
using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>
/// What a run would refuse before it computes is refused by its plan too, in the same words, before anything is written; the corrected
/// command then goes on.
/// </summary>
public sealed class EarlyRefusalTests : IDisposable
{
    private static readonly string[] Small =
    [
        "data.train_images=48", "data.validation_images=24", "train.epochs=1", "harvest.split=validation", "harvest.images=8",
            "harvest.batch_size=4", "harvest.sample_images=1",
        "dictionary.*.epochs=1", "dictionary.*.splice=false", "sweep=[]", "features=",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-early-").FullName;

    private string Out => Path.Combine(_folder, "run");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("k ≤ 256", "dictionary.topk.sparsity=9999")]
    [InlineData("k ≤ 13", "dictionary.topk.sparsity=14", "dictionary.topk.expansion=0.1")]
    [InlineData("k ≤ 256", "dictionary.topk.architecture=batchtopk", "dictionary.topk.sparsity=257")]
    [InlineData("k₂ ≤ 256", "dictionary.topk.second_k=300")]
    [InlineData("vectors (7 images of ", "dictionary.topk.architecture=archetypal", "dictionary.topk.expansion=16")]
    [InlineData("block9", "harvest.layers=block9", "dictionary=[]")]
    [InlineData("to be measured on", "harvest.images=1")]
    [InlineData("to be measured on", "data.validation_images=1")]
    [InlineData("features.related names 'wolf'", "features.pictures=1", "features.related=wolf")]
    [InlineData("[features] needs a vector of every position", "features.pictures=1", "harvest.keep=3")]
    [InlineData("drawn by 'magnitude'", "dictionary.topk.filter=none", "harvest.keep=3", "harvest.keep_by=magnitude")]
    [InlineData("harvest.keep is 0", "harvest.keep=0")]
    [InlineData("float8", "harvest.storage=float8")]
    [InlineData("neither names weights", "train=")]
    [InlineData("Did you mean 'star-dots'?", "data.shortcut=mark:star-dot:0.9")]
    [InlineData("absent.pth", "model.weights=absent.pth")]
    [InlineData("absent.safetensors", "features.pictures=1", "features.judge.architecture=small_cnn",
        "features.judge.weights=absent.safetensors", "features.judge.classes=24")]
    public void Refused_by_the_plan_and_by_the_run_before_anything_is_made(string expected, params string[] wrong)
    {
        FoveaException plan = Assert.Throws<FoveaException>(() => Plan(wrong)), run = Assert.Throws<FoveaException>(() => Run(wrong));
        Assert.Contains(expected, plan.Message, StringComparison.Ordinal);
        Assert.Equal((plan.Message, plan.Kind), (run.Message, run.Kind));
        Assert.False(Directory.Exists(Path.Combine(Out, "model")));
    }

    [Theory]
    [InlineData("dictionary.topk.sparsity=9999")]
    [InlineData("dictionary.l1.architecture=matryoshka", "dictionary.l1.sparsity=5000")]
    [InlineData("harvest.layers=block4,block7")]
    public void The_corrected_command_goes_on(params string[] wrong)
    {
        Assert.Throws<FoveaException>(() => Run(wrong));
        Assert.Equal(3, Run().Dictionaries.Count);
        // Also where earlier stages are finished.
        Assert.Throws<FoveaException>(() => Run(wrong));
        Assert.Equal(3, Run().Dictionaries.Count);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Few_images_hold_one_out(int images) =>
        Assert.All(Run($"harvest.images={images}").Dictionaries, dictionary => Assert.True(double.IsFinite(dictionary.Fvu)));

    private static Recipe Read(string[] more) =>
        Recipe.BuiltIn("demo", [.. Small.Concat(more).Select(assignment => new RecipeOverride(assignment))]);

    private WorkflowRequest Request(string[] more)
    {
        Recipe recipe = Read(more);
        return new WorkflowRequest(recipe.Settings, _folder, Out, recipe.Resolved, "fovea demo", "cpu", Redo: null, Until: null);
    }

    private void Plan(params string[] more)
    {
        using var interruption = Interruption.Manual();
        new WorkflowRunner(interruption).Plan(Request(more));
    }

    private WorkflowOutcome Run(params string[] more)
    {
        using var interruption = Interruption.Manual();
        return new WorkflowRunner(interruption).Run(Request(more), new Progress<Runs.WorkflowProgress>(), _ => { }, interruption.Token);
    }
}
