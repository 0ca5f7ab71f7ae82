using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Interventions.Studies;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Training;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary><c>fovea steer</c> on a real network with drawn weights.</summary>
public sealed class SteerCommandTests : IDisposable
{
    private const int Images = 24;

    private readonly CommandLineFixture _cli = new();

    public SteerCommandTests()
    {
        string recipe = Samples.Small.Replace(
            "source = \"images\"", $"source = \"shapesworld\"\nvalidation_images = {Images}", StringComparison.Ordinal);
        Assert.Equal(0, _cli.Run("run", _cli.Write("shapes.toml", recipe), "--out", Run));
        using IImageSource source = Source();
        using ImageModel network = ImageModel.Create("small_cnn", source.Classes.Count, GradientFlow.Modified);
        network.Initialise(1);
        ModelFile.Save(Path.Combine(Run, "model"), network.With(Preprocessing.ImageNet(null, 64)), source.Classes);
        foreach (string layer in (string[])["block3", "block4"])
        {
            int[] shape = [.. network.Layers.Single(one => one.Name == layer).Shape];
            DocumentFile.Write(Path.Combine(Run, "activations", layer, ActivationManifest.FileName), new ActivationManifest
            {
                Layer = layer,
                Channels = shape[0],
                Grid = [shape[1], shape[2]],
                Images = 0,
                Vectors = 0,
                Damaged = 0,
                Source = "none",
                Shards = [],
                Filters = [],
                Split = new ActivationSplit(1, 0.1, []),
            });
        }
    }

    private string Run => _cli.Path_("run");

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void It_says_what_changes_do_to_all_validation_images()
    {
        Assert.True(0 == _cli.Run("steer", "--run", Run, "--changes", "block4/neurons/3:40,block3/neurons/1:add9", "--json"), _cli.Error);
        var effect = _cli.Json["effect"]!;
        using ImageModel model = ModelFile.Load(Path.Combine(Run, "model"));
        using IImageSource source = Source();
        ChangesResult expected = ChangesEvaluation.Evaluate(model,
            [new("block4", EditedUnits.Neurons(3), UnitOperation.Scale(40)), new("block3", EditedUnits.Neurons(1), UnitOperation.Add(9))], source,
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((Images, expected.Lost, expected.Won), ((int)effect["images"]!, (int)effect["lost"]!, (int)effect["won"]!));
        Assert.Equal(expected.Top1Change.Mean, (double)effect["top1Change"]!["mean"]!, 1e-9);
        Assert.Equal(expected.LogitChange.Mean, (double)effect["logitChange"]!["mean"]!, 1e-4);
        Assert.Equal(Evaluator.Evaluate(model, source, cancellationToken: TestContext.Current.CancellationToken).Top1, (double)effect["top1Before"]!, 1e-9);
        Assert.Equal(expected.Classes.Count, effect["classes"]!.AsArray().Count);
        Assert.Equal(("block4/neurons/3:40,block3/neurons/1:add9", "kept"), ((string)_cli.Json["changes"]!, (string)_cli.Json["error"]!));

        Assert.Equal(0, _cli.Run("steer", "--run", Run, "--layer", "block4", "--source", "neurons", "--changes", "3:0", "--images", "5"));
        Assert.StartsWith("5 images: top-1 ", _cli.Output, StringComparison.Ordinal);
        Assert.Contains("steer: ", _cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("names a unit alone", "--changes", "3:0")]
    [InlineData("cannot be read", "--layer", "block4", "--source", "neurons", "--changes", "3")]
    [InlineData("does not exist", "--layer", "block4", "--source", "neurons", "--changes", "99999:0")]
    [InlineData("no layer 'block9'", "--changes", "block9/neurons/3:0")]
    [InlineData("has no units called 'topk'", "--changes", "block4/topk/3:0")]
    [InlineData("how large unit 3", "--changes", "block4/neurons/3:set1max")]
    [InlineData("Nothing is changed", "--layer", "block4", "--source", "neurons", "--changes", ",")]
    public void What_cannot_be_changed_is_a_sentence(string said, params string[] arguments)
    {
        Assert.Equal(2, _cli.Run(["steer", "--run", Run, .. arguments]));
        Assert.Contains(said, _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_is_drawn_in_the_changed_network()
    {
        string[] drawn = ["visualize", "--run", Run, "--json", "--logits", "1", "--steps", "3", "--size", "32", "--set", "features.batch_size=4"];
        Assert.True(0 == _cli.Run([.. drawn, "--changes", "block4/neurons/3:40,block3/neurons/1:add9"]), _cli.Error);
        string file = (string)_cli.Json["features"]![0]!["image"]!;
        Assert.Matches("^paper-changed-[0-9a-f]{8}-logit-1\\.png$", Path.GetFileName(file));
        double activation = (double)_cli.Json["features"]![0]!["activation"]!;
        Assert.Contains("changes block4/neurons/3:40,block3/neurons/1:add9, error kept", File.ReadAllText(Path.ChangeExtension(file, ".json")), StringComparison.Ordinal);

        using ImageModel model = ModelFile.Load(Path.Combine(Run, "model"));
        var edits = ChangedLayers.Edits([new("block4", EditedUnits.Neurons(3), UnitOperation.Scale(40)), new("block3", EditedUnits.Neurons(1), UnitOperation.Add(9))]);
        RenderOptions options = RenderPresets.Paper with { Steps = 3, Seed = 7, BatchSize = 4, Size = 32 };
        RenderResult expected = new FeatureRenderer(model, edits).Render(new LogitObjective(model, [1]), options)[0];
        Assert.Equal(expected.Activation, activation, 1e-4 * Math.Abs(expected.Activation) + 1e-4);
        Assert.Equal(expected.Picture.Pixels, ImageCodec.Decode(File.ReadAllBytes(file), "picture").Pixels);
        Assert.True(0 == _cli.Run(drawn), _cli.Error);
        Assert.NotEqual(activation, (double)_cli.Json["features"]![0]!["activation"]!);
    }

    [Theory]
    [InlineData("--changes is for --logits", "--features", "3", "--changes", "block4/neurons/3:0")]
    [InlineData("--error belongs to --changes", "--logits", "1", "--error", "dropped")]
    [InlineData("names a unit alone", "--logits", "1", "--changes", "3:0")]
    [InlineData("choose them by --features", "--changes", "block4/neurons/3:0")]
    public void What_cannot_be_drawn_is_a_sentence(string said, params string[] arguments)
    {
        Assert.Equal(2, _cli.Run(["visualize", "--run", Run, .. arguments]));
        Assert.Contains(said, _cli.Error, StringComparison.Ordinal);
    }

    private static IImageSource Source() => ImageSources.Open($"shapesworld:val:{Images}?seed=7", new ImageSourceOptions());
}
