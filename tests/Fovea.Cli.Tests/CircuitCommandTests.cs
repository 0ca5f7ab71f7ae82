using System.Text.Json.Nodes;
using Fovea.Cli.Recipes;
using Fovea.Datasets;
using Fovea.Runs;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary><c>fovea circuit</c> on a small run of generated images, and its pages.</summary>
public sealed class CircuitCommandTests : IClassFixture<CircuitCommandTests.WholeRun>
{
    private readonly WholeRun _whole;

    public CircuitCommandTests(WholeRun whole) => _whole = whole;

    private CommandLineFixture Cli => _whole.Fixture;

    [Fact]
    public async Task A_class_has_a_circuit_that_is_written_shown_and_the_same_each_time()
    {
        string[] line = ["circuit", "--run", _whole.Run, "--class", "disc-dots", "--nodes", "12", "--edges", "20", "--steps", "2", "--random", "2"];
        Assert.True(0 == Cli.Run([.. line, "--json"]), Cli.Error);
        JsonNode json = Cli.Json, circuit = json["circuit"]!;
        string file = (string)json["document"]!;
        Assert.Equal(Path.Combine(_whole.Run, "circuits", "block4", "class-disc-dots", "circuit.json"), file);
        Assert.Equal(("block3", "topk", "block4", "topk", "mean"),
            ((string)circuit["from"]!["layer"]!, (string)circuit["from"]!["source"]!, (string)circuit["to"]!["layer"]!, (string)circuit["to"]!["source"]!,
                (string)circuit["baseline"]!));
        Assert.Equal((5, 5, true, 12),
            ((int)circuit["chosenOn"]!, (int)circuit["images"]!, (bool)circuit["heldOut"]!, circuit["nodes"]!.AsArray().Count));
        Assert.Equal(["circuit", "neurons", "random"], circuit["curves"]!.AsArray().Select(curve => (string)curve!["name"]!));
        byte[] first = File.ReadAllBytes(file);
        Assert.DoesNotContain(Cli.Folder, File.ReadAllText(file), StringComparison.Ordinal);
        Assert.Equal(0, Cli.Run(line));
        Assert.Equal(first, File.ReadAllBytes(file));
        Assert.Contains("faithfulness", Cli.Output, StringComparison.Ordinal);
        Assert.Matches("It (survives|fails) the test", Cli.Output);
        Assert.Contains("class-disc-dots", new RunFolderReader(_whole.Run).Circuits("block4"));

        string index = await Explorer.ReportBuilder.BuildAsync(_whole.Run, TestContext.Current.CancellationToken);
        string page = File.ReadAllText(Path.Combine(Path.GetDirectoryName(index)!, "l", "block4", "c", "class-disc-dots", "index.html"));
        Assert.Contains("class=\"circuit\"", page, StringComparison.Ordinal);
        Assert.Contains("id=\"circuits\"", File.ReadAllText(index), StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_and_a_unit_have_circuits()
    {
        string id = FirstImage();
        Assert.True(0 == Cli.Run("circuit", "--run", _whole.Run, "--image", id, "--dictionary", "neurons", "--nodes", "8", "--steps",
            "2", "--baseline", "zero", "--name", "one", "--json"), Cli.Error);
        JsonNode circuit = Cli.Json["circuit"]!;
        Assert.Equal(("one", "image", "zero", 1),
            ((string)Cli.Json["name"]!, (string)circuit["target"]!["kind"]!, (string)circuit["baseline"]!, (int)circuit["images"]!));
        Assert.Null(circuit["nodes"]![0]!["effect"]!["lower"]);
        int unit = (int)circuit["nodes"]!.AsArray().First(node => (string)node!["layer"]! == "block4")!["unit"]!;
        Assert.True(0 == Cli.Run("circuit", "--run", _whole.Run, "--unit", $"{unit}", "--dictionary", "topk", "neurons", "--images", "12", "--nodes", "6",
            "--steps", "2", "--rank", "integrated", "--json"), Cli.Error);
        circuit = Cli.Json["circuit"]!;
        Assert.Equal(("unit", "topk", "neurons", "integrated"),
            ((string)circuit["target"]!["kind"]!, (string)circuit["from"]!["source"]!, (string)circuit["to"]!["source"]!, (string)circuit["ranking"]!));
        Assert.NotEmpty(circuit["edges"]!.AsArray());
        Assert.All(circuit["edges"]!.AsArray(), edge => Assert.Null(edge!["to"]));
    }

    [Fact]
    public void Differences_and_images_have_names_of_their_own()
    {
        string[] few = ["--nodes", "4", "--steps", "1", "--random", "0", "--images", "4", "--json"];
        HashSet<string> names = [];
        foreach (string[] what in (string[][])[["--class", "disc-stripes"], ["--class", "disc-stripes", "--versus", "disc-dots"],
            ["--image", FirstImage()], ["--image", FirstImage(), "--versus", "disc-dots"]])
        {
            Assert.True(0 == Cli.Run(["circuit", "--run", _whole.Run, .. what, .. few]), Cli.Error);
            Assert.True(names.Add((string)Cli.Json["name"]!));
        }
        Assert.Contains("class-disc-stripes-less-disc-dots", names);
    }

    [Theory]
    [InlineData(2, "has no class", "--class", "nobody")]
    [InlineData(2, "--class C", "--nodes", "9")]
    [InlineData(2, "leave --class", "--class", "disc-dots", "--unit", "3")]
    [InlineData(2, "Swap them", "--class", "disc-dots", "--from", "block4", "--to", "block3")]
    [InlineData(2, "one and the same", "--class", "disc-dots", "--from", "block4", "--to", "block4")]
    [InlineData(2, "did not harvest", "--class", "disc-dots", "--from", "block1")]
    [InlineData(2, "no units called", "--class", "disc-dots", "--dictionary", "nobody")]
    [InlineData(2, "one for each", "--class", "disc-dots", "--dictionary", "topk", "topk", "topk")]
    [InlineData(2, "does not exist", "--unit", "100000")]
    [InlineData(2, "name another class", "--class", "disc-dots", "--versus", "disc-dots")]
    [InlineData(2, "cannot name a circuit", "--class", "disc-dots", "--name", "../out")]
    [InlineData(2, "at least 2", "--class", "disc-dots", "--nodes", "1")]
    [InlineData(2, "must be one of", "--class", "disc-dots", "--baseline", "none")]
    [InlineData(3, "nowhere.png", "--image", "nowhere.png")]
    public void What_does_not_fit_is_refused(int code, string says, params string[] more)
    {
        Assert.Equal(code, Cli.Run(["circuit", "--run", _whole.Run, .. more]));
        Assert.Contains(says, Cli.Error, StringComparison.Ordinal);
    }

    private string FirstImage()
    {
        using IImageSource images = RunSources.Open(Recipe.OfRun(_whole.Run, []).Settings, training: false, Environment.CurrentDirectory);
        return images.Id(0);
    }

    public sealed class WholeRun() : TwoLayerRun(validationImages: 240);
}
