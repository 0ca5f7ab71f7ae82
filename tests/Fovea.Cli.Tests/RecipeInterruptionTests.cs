using System.Globalization;
using Fovea.Cli.Recipes;
using Fovea.Runs;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>
/// Every recipe of the project in a small form, interrupted again and again at moments drawn from a seed, must end with the bytes of a run without a break. In short: the demo, a few
/// times. <c>FOVEA_INTERRUPTIONS=N</c> stops every recipe N times for each of several seeds, <c>FOVEA_INTERRUPTION_SEED</c> chooses the first.
/// </summary>
public sealed class RecipeInterruptionTests : IDisposable
{
    private const int ShortTimes = 4;

    private static readonly string[] Features =
        ["features.steps=2", "features.pictures=1", "features.side_by_side=1", "features.compare_units=1", "features.examples=1", "features.compare=[]", "features.batch_size=2"];

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-recipes-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The recipes, the files of shared/data that each needs, and what makes it small.</summary>
    public static TheoryData<string, string[], string[]> Recipes => new()
    {
        { "demo", [], ["data.train_images=96", "data.validation_images=48", "train.epochs=1", "train.checkpoint_every_steps=1", "harvest.images=40", "harvest.batch_size=10", "dictionary.*.epochs=1", "dictionary.*.checkpoint_every_steps=1", "sweep.*.epochs=1", "sweep.*.baselines=pca", "sweep.*.baseline_k=[2]", "sweep.*.baseline_expansion=0.25", "features.presets=naive", .. Features] },
        { "imagenet-sample-mobilenetv2", ["imagenet-sample.tar", "imagenet_classes.tsv", "mobilenet_v2-imagenet.pth", "resnet18-tiny-imagenet.pth"],
            ["data.validation_images=24", "harvest.batch_size=8", "dictionary.*.epochs=1", "features.size=64", "features.measured_images=20", "features.judge.images=20", .. Features] },
        { "tiny-imagenet-resnet18", ["tiny-imagenet-200.tar", "resnet18-tiny-imagenet.pth", "mobilenet_v2-imagenet.pth"],
            ["data.train_images=100", "data.validation_images=50", "train.epochs=1", "train.checkpoint_every_steps=1", "train.statistics_images=50", "dictionary.*.epochs=1", "features.measured_images=20", "features.judge.images=20", "features.flow=1", "features.flow_steps=[1, 2]", "features.class_pictures=2", .. Features] },
        { "tiny-imagenet-figure4", ["tiny-imagenet-200.tar", "resnet18-tiny-imagenet.pth"],
            ["data.train_images=100", "data.validation_images=50", "train.epochs=1", "train.checkpoint_every_steps=1", "train.statistics_images=50", "train.compare.0.epochs=1", "train.compare.1.epochs=1", "train.compare.2.epochs=1"] },
        { "tiny-imagenet-experiments", ["tiny-imagenet-200.tar", "resnet18-tiny-imagenet.pth"],
            ["data.train_images=100", "data.validation_images=20", "train.epochs=1", "train.statistics_images=50", "harvest.batch_size=20", "sweep.*.epochs=1", "sweep.*.dictionary.*.expansion=1", "sweep.*.baselines=pca", "sweep.*.baseline_expansion=0.25", "sweep.*.images="] },
        { "imagenet-sample-experiments", ["imagenet-sample.tar", "imagenet_classes.tsv", "mobilenet_v2-imagenet.pth"],
            ["data.validation_images=20", "harvest.batch_size=10", "harvest.sample_images=1", "sweep.*.epochs=1", "sweep.*.expansion=0.25", "sweep.*.baselines=pca", "sweep.*.baseline_expansion=0.05", "sweep.*.images=10"] },
        { "imagenet-resnet18", ["tiny-imagenet-200.tar", "resnet18-tiny-imagenet.pth"],
            ["data.source=SHARED/tiny-imagenet-200.tar", "model.weights=SHARED/resnet18-tiny-imagenet.pth", "data.resize=", "data.crop=64", "data.train_images=100", "data.validation_images=60", "train.epochs=1", "harvest.images=40", "dictionary.*.epochs=1", .. Features] },
    };

    [Theory]
    [MemberData(nameof(Recipes), DisableDiscoveryEnumeration = true)]
    public void A_recipe_ends_with_the_same_bytes_however_often_it_is_interrupted(string name, string[] needs, string[] small)
    {
        string data = Path.GetFullPath(Path.Combine(Samples.Checkout, "..", "shared", "data"));
        int times = Number("FOVEA_INTERRUPTIONS", 0);
        Assert.SkipUnless(name == "demo" || times > 0, "the long form alone: FOVEA_INTERRUPTIONS=10");
        foreach (string file in needs) Assert.SkipUnless(File.Exists(Path.Combine(data, file)), $"needs shared/data/{file} beside the checkout");
        Recipe recipe = Recipe.Read(Path.Combine(Samples.Checkout, "recipes", name + ".toml"), small.Select(one => new RecipeOverride(one.Replace("SHARED", data, StringComparison.Ordinal))));
        var harness = new InterruptionHarness(_folder, (folder, progress, stop) =>
            _ = new Workflow(recipe.Settings, recipe.Folder, new RunFolder(folder), new WorkflowOptions { Progress = progress, Recipe = recipe.Resolved }).Run(stop));
        harness.RunReference();
        int first = Number("FOVEA_INTERRUPTION_SEED", 1), stopped = 0;
        for (int seed = first; seed < first + (times > 0 ? 4 : 1); seed++)
        {
            var report = harness.Interrupt((ulong)seed, times > 0 ? times : ShortTimes);
            stopped += report.Interruptions;
            Assert.True(report.Different.Count == 0, $"{string.Join(", ", report.Different)} (seed {seed}: {string.Join("; ", report.Moments)})");
        }
        Assert.True(stopped > 0, "nothing was interrupted");
        TestContext.Current.SendDiagnosticMessage($"{name}: {stopped} interruptions of {harness.Events} events, 0 bytes differ");
    }

    /// <summary>The list above is the folder's.</summary>
    [Fact]
    public void Every_recipe_is_in_the_list() =>
        Assert.Equal(Directory.EnumerateFiles(Path.Combine(Samples.Checkout, "recipes"), "*.toml").Select(file => Path.GetFileNameWithoutExtension(file)).Order(), Recipes.Select(row => row.Data.Item1).Order());

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : otherwise;
}
