using System.Text.Json.Nodes;
using Fovea.Checkpoints;
using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;
using Fovea.Models;
using Fovea.Tests.Shared;
using Xunit;
using static TorchSharp.torch;
using Interruption = Fovea.Cli.Terminal.Interruption;

namespace Fovea.Cli.Tests;

/// <summary>
/// Networks in files of other tools: <c>model inspect</c>, <c>model run</c>, <c>model eval --network</c>, and a whole run on one.
/// </summary>
public sealed class ModelFileCommandTests
{
    [Fact]
    public void Inspect_lists_layers_and_says_what_to_harvest()
    {
        using var fixture = new CommandLineFixture();
        string path = SmallPrograms.Classifier(2).Save(fixture.Path_("."));
        Assert.Equal(0, fixture.Run("model", "inspect", path));
        foreach (string part in new[] { "relu@1", "[6, 8, 8]", "add_", "<- harvest", "avgpool (adaptive_avg_pool2d)", "batch check",
            "was taken out", "PyTorch 2.14.1", "preprocessing is not" })
            Assert.Contains(part, fixture.Output);
        Assert.Equal(0, fixture.Run("model", "inspect", path, "--json"));
        JsonNode json = fixture.Json;
        Assert.Equal("add_", (string)json["harvest"]!["layer"]!);
        Assert.Equal((2, null, true), ((int)json["exportedBatch"]!, (int?)json["fixedBatch"], (bool)json["batchAgrees"]!));
        Assert.Equal(8, (int)json["input"]!["height"]!);
        string head = (string)json["head"]!["layer"]!;
        Assert.Contains(json["layers"]!.AsArray(), layer => (string)layer!["name"]! == head && (string)layer["kind"]! == "linear");
        Assert.Equal(3, fixture.Run("model", "inspect", fixture.Path_("absent.pt2")));
    }

    [Fact]
    public void Images_with_colours_last_and_whole_numbers_are_taken_as_the_file_has_them()
    {
        using var fixture = new CommandLineFixture();
        using var scope = NewDisposeScope();
        string path = SmallPrograms.WholeNumbers(64).Save(fixture.Path_("."), "whole"), input = fixture.Path_("x.npy");
        string folder = fixture.Path_("out");
        Tensor images = (arange(0, 2 * 64 * 64 * 3) * 37).remainder(256).reshape(2, 64, 64, 3).to(ScalarType.Byte);
        NumpyFile.Write(input, images);
        Assert.Equal(0, fixture.Run("model", "run", path, "--input", input, "--out", folder));
        // The means of each colour over 255: what the network calculates.
        Tensor expected = images.to(float32).mean([1, 2]) / 255;
        Assert.True(BatchCheck.Relative(NumpyFile.Read(Path.Combine(folder, "output.npy")), expected) < 1e-5);
        NumpyFile.Write(input, images.permute(0, 3, 1, 2).contiguous());
        Assert.Equal(3, fixture.Run("model", "run", path, "--input", input, "--out", folder));
        Assert.Contains("[images, height, width, 3] is needed", fixture.Error);

        Assert.Equal(0, fixture.Run("model", "inspect", path));
        foreach (string part in new[] { "64 × 64 × 3 whole numbers from 0 to 255", "preprocessing of the numbers is in the file" })
            Assert.Contains(part, fixture.Output);
        Assert.Equal(0, fixture.Run("model", "inspect", path, "--json"));
        Assert.Equal((true, true), ((bool)fixture.Json["input"]!["channelsLast"]!, (bool)fixture.Json["input"]!["wholeNumbers"]!));
    }

