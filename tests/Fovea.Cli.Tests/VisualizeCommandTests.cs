using System.Text.Json.Nodes;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.IO;
using Fovea.Models;
using Fovea.Runs;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;
using Fovea.Visualization.Parameterizations;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Cli.Tests;

/// <summary>
/// <c>fovea visualize</c> with its options, on a small network with random weights; every kind against the library's own call.
/// </summary>
public sealed class VisualizeCommandTests : IDisposable
{
    private static readonly RenderOptions Short = RenderPresets.Paper with { Steps = 3, Seed = 7, BatchSize = 4, Size = 32 };

    private readonly CommandLineFixture _cli = new();
    private readonly ImageModel _network;
    private readonly string _image;
    private readonly RgbImage _picture;
    private readonly ClassList _classes;

    public VisualizeCommandTests()
    {
        string recipe = Samples.Small.Replace(
            "source = \"images\"", "source = \"shapesworld\"\nvalidation_images = 12", StringComparison.Ordinal);
        Assert.Equal(0, _cli.Run("run", _cli.Write("shapes.toml", recipe), "--out", Run));
        using IImageSource source = ImageSources.Open("shapesworld:val:12?seed=7", new ImageSourceOptions());
        (_image, _picture, _classes) = (source.Id(3), source.Read(3), source.Classes);
        _network = ImageModel.Create("small_cnn", source.Classes.Count, GradientFlow.Modified);
        _network.Initialise(1);
        ModelFile.Save(Path.Combine(Run, "model"), _network.With(Preprocessing.ImageNet(null, 64)), source.Classes);
        using var autoencoder = new TopKAutoencoder(128, 40, 3);
        autoencoder.Initialize(4);
        AutoencoderFile.Save(new RunFolder(Run).Dictionary("block4", "topk"), autoencoder);
    }

    private string Run => _cli.Path_("run");

    public void Dispose()
    {
        _network.Dispose();
        _cli.Dispose();
    }

