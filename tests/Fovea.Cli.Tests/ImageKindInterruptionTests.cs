using System.Globalization;
using Fovea.Checkpoints;
using Fovea.Cli.Recipes;
using Fovea.Models;
using Fovea.Runs;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>
/// A run on each kind of image source, killed in the middle of its harvest and again at drawn moments, ends with the bytes of a run without
/// a break.
/// </summary>
public sealed class ImageKindInterruptionTests(ITestOutputHelper output) : IDisposable
{
    private const string Text = """
        schema = 1
        name = "kind"
        seed = 3

        [data]
        source = "SOURCE"
        crop = 32
        LABELS

        [model]
        architecture = "small_cnn"
        weights = "w.safetensors"
        MODEL

        [harvest]
        split = "SPLIT"
        layers = ["block3"]
        filters = ["magnitude", "gradcam"]
        batch_size = 4

        [[dictionary]]
        name = "topk"
        layer = "block3"
        architecture = "topk"
        expansion = 2
        sparsity = 2
        epochs = 1
        """;

    private readonly string _folder = WorkFolder.Create("fovea-kinds-");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("parquet")]
    [InlineData("webdataset")]
    [InlineData("imagenet tars")]
    [InlineData("one tar of imagenet")]
    [InlineData("flat photographs")]
    [InlineData("labels apart")]
    [InlineData("own classes")]
    public void It_ends_with_the_same_bytes_after_a_kill_in_the_harvest(string kind)
    {
        string source = Path.Combine(_folder, "photos"), model = "", labels = "";
        int classes = 3;
        switch (kind)
        {
            case "parquet":
                ImageKinds.Parquet(Path.Combine(source, "data", "train-00000-of-00001.parquet"), 0, 30);
                ImageKinds.Parquet(Path.Combine(source, "data", "validation-00000-of-00001.parquet"), 30, 12);
                break;
            case "webdataset":
                foreach ((string name, int first, int count) in ((string, int, int)[])[("train-000", 0, 15), ("train-001", 15, 15), ("val-000", 30, 12)])
                    ImageKinds.Tar(Path.Combine(source, name + ".tar"), Enumerable.Range(first, count).SelectMany(i => ImageKinds.Sample(
                        i, ".cls", (i % 3).ToString(CultureInfo.InvariantCulture))));
                break;
            case "imagenet tars":
                ImageKinds.ImageNetTars(source);
                break;
            case "one tar of imagenet":
                ImageKinds.OneTar(source += ".tar");
                break;
            case "flat photographs":
                RealRun.Pictures(source, [], 24, 40);
                (classes, model) = (7, "classes = \"other\"");
                break;
            case "labels apart":
                ImageKinds.ImageNet(Path.Combine(_folder, "all"));
                Directory.Move(Path.Combine(_folder, "all", "val"), source);
                labels = "labels = \"all/LOC_val_solution.csv\"";
                break;
            default:
                // The images' own classes, which are not the network's: labels serve evidence alone.
                RealRun.Pictures(source, ["cat", "dog", "fox"], 8, 40);
                (classes, model) = (7, "classes = \"other\"");
                break;
        }
        using (ImageModel network = ImageModel.Create("small_cnn", classes, seed: 2))
        using (StateDict state = StateDict.Of(network.State)) state.Save(Path.Combine(_folder, "w.safetensors"));
        string path = Path.Combine(_folder, "recipe.toml");
        File.WriteAllText(path, Text.Replace("SOURCE", Path.GetFileName(source), StringComparison.Ordinal)
            .Replace("MODEL", model, StringComparison.Ordinal).Replace("LABELS", labels, StringComparison.Ordinal)
            .Replace("SPLIT", labels.Length > 0 ? "validation" : "train", StringComparison.Ordinal));
        Recipe recipe = Recipe.Read(path, []);
        var harness = new InterruptionHarness(Path.Combine(_folder, "work"), (folder, progress, stop) =>
            _ = new Workflow(recipe.Settings, recipe.Folder, new RunFolder(folder),
                new WorkflowOptions { Progress = progress, Recipe = recipe.Resolved }).Run(stop));
        harness.RunReference();
        InterruptionReport harvest = harness.KillAtReports("harvest,", 2, 4), drawn = harness.Interrupt(1, 3);
        Assert.Equal(2, harvest.Interruptions);
        Assert.All(harvest.Moments, moment => Assert.Contains("harvest, ", moment, StringComparison.Ordinal));
        Assert.True(harvest.Different.Count == 0, harvest.ToString());
        Assert.True(drawn.Interruptions > 0 && drawn.Different.Count == 0, drawn.ToString());
        output.WriteLine($"{kind}: {harvest.Interruptions} kills in the harvest, {drawn.Interruptions} interruptions drawn; {harvest.Files} files, "
            + $"{harvest.Bytes} bytes compared, 0 differ");
    }
}