    [Fact]
    public void Numbers_said_of_a_network_of_whole_numbers_are_refused_by_plan_run_and_eval()
    {
        using var fixture = new CommandLineFixture();
        string network = SmallPrograms.WholeNumbers(64).Save(fixture.Path_("."), "whole"), recipe = fixture.Path_("recipe.toml");
        string folder = fixture.Path_("run");
        foreach (var (numbers, expected) in ((string, int)[])
            [("", 0), ("mean = [0.5, 0.5, 0.5]\nstd = [0.5, 0.5, 0.5]", 2), ("std = [1, 1, 1]", 2), ("mean = [0.4, 0, 0]", 2)])
        {
            File.WriteAllText(recipe,
                $"""
                schema = 1
                name = "whole"
                [data]
                source = "shapesworld"
                validation_images = 8
                crop = 64
                {numbers}
                [model]
                network = "whole.pt2"
                classes = "none"
                [harvest]
                layers = ["relu"]
                images = 8
                """);
            foreach (string[] more in (string[][])[["--dry-run"], []])
            {
                (int code, string output, string error) = RealRun.Of(recipe, folder, more);
                Assert.True(code == expected, $"{numbers} {string.Join(' ', more)}: {code} {error}");
                if (code == 0 && more.Length > 0)
                    Assert.Contains("preparation   Images go through: no resizing (nobody says it), crop 64", output);
                if (expected == 0) continue;
                Assert.Contains("leave mean and std out", error, StringComparison.Ordinal);
                Assert.False(Directory.Exists(Path.Combine(folder, "model")));
            }
            if (expected == 0) Directory.Delete(folder, recursive: true);
        }
        string[] eval = ["model", "eval", "--network", network, "--data", "shapesworld:val:8", "--input-size", "64"];
        foreach (string[] said in (string[][])[["--mean", "0.5", "--std", "0.5"], ["--std", "1"], ["--mean", "0.4,0,0"]])
        {
            Assert.Equal(2, fixture.Run([.. eval, .. said]));
            Assert.Contains("leave mean and std out", fixture.Error);
        }
    }

    [Fact]
    public void Eval_puts_images_through_a_graph_before_and_numbers_that_are_said()
    {
        using var fixture = new CommandLineFixture();
        string network = SmallPrograms.Classifier(classes: 24, side: 64).Save(fixture.Path_("."), "mine");
        // The graph before: (x - 0.25) / 0.5 of what --mean and --std give; so a mean of 0.25 and a std of 0.5 alone are the same.
        string before = SmallPrograms.Scaling(subtract: 0.25, divide: 0.5, side: 64).Save(fixture.Path_("."), "before");
        double Loss(params string[] more)
        {
            string[] command = ["model", "eval", "--network", network, "--data", "shapesworld:val:48", "--json", .. more];
            int code = fixture.Run(command);
            Assert.True(code == 0, fixture.Error);
            return (double)fixture.Json["loss"]!;
        }
        double said = Loss("--mean", "0.25", "--std", "0.5,0.5,0.5");
        Assert.DoesNotContain("ImageNet's", fixture.Error);
        // Its weights are drawn: of 24 classes it is right about one in 24.
        Assert.Contains("no better than chance. Likely reasons: the preprocessing is not the network's (--resize", fixture.Error);
        Assert.Equal(said, Loss("--preprocess", before, "--mean", "0", "--std", "1"), 5);
        Assert.NotEqual(said, Loss(), 3);
        Assert.Contains("ImageNet's", fixture.Error);
        Assert.Equal(2, fixture.Run("model", "eval", "--network", network, "--data", "shapesworld:val:48", "--mean", "0.5,0.5"));
        Assert.Contains("three numbers", fixture.Error);
        Assert.Equal(2, fixture.Run("model", "eval", "--network", network, "--data", "shapesworld:val:48", "--std", "0"));
        Assert.Equal(2, fixture.Run(
            "model", "eval", "--arch", "resnet18", "--weights", "w.pth", "--data", "shapesworld:val:48", "--preprocess", before));
    }

    [Fact]
    public void Images_of_a_size_that_the_network_cannot_take_are_refused_before_any_work()
    {
        using var fixture = new CommandLineFixture();
        using var scope = NewDisposeScope();
        string network = SmallPrograms.Flat(32).Save(fixture.Path_("."), "flat"), recipe = fixture.Path_("recipe.toml");
        string input = fixture.Path_("x.npy"), folder = fixture.Path_("out");
        NumpyFile.Write(input, zeros(2, 3, 16, 16));
        File.WriteAllText(recipe,
            """
            schema = 1
            name = "flat"
            [data]
            source = "shapesworld"
            validation_images = 8
            crop = 16
            mean = [0, 0, 0]
            std = [1, 1, 1]
            [model]
            network = "flat.pt2"
            classes = "none"
            [harvest]
            layers = ["relu"]
            """);
        foreach (string[] command in (string[][])
            [["model", "eval", "--network", network, "--data", "shapesworld:val:8", "--num-classes", "4", "--input-size", "16"],
                ["model", "inspect", network, "--input-size", "16"], ["model", "run", network, "--input", input, "--out", folder]])
        {
            Assert.Equal(2, fixture.Run(command));
            Assert.Contains("exported for 32 × 32", fixture.Error);
        }
        Assert.Equal(0, fixture.Run("model", "inspect", network));
        (int code, _, string error) = RealRun.Of(recipe, folder);
        Assert.Equal(2, code);
        Assert.Contains("exported for 32 × 32", error);
    }

