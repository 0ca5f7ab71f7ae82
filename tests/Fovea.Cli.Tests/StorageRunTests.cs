using Fovea.Runs;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>Runs whose vectors are stored in two bytes a number, and of some positions of each image alone.</summary>
public sealed class StorageRunTests : IDisposable
{
    private const string Recipe =
        """
        schema = 1
        name = "storage"
        seed = 7

        [data]
        source = "shapesworld"
        train_images = 48
        validation_images = 48
        crop = 64

        [model]
        architecture = "small_cnn"

        [train]
        epochs = 1
        learning_rate = 1e-3

        [harvest]
        layers = ["block3"]
        filters = ["none", "magnitude"]
        STORAGE

        [[dictionary]]
        name = "topk"
        layer = "block3"
        architecture = "topk"
        sparsity = 4
        epochs = 1
        """;

    private const string Proof =
        """


        [proof]
        images = 4
        units = 2
        integration_steps = 2
        firing = 0
        curve_classes = 2
        """;

    private readonly CommandLineFixture _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("storage = \"bfloat16\"", "", "bfloat16, relative error ")]
    [InlineData("storage = \"float16\"\nkeep = 5", Proof, "5 of 64 positions of each image by magnitude, float16, relative error ")]
    public void All_that_reads_the_store_works_and_it_is_said(string storage, string more, string said)
    {
        string recipe = _cli.Write("recipe.toml", Recipe.Replace("STORAGE", storage, StringComparison.Ordinal) + more), run = _cli.Path_("run");
        (int code, string output, string error) = RealRun.Of(recipe, run, "--dry-run", "--json");
        Assert.True(code == 0, error);
        long planned = (long)System.Text.Json.Nodes.JsonNode.Parse(output)!["stages"]!.AsArray().Single(stage => (string)stage!["name"]! == "harvest")!["bytes"]!;
        (code, output, error) = RealRun.Of(recipe, run);
        Assert.True(code == 0, error);
        Assert.Contains("vectors       block3: " + said, output, StringComparison.Ordinal);

        // The plan knows what is written, but for headers, figures and samples.
        long written = Directory.EnumerateFiles(Path.Combine(run, "activations", "block3"), "*.safetensors", SearchOption.AllDirectories)
            .Sum(file => new FileInfo(file).Length);
        Assert.InRange(written, planned, planned + 4096);

        Assert.True(_cli.Run("harvest", "--run", run) == 0, _cli.Error);
        Assert.Contains("; stored: " + said, _cli.Output, StringComparison.Ordinal);
        Assert.True(_cli.Run("sae", "eval", "--run", run, "--splice", "--json") == 0, _cli.Error);
        Assert.InRange((double)_cli.Json["dictionaries"]![0]!["fvu"]!, 0, 2);
        var report = DocumentFile.Read<AutoencoderReport>(Path.Combine(run, "dictionaries", "block3", "topk", AutoencoderReport.FileName));
        Assert.Equal(43, report.Mixing!.Images.Groups);
        Assert.Contains("Vectors are stored as " + said, Pages(run), StringComparison.Ordinal);
        Assert.Contains("Batches were mixed with an entropy of", Pages(run), StringComparison.Ordinal);
        Assert.NotNull(RunRelations.Activity(new RunFolder(run), "block3", "topk", TestContext.Current.CancellationToken));
    }

    private static string Pages(string run) => string.Concat(
        Directory.EnumerateFiles(Path.Combine(run, "report"), "*.html", SearchOption.AllDirectories).Select(File.ReadAllText));
}