    [Fact]
    public void Neurons_of_any_layer_at_any_position_and_their_negatives_and_sums()
    {
        Is(new UnitObjective("block4", [3, 9]), Make("--features", "3,9"), "pictures/block4/neurons/paper-3.png",
            "pictures/block4/neurons/paper-9.png");
        Is(Objective.NeuronAt("block2", 1, 2, 5), Make("--features", "5", "--layer", "block2", "--position", "1,2"),
            "pictures/block2/neurons/paper-1-2-5.png");
        Is(-Objective.Neuron("block4", 3), Make("--features", "3", "--position", "centre", "--negative"),
            "pictures/block4/neurons/paper-negative-centre-3.png");
        IObjective Neuron(int unit) => new UnitObjective("block4", [unit]);
        Is(Objective.Each(Neuron(3) + Neuron(9), Neuron(3) - 0.5 * Neuron(9)), Make("--features", "3+9,3-0.5*9"),
            "pictures/block4/neurons/paper-3+9.png", "pictures/block4/neurons/paper-3-0.5x9.png");
        Assert.Equal(6, Directory.GetFiles(Run, "paper*.png", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public void Latents_by_pre_activation_and_directions()
    {
        using var autoencoder = AutoencoderFile.Load(new RunFolder(Run).Dictionary("block4", "topk"));
        string[] latent = ["--source", "topk", "--features", "11"];
        Is(new LatentObjective("block4", autoencoder, [11]), Make(latent), "pictures/block4/topk/paper-11.png");
        Is(new LatentObjective("block4", autoencoder, [11], LatentTarget.DecoderDirection), Make([.. latent, "--target", "decoder"]),
            "pictures/block4/topk/paper-decoder-11.png");
        Is(new LatentObjective("block4", autoencoder, [11], LatentTarget.EncoderDirection, Reduction.Centre, Similarity.Cosine),
            Make([.. latent, "--target", "encoder", "--position", "centre", "--similarity", "cosine"]),
                "pictures/block4/topk/paper-encoder-centre-cosine-11.png");
    }

    [Fact]
    public void Classes_by_number_id_and_name()
    {
        JsonNode made = Make("--logits", "0", _classes[2].Name.ToUpperInvariant(), _classes[1].Id);
        Is(new LogitObjective(_network, [0, 2, 1]), made, "pictures/fc/logits/paper-logit-0.png", "pictures/fc/logits/paper-logit-2.png",
            "pictures/fc/logits/paper-logit-1.png");
        Assert.Equal(
            [_classes[0].Name, _classes[2].Name, _classes[1].Name], made["features"]!.AsArray().Select(one => (string)one!["name"]!));
        Assert.Equal(2, Make("--logits", "0,2")["features"]!.AsArray().Count);
    }

    [Fact]
    public void A_layer_as_a_whole_from_an_image()
    {
        Is(Objective.DeepDream("block3", 2), Make("--dream", "--layer", "block3", "--replicas", "2", "--start", _image, "--l2", "0.5"),
            Short with { StartFrom = [_picture], L2 = 0.5 }, $"pictures/block3/dream/paper-from-{Stem}-dream-block3.png",
                $"pictures/block3/dream/paper-from-{Stem}-dream-block3-r2.png");
        JsonNode record = Record($"pictures/block3/dream/paper-from-{Stem}-dream-block3");
        Assert.StartsWith("64×64, SHA-256 ", (string)record["start"]!, StringComparison.Ordinal);
        Assert.Contains("l2 0.5", (string)record["penalties"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void Directions_of_a_file_and_its_rows()
    {
        using Tensor directions = randn([3, 128]);
        string file = _cli.Path_("probe.safetensors");
        Safetensors.Write(file, new Dictionary<string, Tensor> { ["w"] = directions });
        Is(Objective.Direction("block4", directions), Make("--directions", file),
            [.. Enumerable.Range(0, 3).Select(row => $"pictures/block4/directions/paper-direction-probe-{row}.png")]);
        using Tensor two = directions.narrow(0, 2, 1);
        Is(new DirectionObjective("block4", two, [2], Similarity.DotCosine(4)),
            Make("--directions", file, "--features", "2", "--similarity", "dot-cos4"),
            "pictures/block4/directions/paper-dot-cos4-direction-probe-2.png");
        Assert.EndsWith(
            "paper-direction-probe-w-2.png", (string)Make("--directions", file + "#w", "--features", "2")["features"]![0]!["image"]!,
                StringComparison.Ordinal);
        // The file is a part of what pictures are made from: another of the same name makes new ones.
        byte[] first = File.ReadAllBytes(Path.Combine(Run, "pictures/block4/directions/paper-direction-probe-0.png"));
        using Tensor other = -directions;
        Safetensors.Write(file, new Dictionary<string, Tensor> { ["w"] = other });
        Make("--directions", file);
        Assert.NotEqual(first, File.ReadAllBytes(Path.Combine(Run, "pictures/block4/directions/paper-direction-probe-0.png")));
    }

    [Fact]
    public void Images_from_what_a_layer_keeps_of_them()
    {
        string grey = _cli.Path_("grey.png");
        var other = new RgbImage(40, 40, [.. Enumerable.Range(0, 40 * 40 * 3).Select(i => (byte)(i % 251))]);
        File.WriteAllBytes(grey, ImageCodec.EncodePng(other));
        using Tensor targets = StoredActivations.Of(_network.With(Preprocessing.ImageNet(null, 64)), "block2", [_picture, other], 32);
        Is(Objective.Inversion("block2", targets), Make("--invert", _image, grey, "--layer", "block2"),
            $"pictures/block2/inversion/paper-inverse-0-{Stem}.png", "pictures/block2/inversion/paper-inverse-1-grey.png");
        using Tensor twice = targets.narrow(0, 0, 1).repeat([2, 1, 1, 1]);
        Is(new InversionObjective("block2", twice, Similarity.DotCosine(2), [0, 0]),
            Make("--invert", _image, "--layer", "block2", "--similarity", "dot-cos2", "--replicas", "2"),
            $"pictures/block2/inversion/paper-dot-cos2-inverse-0-{Stem}.png",
                $"pictures/block2/inversion/paper-dot-cos2-inverse-0-{Stem}-r2.png");
    }

    [Fact]
    public void Several_pictures_of_a_unit_differ_and_more_so_when_pushed_apart()
    {
        string[] Files(string prefix) => [.. new[] { "3", "3-r2", "3-r3" }.Select(name => $"pictures/block4/neurons/{prefix}-{name}.png")];
        Is(new UnitObjective("block4", [3, 3, 3]), Make("--features", "3", "--replicas", "3"), Files("paper"));
        JsonNode made = Make("--features", "3", "--replicas", "3", "--diversity", "2.5");
        Is(Objective.Diverse(new UnitObjective("block4", [3, 3, 3]), 2.5), made, Files("paper-diverse"));
        Assert.Equal([0, 1, 2], made["features"]!.AsArray().Select(one => (int)one!["replica"]!));
        Is(Objective.Diverse(new LogitObjective(_network, [1, 1]), 3, "block3"),
            Make("--logits", "1", "--replicas", "2", "--diversity", "3", "--layer", "block3"),
            "pictures/fc/logits/paper-diverse-logit-1.png", "pictures/fc/logits/paper-diverse-logit-1-r2.png");
    }

    [Fact]
    public void What_was_raised_is_named_and_a_latent_that_stays_off_is_said_to()
    {
        Assert.Equal(0, _cli.Run("visualize", "--run", Run, "--features", "3", "--steps", "1", "--size", "32"));
        Assert.Matches(@"^\s*3  activation -?\d", _cli.Output);
        Assert.Equal(0, _cli.Run("visualize", "--run", Run, "--features", "3", "--steps", "1", "--size", "32", "--negative"));
        Assert.Matches(@"^\s*3  objective -?\d", _cli.Output);
        // TopK keeps three of forty: some of all latents are off on their own picture after a single step.
        Assert.Equal(
            0, _cli.Run("visualize", "--run", Run, "--source", "topk", "--features", string.Join(',', Enumerable.Range(0, 40)), "--steps",
                "1", "--size", "32"));
        string[] lines = _cli.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("engine", lines[^1]);
        Assert.All(lines[..^1], line => Assert.Matches(@"^\s*\d+  pre-activation -?\d\S*\s+code (\d|0 \(off\))", line));
        Assert.Contains(lines, line => line.Contains("code 0 (off)", StringComparison.Ordinal));
    }

    [Fact]
    public void Long_sums_have_names_that_files_can_have()
    {
        string sum = string.Join('+', Enumerable.Range(0, 100)), other = sum + "+100";
        JsonNode made = Make("--features", $"{sum},{other}");
        string[] files = [.. made["features"]!.AsArray().Select(one => Path.GetFileName((string)one!["image"]!))];
        Assert.All(files, file => Assert.InRange(file.Length, 60, 140));
        Assert.NotEqual(files[0], files[1]);
        Assert.Equal(
            files, Make("--features", $"{sum},{other}")["features"]!.AsArray().Select(one => Path.GetFileName((string)one!["image"]!)));
    }

    [Fact]
    public void A_run_that_is_being_worked_on_is_not_written_to()
    {
        using var held = FolderLock.Take(Run);
        Assert.Equal(5, _cli.Run("visualize", "--run", Run, "--features", "3", "--steps", "1", "--size", "32"));
        Assert.Contains("Another process is working", _cli.Error, StringComparison.Ordinal);
        Assert.True(0 == _cli.Run(
            "visualize", "--run", Run, "--features", "3", "--steps", "1", "--size", "32", "--out", _cli.Path_("there")), _cli.Error);
    }

    [Fact]
    public void Views_and_presets_are_stored_and_the_set_is_read_back()
    {
        string[] command = ["--features", "3,9,4", "--views", "2", "--preset", "lucid", "--set", "features.batch_size=2"];
        JsonNode made = Make(command);
        JsonNode record = Record("pictures/block4/neurons/lucid-9");
        Assert.Equal((2, 3, "ImageNet"), ((int)record["views"]!, (int)record["steps"]!, (string)record["colours"]!));
        Assert.Contains("network ", (string)record["inputs"]!, StringComparison.Ordinal);
        string path = Path.Combine(Run, "pictures/block4/neurons/lucid-3.png"), last = Path.Combine(
            Run, "pictures/block4/neurons/lucid-4.png");
        (byte[] before, DateTime written) = (File.ReadAllBytes(last), File.GetLastWriteTimeUtc(path));
        File.Delete(last); // as an interruption leaves it
        Assert.True(JsonNode.DeepEquals(made, Make(command)));
        Assert.Equal((before.Length, written), (File.ReadAllBytes(last).Length, File.GetLastWriteTimeUtc(path)));
        Assert.Equal(before, File.ReadAllBytes(last));
    }

    [Fact]
    public void A_batch_is_chosen_once_for_each_size_and_number_of_views()
    {
        foreach (string views in (string[])["1", "4", "1"])
            Assert.True(0 == _cli.Run("visualize", "--run", Run, "--features", "3", "--steps", "1", "--size", "32", "--views", views),
                _cli.Error);
        JsonObject chosen = JsonNode.Parse(
            File.ReadAllText(Path.Combine(Run, "pictures", "block4", "neurons", "batch.json")))!["sizes"]!.AsObject();
        Assert.Equal(["block4: 32 px, views 1", "block4: 32 px, views 4"], chosen.Select(pair => pair.Key));
        Assert.True((int)chosen["block4: 32 px, views 4"]! <= 8);
    }

    [Fact]
    public void The_runs_own_colours_are_used_where_it_has_measured_them()
    {
        string picture = Path.Combine(Run, "pictures", "block4", "neurons", "paper-3.png");
        Assert.Equal("imagenet", (string)Make("--features", "3")["colours"]!);
        byte[] imagenet = File.ReadAllBytes(picture);
        Assert.Equal(2, _cli.Run("visualize", "--run", Run, "--features", "3", "--colours", "run"));
        Assert.Contains("features.measured_images", _cli.Error, StringComparison.Ordinal);

        var colours = new ColourStatistics([0.1, 0.2, 0.3], new[,] { { 0.5, 0.1, 0.2 }, { 0.1, 0.6, 0.3 }, { 0.2, 0.3, 0.7 } });
        new PictureStatistics(colours, SpectrumTemplate.Radial(2)).Save(new RunFolder(Run));
        JsonNode made = Make("--features", "3");
        Assert.Equal("run", (string)made["colours"]!);
        Assert.Equal(colours.Description, (string)Record("pictures/block4/neurons/paper-3")["colours"]!);
        Is(new UnitObjective("block4", [3]), made, Short with { Parameterization = new DecorrelatedPixels(colours) },
            "pictures/block4/neurons/paper-3.png");
        Assert.NotEqual(imagenet, File.ReadAllBytes(picture));
        Assert.Equal("imagenet", (string)Make("--features", "3", "--colours", "imagenet")["colours"]!);
        Assert.Equal(imagenet, File.ReadAllBytes(picture));
        Assert.Equal("none", (string)Make("--features", "3", "--preset", "naive")["colours"]!);
        Assert.Equal(0, _cli.Run("visualize", "--run", Run, "--features", "3", "--steps", "1"));
        Assert.Contains("Colours: those of the run's images.", _cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "ask for different pictures", "--features", "3", "--logits", "1")]
    [InlineData(2, "ask for different pictures", "--dream", "--invert", "x.png")]
    [InlineData(2, "--source belongs to --features", "--logits", "1", "--source", "topk")]
    [InlineData(2, "choose them by --features", "--negative")]
    [InlineData(2, "choose them by --features", "--replicas", "2")]
    [InlineData(2, "--colours is for pictures of chosen units", "--colours", "imagenet")]
    [InlineData(2, "--target is for latents", "--features", "3", "--target", "decoder")]
    [InlineData(2, "--position cannot be had with --dream", "--dream", "--position", "centre")]
    [InlineData(2, "--similarity needs a direction", "--features", "3", "--similarity", "dot")]
    [InlineData(2, "--replicas 2 or more", "--features", "3", "--diversity", "1")]
    [InlineData(2, "--layer does not belong to --logits", "--logits", "1", "--layer", "block3")]
    [InlineData(2, "--diversity is 0: it must be greater than 0", "--features", "3", "--replicas", "2", "--diversity", "0")]
    [InlineData(2, "mean, centre, or row and column", "--features", "3", "--position", "left")]
    [InlineData(2, "Position [99, 0] does not exist", "--features", "3", "--position", "99,0")]
    [InlineData(2, "block4", "--features", "3", "--layer", "blok4")]
    [InlineData(2, "did not harvest 'block3'", "--features", "3", "--source", "topk", "--layer", "block3")]
    [InlineData(2, "Latent 40 does not exist", "--features", "40", "--source", "topk")]
    [InlineData(2, "Class 99 does not exist", "--logits", "99")]
    [InlineData(2, "has no class 'zebra'", "--logits", "zebra")]
    [InlineData(2, "--replicas is 0: it must be at least 1", "--features", "3", "--replicas", "0")]
    [InlineData(2, "--target is 'code'", "--features", "3", "--target", "code")]
    [InlineData(2, "features.views", "--features", "3", "--views", "-1")]
    [InlineData(3, "no file absent.png", "--invert", "absent.png")]
    [InlineData(3, "no file absent.png", "--features", "3", "--start", "absent.png")]
    [InlineData(3, "absent.npy", "--directions", "absent.npy")]
    public void What_cannot_be_is_refused(int code, string says, params string[] options)
    {
        Assert.Equal(code, _cli.Run(["visualize", "--run", Run, "--steps", "1", .. options]));
        Assert.Contains(says, _cli.Error, StringComparison.Ordinal);
        Assert.Empty(
            Directory.Exists(Path.Combine(Run, "pictures"))
                ? Directory.GetFiles(Path.Combine(Run, "pictures"), "*.png", SearchOption.AllDirectories) : []);
    }

    private string Stem => Path.GetFileNameWithoutExtension(_image);

    private JsonNode Make(params string[] options)
    {
        string[] small = ["--steps", "3", "--size", "32", .. options.Contains("--set") ? (string[])[] : ["--set", "features.batch_size=4"]];
        Assert.True(0 == _cli.Run(["visualize", "--run", Run, "--json", .. options, .. small]), _cli.Error);
        return _cli.Json;
    }

    private JsonNode Record(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(Run, name + ".json")))!;

    private void Is(IObjective objective, JsonNode made, params string[] files) => Is(objective, made, Short, files);

    /// <summary>The command's pictures stand in the files named and are those that the library makes of an objective.</summary>
    private void Is(IObjective objective, JsonNode made, RenderOptions options, params string[] files)
    {
        var expected = new FeatureRenderer(_network.With(Preprocessing.ImageNet(null, 64))).Render(objective, options);
        JsonArray pictures = made["features"]!.AsArray();
        Assert.Equal(files.Select(file => Path.Combine(Run, file)), pictures.Select(one => (string)one!["image"]!));
        for (int i = 0; i < files.Length; i++)
        {
            Assert.Equal(expected[i].Picture.Pixels, ImageCodec.Decode(File.ReadAllBytes(Path.Combine(Run, files[i])), files[i]).Pixels);
            Assert.Equal(
                (expected[i].Activation, objective.Describe(i)), ((double)pictures[i]!["activation"]!, (string)pictures[i]!["objective"]!));
            Assert.Equal((string)made["layer"]!, objective.Layer);
        }
    }
}
