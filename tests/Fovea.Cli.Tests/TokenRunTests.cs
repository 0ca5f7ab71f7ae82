using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Models.Onnx;
using Fovea.Tests.Shared;
using TorchSharp;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>Whole runs on networks whose layers are tokens, or have their channels last.</summary>
public sealed class TokenRunTests
{
    private string _error = "";

    [Theory]
    [InlineData("vit", "block0", "block1@class", "tokens", "4 × 8 (tokens, 4 × 8 after 2 of no position and before 1 of no position)")]
    [InlineData("swin", "stage2", "stage1.attention.qkv", "channels-last", "2 × 4 (channels last, 2 × 4)")]
    public void The_whole_way_is_gone(string network, string layer, string other, string kind, string grid)
    {
        using var fixture = new CommandLineFixture();
        string recipe = fixture.Path_("recipe.toml"), run = fixture.Path_("run");
        File.WriteAllText(recipe, Recipe(fixture, network, layer, other));
        Assert.True(Run(fixture, "run", recipe, "--out", run) == 0, _error);

        var manifest = DocumentFile.Read<ActivationManifest>(Path.Combine(run, RunLayout.Manifest(layer)));
        Assert.Equal((kind, (bool?)true), (manifest.Layout?.Kind, manifest.WholeImage));
        string page = Pages(run).Single(text => text.Contains($"<h1>Layer <code>{layer}</code></h1>", StringComparison.Ordinal));
        Assert.Contains(grid, page, StringComparison.Ordinal);
        Assert.Contains("no receptive field", page, StringComparison.Ordinal);
        var splice = DocumentFile.Read<SpliceDocument>(
            Directory.EnumerateFiles(run, SpliceDocument.FileName, SearchOption.AllDirectories).First());
        Assert.True(double.IsFinite(splice.Spliced.Loss));
        Assert.NotEqual(splice.Original.Loss, splice.ZeroAblated.Loss);
        var rows = TableFile.Read<ExampleRow>(Path.Combine(run, "features", layer, "topk", "examples.parquet"));
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.True(row.Y < manifest.Grid[0] && row.X < manifest.Grid[1]));
        Assert.Contains(rows, row => row.Crop is not null && row.CropWidth == 32);
        Assert.Contains(rows, row => row.X > 0);
        Assert.NotEmpty(DocumentFile.ReadLines<PictureRecord>(Path.Combine(run, RunLayout.Pictures(layer, "topk"))));

        Assert.True(Run(fixture, "cam", "--run", run, "--images", "6", "--layer", layer) == 0, _error);
        Assert.True(Run(fixture, "visualize", "--run", run, "--layer", layer, "--source", "neurons", "--features", "1") == 0, _error);
        Assert.True(Run(fixture, "report", "--run", run) == 0, _error);
        page = Pages(run).Single(text => text.Contains($"<h1>Layer <code>{layer}</code></h1>", StringComparison.Ordinal));
        Assert.Contains("Class activation maps", page, StringComparison.OrdinalIgnoreCase);
        if (network == "vit")
        {
            Assert.Equal(ExitCode.Configuration, Run(fixture, "cam", "--run", run, "--images", "6", "--layer", "block1"));
            Assert.Contains("does not depend on the positions of block1", _error, StringComparison.Ordinal);
            Assert.Equal(ExitCode.Configuration, Run(fixture, "cam", "--run", run, "--images", "6", "--layer", "block1@class"));
            Assert.Contains("one position", _error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_layer_that_no_head_reads_is_refused_before_anything_is_made()
    {
        using var fixture = new CommandLineFixture();
        string recipe = fixture.Path_("recipe.toml"), run = fixture.Path_("run");
        File.WriteAllText(recipe, Recipe(fixture, "vit", "block1", "block0"));
        Assert.Equal(ExitCode.Configuration, Run(fixture, "run", recipe, "--out", run));
        Assert.Contains("does not depend on the positions of block1", _error, StringComparison.Ordinal);
        Assert.Contains("block1@class", _error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(run, "model", ModelDocument.FileName)));
    }

    [Theory]
    [InlineData("tokens = \"4x8\"\nprefix = 2", null)]
    [InlineData("tokens = \"4x\"", "rows x columns")]
    [InlineData("tokens = \"40x8\"", "No layer of")]
    [InlineData("tokens = \"4x8\"\nprefix = 9", "No layer of")]
    [InlineData("tokens = \"4x8\"\nprefix = -1", "prefix")]
    [InlineData("prefix = 1", "is for tokens")]
    public void Tokens_may_be_told(string lines, string? message)
    {
        using var fixture = new CommandLineFixture();
        string recipe = fixture.Path_("recipe.toml");
        string text = Recipe(fixture, "vit", "block0", "embedded");
        text = text[..text.IndexOf("[[dictionary]]", StringComparison.Ordinal)];
        File.WriteAllText(recipe, text.Replace("[harvest]", lines + "\n\n[harvest]", StringComparison.Ordinal));
        int code = Run(fixture, "run", recipe, "--out", fixture.Path_("run"));
        Assert.True(code == (message is null ? ExitCode.Done : ExitCode.Configuration), _error);
        Assert.Contains(message ?? "", _error, StringComparison.Ordinal);
    }

    /// <summary>A recipe on a network that is exported and read again.</summary>
    private static string Recipe(CommandLineFixture fixture, string network, string layer, string other)
    {
        NetworkGraph graph = network == "vit" ? TokenNetworks.Vit(2, 1, true, 24) : TokenNetworks.Swin(24);
        using var model = new ImageModel(graph, Preprocessing.ImageNet(null, 32));
        model.Initialise(5);
        using (torch.no_grad())
        {
            foreach (torch.Tensor weight in model.Parameters.Values.Where(weight => weight.dim() is 2 or 3)) weight.mul_(30);
        }
        OnnxExport.Write(model, fixture.Path_("network.onnx"), new OnnxExportOptions { Overwrite = true });
        return $"""
            schema = 1
            name = "tokens"
            seed = 3

            [data]
            source = "shapesworld"
            train_images = 48
            validation_images = 48
            crop = 32
            mean = [0.485, 0.456, 0.406]
            std = [0.229, 0.224, 0.225]

            [model]
            network = "network.onnx"

            [harvest]
            layers = ["{layer}", "{other}"]
            filters = ["none", "magnitude", "gradcam"]
            images = 40
            batch_size = 20

            [[dictionary]]
            name = "topk"
            layer = "{layer}"
            architecture = "topk"
            filter = "magnitude"
            expansion = 4
            sparsity = 2
            epochs = 1

            [features]
            pictures = 2
            steps = 2
            side_by_side = 1
            compare_units = 2
            examples = 2
            compare = []
            """;
    }

    private static IEnumerable<string> Pages(string run) =>
        Directory.EnumerateFiles(Path.Combine(run, "report"), "*.html", SearchOption.AllDirectories).Select(File.ReadAllText);

    private int Run(CommandLineFixture fixture, params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        var console = new CommandConsole(output, error, errorIsTerminal: false, colour: false);
        var app = new AppEnvironment(console, new WorkflowRunner(fixture.Interruption), fixture.Interruption,
            ShellLine.Of(["fovea", .. arguments]), TimeProvider.System);
        int code = new FoveaApplication(app).Run(arguments);
        _error = error.ToString();
        return code;
    }
}