    [Fact]
    public void A_softmax_at_the_end_changes_no_loss_and_is_given_as_written()
    {
        using var fixture = new CommandLineFixture();
        using var scope = NewDisposeScope();
        string plain = SmallPrograms.Classifier(classes: 24, side: 64).Save(fixture.Path_("."), "plain");
        string soft = SmallPrograms.Classifier(classes: 24, side: 64, probabilities: true).Save(fixture.Path_("."), "soft");
        double[] losses = [.. new[] { plain, soft }.Select(network =>
        {
            Assert.Equal(0, fixture.Run("model", "eval", "--network", network, "--data", "shapesworld:val:48", "--json"));
            return (double)fixture.Json["loss"]!;
        })];
        Assert.Equal(losses[0], losses[1], 6);
        Assert.Equal(0, fixture.Run("model", "inspect", soft));
        Assert.Contains("probabilities (softmax)", fixture.Output);
        string input = fixture.Path_("x.npy"), folder = fixture.Path_("out");
        NumpyFile.Write(input, arange(0, 2 * 3 * 64 * 64, dtype: float32).reshape(2, 3, 64, 64).sin());
        Assert.Equal(0, fixture.Run("model", "run", soft, "--input", input, "--out", folder));
        Assert.True(NumpyFile.Read(Path.Combine(folder, "output.npy")).sum(1).sub(1).abs().max().item<float>() < 1e-5);
    }

