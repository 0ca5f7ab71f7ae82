using Fovea.Datasets;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.IO;
using Fovea.Models;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary><c>fovea shortcut</c> on a run of generated images with a planted mark.</summary>
public sealed class ShortcutCommandTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    public ShortcutCommandTests()
    {
        Begin("run", 3);
        Begin("other", 4);
        using var dictionary = new TopKAutoencoder(128, 128, 8) { Layer = "block4" };
        dictionary.Initialize(1);
        AutoencoderFile.Save(Path.Combine(Run, "dictionaries", "block4", "topk"), dictionary);
    }

    private string Run => _cli.Path_("run");

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void What_the_recipe_planted_is_studied_and_written()
    {
        Assert.True(0 == _cli.Run("shortcut", "--run", Run, "--source", "neurons", "topk", "--images", "240", "--reference", _cli.Path_("other"), "--json"), _cli.Error);
        var report = _cli.Json["report"]!;
        Assert.Equal(("block4", "mark:star-dots:0.9", "masks"),
            ((string)report["layer"]!, (string)report["group"]!, (string)report["background"]!));
        Assert.Equal(240, (int)report["foldImages"]! + (int)report["testImages"]!);
        Assert.True((bool)report["exact"]!);
        Assert.Equal(["neurons", "topk"], report["classes"]![0]!["sources"]!.AsArray().Select(source => (string)source!["name"]!));
        string document = (string)_cli.Json["document"]!;
        Assert.Equal(Path.Combine(Run, "shortcuts", "block4", "shortcuts.json"), document);
        Assert.DoesNotContain(_cli.Folder, File.ReadAllText(document), StringComparison.Ordinal);
        Assert.True(File.Exists((string)_cli.Json["table"]!));
        string[] images = File.ReadAllLines((string)_cli.Json["images"]!);
        Assert.Equal(("image,group,part", 241), (images[0], images.Length));
        Assert.StartsWith("test/000000-disc-plain,", images[1], StringComparison.Ordinal);
        byte[] first = File.ReadAllBytes(document);
        Assert.Equal(0, _cli.Run("shortcut", "--run", Run, "--source", "neurons", "topk", "--images", "240", "--reference", _cli.Path_("other")));
        Assert.Equal(first, File.ReadAllBytes(document));
        Assert.Contains("worst group", _cli.Output, StringComparison.Ordinal);
        Assert.Contains("as it is", _cli.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Layer_units_classes_groups_and_place_can_be_chosen()
    {
        using (var source = new ShapesWorldSource("test", 120, 7))
        {
            _cli.Write("groups.csv", "image,group\n"
                + string.Concat(Enumerable.Range(0, 120).Select(i => $"{source.Id(i)},{(i / 24 % 2 == 0 ? "sea" : "land")}\n")));
        }
        Assert.True(0 == _cli.Run(
            "shortcut", "--run", Run, "--layer", "block3", "--source", "neurons", "--class", "disc-dots", "dotted star", "--groups",
            _cli.Path_("groups.csv"), "--group", "sea", "--images", "120", "--out", _cli.Path_("there"), "--json"), _cli.Error);
        var report = _cli.Json["report"]!;
        Assert.Equal(("block3", "sea", false), ((string)report["layer"]!, (string)report["group"]!, (bool)report["exact"]!));
        Assert.Equal(["dotted disc", "dotted star"], report["classes"]!.AsArray().Select(one => (string)one!["name"]!));
        Assert.True(File.Exists(Path.Combine(_cli.Path_("there"), "shortcuts.json")));
        Assert.False(Directory.Exists(Path.Combine(Run, "shortcuts")));
    }

    [Fact]
    public void A_dictionary_that_is_not_trained_yet_is_named_with_the_command_that_trains_it()
    {
        // The recipe has two, topk and l1, and there is topk alone.
        Assert.Equal(3, _cli.Run("shortcut", "--run", Run, "--images", "120"));
        Assert.Contains("'l1' of block4 is not trained yet", _cli.Error, StringComparison.Ordinal);
        Assert.Contains($"fovea sae train --run {Run}", _cli.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(Run, "shortcuts")));
        Assert.Equal(3, _cli.Run("intervene", "--run", Run, "--source", "l1", "--units", "1"));
        Assert.Contains("fovea sae train --run", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_is_being_worked_on_is_not_written_to()
    {
        using var held = FolderLock.Take(Run);
        Assert.Equal(5, _cli.Run("shortcut", "--run", Run, "--images", "120"));
        Assert.False(Directory.Exists(Path.Combine(Run, "shortcuts")));
    }

    [Theory]
    [InlineData(2, "blok4", "--layer", "blok4")]
    [InlineData(2, "tpok", "--source", "tpok")]
    [InlineData(2, "Did you mean 'star-dots'?", "--class", "star-dot")]
    [InlineData(2, "--groups", "--group", "1")]
    [InlineData(3, "absent.csv", "--groups", "absent.csv")]
    [InlineData(3, "masks", "--masks", "absent-masks")]
    [InlineData(3, "holds no run", "--reference", "absent-run")]
    [InlineData(2, "at least 1", "--images", "0")]
    public void What_cannot_be_is_refused(int code, string says, string option, string value)
    {
        Assert.Equal(code, _cli.Run("shortcut", "--run", Run, option, value));
        Assert.Contains(says, _cli.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(Run, "shortcuts")));
    }

    [Theory]
    [InlineData("mark", "data.shortcut must be mark|background|colour:<class>:<correlation>")]
    [InlineData("mark:star-dots:2", "data.shortcut has a correlation '2'")]
    [InlineData("sticker:star-dots:0.9", "data.shortcut is of a kind 'sticker'")]
    public void A_shortcut_that_is_none_is_a_fault_of_the_recipe(string shortcut, string says)
    {
        string recipe = _cli.Write("fault.toml", Samples.Small.Replace(
            "source = \"images\"", $"source = \"shapesworld\"\nshortcut = \"{shortcut}\"", StringComparison.Ordinal));
        Assert.Equal(2, _cli.Run("run", recipe, "--out", _cli.Path_("faulty")));
        Assert.Contains(says, _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Into_photographs_only_a_mark_is_planted()
    {
        string Recipe(string kind) => _cli.Write(kind + ".toml", Samples.Small.Replace(
            "source = \"images\"", $"source = \"images\"\nshortcut = \"{kind}:cat:0.9\"", StringComparison.Ordinal));
        Assert.Equal(2, _cli.Run("run", Recipe("colour"), "--out", _cli.Path_("colour")));
        Assert.Contains("is for source = \"shapesworld\"", _cli.Error, StringComparison.Ordinal);
        Assert.True(0 == _cli.Run("run", Recipe("mark"), "--out", _cli.Path_("mark")), _cli.Error);
    }

    private void Begin(string name, ulong seed)
    {
        string recipe = Samples.Small.Replace("source = \"images\"",
            "source = \"shapesworld\"\nshortcut = \"mark:star-dots:0.9\"\nvalidation_images = 24", StringComparison.Ordinal);
        Assert.Equal(0, _cli.Run("run", _cli.Write(name + ".toml", recipe), "--out", _cli.Path_(name)));
        using IImageSource source = ImageSources.Open("shapesworld:val:24?seed=7", new ImageSourceOptions());
        using ImageModel network = ImageModel.Create("small_cnn", source.Classes.Count, GradientFlow.Modified);
        network.Initialise(seed);
        ModelFile.Save(Path.Combine(_cli.Path_(name), "model"), network.With(Preprocessing.ImageNet(null, 64)), source.Classes);
    }
}
