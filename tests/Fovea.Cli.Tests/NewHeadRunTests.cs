using Fovea.Checkpoints;
using Fovea.Models;
using Fovea.Tests.Shared;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Cli.Tests;

/// <summary><c>[model] classes = "data"</c>: networks of eight classes that learn two others.</summary>
public sealed class NewHeadRunTests
{
    private const string Training = """
        [train]
        epochs = 2
        batch_size = 4
        learning_rate = 0.001
        augment = false
        [harvest]
        layers = ["LAYER"]
        filters = ["magnitude", "gradcam"]
        sample_images = 1
        """;

    [Theory]
    // A checkpoint of a network of the catalogue; the same with names as PyTorch's parallel training writes them, modified; a whole network
    // from a file; one whose last layer is a convolution; one without weights, where nothing is replaced.
    [InlineData("checkpoint", "architecture = \"small_cnn\"\nweights = \"w8.safetensors\"", "block3", "fc (8 classes)")]
    [InlineData("wrapped", "architecture = \"small_cnn\"\nweights = \"w8.safetensors\"\naverage_pooling = true\nleaky_slope = 0.01",
        "block4", "fc (8 classes)")]
    [InlineData("file", "network = \"mine.pt2\"", "add_", "fc (8 classes)")]
    [InlineData("fresh", "architecture = \"small_cnn\"", "block3", null)]
    public void Two_other_classes_are_learned(string kind, string model, string layer, string? said)
    {
        using var fixture = new CommandLineFixture();
        using var scope = NewDisposeScope();
        RealRun.Pictures(fixture.Path_("data"), ["cat", "dog"], 6);
        IReadOnlyDictionary<string, Tensor> before = new Dictionary<string, Tensor>();
        if (kind == "file")
        {
            SmallPrograms.Classifier(classes: 8, side: 64).Save(fixture.Path_("."), "mine");
            using ImportedNetwork file = NetworkFile.Open(fixture.Path_("mine.pt2"));
            before = file.Weights.ToDictionary(pair => pair.Key, pair => pair.Value.clone());
        }
        else if (kind != "fresh")
        {
            using ImageModel eight = ImageModel.Create("small_cnn", 8, seed: 4);
            before = eight.State.ToDictionary(pair => pair.Key, pair => pair.Value.clone());
            using var state = new StateDict(
                before.Select(pair => KeyValuePair.Create(kind == "wrapped" ? "module." + pair.Key : pair.Key, pair.Value.clone())));
            state.Save(fixture.Path_("w8.safetensors"));
        }
        string colours = "mean = [0.485, 0.456, 0.406]\nstd = [0.229, 0.224, 0.225]";
        string recipe = fixture.Write("recipe.toml", $"""
            schema = 1
            name = "heads"
            [data]
            source = "data"
            crop = 64
            {colours}
            [model]
            {model}
            classes = "data"
            {Training.Replace("LAYER", layer, StringComparison.Ordinal)}
            """);
        string run = fixture.Path_("run");
        (int code, _, string error) = RealRun.Of(recipe, run);
        Assert.True(code == 0, error);
        string log = RealRun.Log(run);
        if (said is not null)
            Assert.Contains(
                $"The last layer {said} is replaced by a fresh one for the data's 2 classes, drawn from seed 1", log,
                    StringComparison.Ordinal);
        else Assert.DoesNotContain("is replaced", log, StringComparison.Ordinal);

        using ImageModel kept = ModelFile.Load(Path.Combine(run, "model"));
        Assert.Equal(["cat", "dog"], kept.Classes!.Select(one => one.Id));
        Assert.Equal([2L], kept.State["fc.bias"].shape);
        // It began with the old weights: two epochs at this rate move no weight by more than steps × rate × 10.
        foreach (var (name, tensor) in before.Where(pair => !pair.Key.StartsWith("fc.", StringComparison.Ordinal)))
            if (kept.Parameters.TryGetValue(name, out Tensor? now))
                Assert.InRange((now - tensor).abs().max().item<float>(), 0, 6 * 0.001f * 10);
        var rows = DocumentFile.Read<EvaluationTable>(Path.Combine(run, "model", EvaluationTable.FileName)).Rows;
        Assert.Equal([kind == "fresh" ? "trained" : "fine-tuned"], rows.Select(row => row.Name));
    }

    [Theory]
    [InlineData("w8.safetensors", "data", "", "only [train] teaches it")]
    [InlineData("w8.safetensors", "none", "[train]\nepochs = 1", "take [train] away")]
    [InlineData("w8.safetensors", "two", "", "must be one of network, data, other, none")]
    public void What_cannot_be_is_refused_before_anything_is_made(string weights, string classes, string train, string expected)
    {
        using var fixture = new CommandLineFixture();
        RealRun.Pictures(fixture.Path_("data"), ["cat", "dog"], 2);
        using (ImageModel eight = ImageModel.Create("small_cnn", 8)) using (var state = StateDict.Of(eight.State)) state.Save(
            fixture.Path_("w8.safetensors"));
        string recipe = fixture.Write("recipe.toml", $"""
            schema = 1
            name = "heads"
            [data]
            source = "data"
            crop = 64
            [model]
            architecture = "small_cnn"
            weights = "{weights}"
            classes = "{classes}"
            {train}
            """);
        (int code, _, string error) = RealRun.Of(recipe, fixture.Path_("run"));
        Assert.Equal(2, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(fixture.Path_("run/model")));
    }

    [Fact]
    public void A_training_that_ends_at_chance_says_so()
    {
        using var fixture = new CommandLineFixture();
        RealRun.Pictures(fixture.Path_("data"), ["cat", "dog"], 6);
        // A rate at which nothing moves: it says one class to all.
        string recipe = fixture.Write("recipe.toml", $"""
            schema = 1
            name = "heads"
            [data]
            source = "data"
            crop = 64
            [model]
            architecture = "small_cnn"
            {Training.Replace("LAYER", "block3", StringComparison.Ordinal).Replace("0.001", "1e-12", StringComparison.Ordinal)}
            """);
        (int code, _, string error) = RealRun.Of(recipe, fixture.Path_("run"));
        Assert.True(code == 0, error);
        Assert.Contains(
            "no better than chance. Likely reasons: it learned too briefly", RealRun.Log(fixture.Path_("run")), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_classes_without_the_word_are_refused_with_it()
    {
        using var fixture = new CommandLineFixture();
        RealRun.Pictures(fixture.Path_("data"), ["cat", "dog"], 3);
        using (ImageModel eight = ImageModel.Create("small_cnn", 8)) using (var state = StateDict.Of(eight.State)) state.Save(
            fixture.Path_("w8.safetensors"));
        string recipe = fixture.Write("recipe.toml", """
            schema = 1
            name = "heads"
            [data]
            source = "data"
            crop = 64
            [model]
            architecture = "small_cnn"
            weights = "w8.safetensors"
            [train]
            epochs = 1
            """);
        (int code, _, string error) = RealRun.Of(recipe, fixture.Path_("run"));
        Assert.Equal(3, code);
        Assert.Contains("classes = \"data\"", error, StringComparison.Ordinal);
    }
}