    [Fact]
    public void A_whole_run_works_on_a_network_whose_images_are_no_squares()
    {
        using var fixture = new CommandLineFixture();
        string network = SmallPrograms.Wide(32, 48).Save(fixture.Path_("."), "wide"), recipe = fixture.Path_("recipe.toml");
        string run = fixture.Path_("run");
        Assert.Equal(0, fixture.Run("model", "inspect", network));
        Assert.Contains("3 × 32 × 48", fixture.Output);
        const string Recipe =
            """
            schema = 1
            name = "wide"
            seed = 3

            [data]
            source = "shapesworld"
            validation_images = 48
            resize = 32
            squash = true
            mean = [0.5, 0.5, 0.5]
            std = [0.25, 0.25, 0.25]

            [model]
            network = "wide.pt2"

            [harvest]
            layers = ["relu"]
            filters = ["none"]
            images = 40
            batch_size = 20

            [[dictionary]]
            name = "topk"
            layer = "relu"
            architecture = "topk"
            filter = "none"
            expansion = 2
            sparsity = 2
            epochs = 1

            [features]
            pictures = 2
            steps = 2
            side_by_side = 1
            measured_images = 8
            compare_units = 1
            examples = 2
            compare = []
            """;
        File.WriteAllText(recipe, Recipe);
        var (code, error) = Run(recipe, run);
        Assert.True(code == 0, error);
        // The size is the file's; pictures have its shape.
        var document = DocumentFile.Read<ModelDocument>(Path.Combine(run, "model", ModelDocument.FileName));
        Assert.Equal((32, 48), (document.Preprocessing.Crop, document.Preprocessing.Width));
        string log = File.ReadAllText(Path.Combine(run, "log.txt"));
        Assert.Contains("resize to 32 × 48 (the recipe), crop 32 × 48 (the size that", log, StringComparison.Ordinal);
        using ImageModel kept = ModelFile.Load(Path.Combine(run, "model"));
        Assert.Equal((32, 48), kept.Preprocessing.OutputSize);
        JsonNode[] pictures = [.. Directory.GetFiles(Path.Combine(run, "features"), "pictures.jsonl", SearchOption.AllDirectories)
            .SelectMany(File.ReadAllLines).Select(line => JsonNode.Parse(line)!["picture"]!)];
        Assert.True(pictures.Length >= 4);
        Assert.All(pictures, picture => Assert.Equal((48, 32), ((int)picture["width"]!, (int)picture["height"]!)));
        Assert.True(File.Exists(Path.Combine(run, "report", "index.html")));

        // A square is refused before any work, with what to say.
        File.WriteAllText(recipe, Recipe.Replace("resize = 32", "crop = 32\nresize = 32", StringComparison.Ordinal));
        (code, error) = Run(recipe, fixture.Path_("square"));
        Assert.Equal(2, code);
        Assert.Contains("exported for 32 × 48: say so ([data] crop and width)", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_run_works_on_a_network_from_a_file()
    {
        using var fixture = new CommandLineFixture();
        string network = SmallPrograms.Classifier(classes: 24, side: 64)
            .Save(fixture.Path_("."), "mine"), recipe = fixture.Path_("recipe.toml"), run = fixture.Path_("run");
        File.WriteAllText(
            fixture.Path_("preprocessor_config.json"), """{"image_mean": [0.5, 0.5, 0.5], "image_std": [0.229, 0.224, 0.225]}""");
        File.WriteAllText(recipe,
            """
            schema = 1
            name = "mine"
            seed = 3

            [data]
            source = "shapesworld"
            train_images = 48
            validation_images = 48
            crop = 64

            [model]
            network = "mine.pt2"
            leaky_slope = 0.01

            [harvest]
            layers = ["add_", "bn"]
            filters = ["none", "gradcam"]
            images = 40
            batch_size = 20

            [[dictionary]]
            name = "topk"
            layer = "add_"
            architecture = "topk"
            filter = "none"
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
            """);
        var (code, error) = Run(recipe, run);
        Assert.True(code == 0, error);
        var document = DocumentFile.Read<ModelDocument>(Path.Combine(run, "model", ModelDocument.FileName));
        Assert.Equal("mine.pt2", document.Architecture);
        Assert.NotNull(document.GraphSha256);
        string log = File.ReadAllText(Path.Combine(run, "log.txt"));
        Assert.Contains(
            "crop 64 (the recipe), mean [0.5, 0.5, 0.5] (preprocessor_config.json beside the network)", log, StringComparison.Ordinal);
        Assert.Contains("bilinear interpolation (assumed: nobody says it)", log, StringComparison.Ordinal);
        Assert.Equal([0.5f, 0.5f, 0.5f], document.Preprocessing.Mean);
        Assert.Contains("no better than chance", log, StringComparison.Ordinal);
        using ImageModel kept = ModelFile.Load(Path.Combine(run, "model"));
        using ImportedNetwork imported = NetworkFile.Open(network);
        using ImageModel own = imported.ToModel(kept.Preprocessing, flow: kept.Flow);
        using var scope = NewDisposeScope();
        Tensor images = arange(0, 3 * 3 * 64 * 64, dtype: float32).reshape(3, 3, 64, 64).sin();
        Assert.True(kept.Forward(images).equal(own.Forward(images)).all().item<bool>());
        Assert.True(File.Exists(Path.Combine(run, "report", "index.html")));

        // Another network than the data's classes ask for is refused before anything is made.
        SmallPrograms.Classifier(classes: 5, side: 64).Save(fixture.Path_("."), "mine");
        (code, error) = Run(recipe, fixture.Path_("other"));
        Assert.Equal(2, code);
        Assert.Contains("answers with 5 numbers", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("network = \"mine.pt2\"\narchitecture = \"resnet18\"", "stands beside network")]
    [InlineData("network = \"mine.pt2\"\nweights = \"w.pth\"", "stands beside weights")]
    [InlineData("weights = \"w.pth\"", "architecture")]
    public void What_contradicts_itself_is_refused(string model, string expected)
    {
        using var fixture = new CommandLineFixture();
        string recipe = fixture.Path_("recipe.toml");
        File.WriteAllText(recipe, $"schema = 1\nname = \"mine\"\n[data]\nsource = \"shapesworld\"\n[model]\n{model}\n");
        Assert.Equal(2, fixture.Run("run", recipe, "--out", fixture.Path_("run")));
        Assert.Contains(expected, fixture.Error);
    }

    private static (int Code, string Error) Run(string recipe, string folder)
    {
        using StringWriter output = new(), error = new();
        using var interruption = Interruption.Manual();
        var console = new CommandConsole(output, error, errorIsTerminal: false, colour: false);
        string[] arguments = ["run", recipe, "--out", folder, "--json", "--quiet"];
        var app = new AppEnvironment(
            console, new WorkflowRunner(interruption), interruption, ShellLine.Of(["fovea", .. arguments]), TimeProvider.System);
        int code = new FoveaApplication(app).Run(arguments);
        return (code, error.ToString());
    }
}
