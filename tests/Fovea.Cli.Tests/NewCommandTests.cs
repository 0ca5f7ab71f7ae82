using Fovea.Cli.Recipes;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary><c>fovea new</c>: what can be found out stands in the recipe, and what cannot be is asked for.</summary>
public sealed class NewCommandTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Labels_that_no_preprocessing_fits_are_no_classes_of_the_network_and_colours_are_asked_for()
    {
        string network = SmallPrograms.Classifier(2).Save(_cli.Path_("."), "mine"), photos = _cli.Path_("my \"photos\" #1");
        RealRun.Pictures(photos, ["a", "b"], 12, 16);
        string recipe = New(network, photos);
        Assert.Contains("to be said    mean, std", _cli.Output, StringComparison.Ordinal);
        Assert.Contains("# mean = …", File.ReadAllText(recipe), StringComparison.Ordinal);
        var settings = Recipe.Read(recipe, []).Settings;
        Assert.Equal("other", settings.Model.Classes);
        Assert.Equal(Path.GetFullPath(photos), settings.Data.Source);
        Assert.Equal(["add_"], settings.Harvest!.Layers);
        // It is refused until somebody says them, and works then.
        (int code, _, string error) = RealRun.Of(recipe, _cli.Path_("run"), "--dry-run");
        Assert.Equal(2, code);
        Assert.Contains("mean", error, StringComparison.Ordinal);
        string text = File.ReadAllText(recipe);
        File.WriteAllText(recipe, string.Join('\n', text.Split('\n').Select(line => line.StartsWith("# mean", StringComparison.Ordinal)
            ? "mean = [0.5, 0.5, 0.5]" : line.StartsWith("# std", StringComparison.Ordinal) ? "std = [0.25, 0.25, 0.25]" : line)));
        (code, _, error) = RealRun.Of(
            recipe, _cli.Path_("run"), "--set", "features.steps=2", "--set", "features.pictures=1", "--set", "dictionary.*.epochs=1");
        Assert.True(code == 0, error);
    }

    [Fact]
    public void Pictures_without_labels_are_said_to_be_that()
    {
        string network = SmallPrograms.Extractor(32).Save(_cli.Path_("."), "mine v1.2 (é)"), photos = _cli.Path_("photos");
        RealRun.Pictures(photos, [], 24, 32);
        var settings = Recipe.Read(New(network, photos, "--layer", "relu"), []).Settings;
        Assert.Equal(("unlabelled", "other", "relu"), (settings.Data.Layout, settings.Model.Classes, settings.Harvest!.Layers[0]));
        // A file may be called what no recipe may.
        Assert.Equal("mine-v1-2", settings.Name);
        Assert.Null(settings.Proof);
    }

    [Fact]
    public void What_a_file_beside_the_network_says_is_not_said_again()
    {
        string network = SmallPrograms.Classifier(2, classes: 5, side: 16).Save(_cli.Path_("."), "mine"), photos = _cli.Path_("photos");
        RealRun.Pictures(photos, ["a", "b", "c"], 8, 40);
        _cli.Write("preprocessor_config.json", """
            { "do_resize": true, "size": { "shortest_edge": 20 }, "do_center_crop": true, "crop_size": { "height": 16, "width": 16 },
              "do_rescale": true, "rescale_factor": 0.00392156862745098, "do_normalize": true, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5] }
            """);
        string recipe = New(network, photos);
        Assert.DoesNotContain("mean", File.ReadAllText(recipe), StringComparison.Ordinal);
        Assert.Equal(0, RealRun.Of(recipe, _cli.Path_("run"), "--dry-run").Item1);
    }

    /// <summary>What is written is not refused by what reads it, whatever splits there are.</summary>
    [Theory]
    [InlineData("train", null, "validation", "train")]
    [InlineData("train test", "train", "train", "test")]
    [InlineData("train val", "train", "train", "val")]
    public void The_splits_that_are_there_are_used(string folders, string? trained, string harvested, string judged)
    {
        string network = SmallPrograms.Classifier(2).Save(_cli.Path_("."), "mine");
        foreach (string split in folders.Split(' ')) RealRun.Pictures(_cli.Path_("photos/" + split), ["a", "b", "c", "d"], 6, 16);
        var settings = Recipe.Read(New(network, _cli.Path_("photos")), []).Settings;
        Assert.Equal((harvested, judged), (settings.Harvest!.Split, settings.Data.ValidationSplit));
        Assert.Equal(trained is not null, settings.Harvest.Split == "train");
        (int code, _, string error) = RealRun.Of(
            _cli.Path_("recipe.toml"), _cli.Path_("run"), "--dry-run", "--set", "data.mean=[0, 0, 0]", "--set", "data.std=[1, 1, 1]");
        Assert.True(code == 0, error);
    }

    [Fact]
    public void Nothing_is_written_over_and_what_cannot_be_used_is_said()
    {
        string network = SmallPrograms.Classifier(2).Save(_cli.Path_("."), "mine"), photos = _cli.Path_("photos");
        RealRun.Pictures(photos, ["a", "b"], 4, 16);
        string recipe = _cli.Write("recipe.toml", "mine");
        Assert.Equal(2, _cli.Run("new", network, photos, "--out", recipe));
        Assert.Equal("mine", File.ReadAllText(recipe));
        Assert.Equal(0, _cli.Run("new", network, photos, "--out", recipe, "--force", "--json"));
        Assert.Equal(["mean", "std"], _cli.Json["missing"]!.AsArray().Select(one => (string)one!));
        Assert.Equal(2, _cli.Run("new", network, photos, "--out", _cli.Path_("b.toml"), "--layer", "ad_"));
        Assert.Contains("Did you mean 'add_'", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(3, _cli.Run("new", _cli.Path_("absent.pt2"), photos, "--out", _cli.Path_("b.toml")));
        Directory.CreateDirectory(_cli.Path_("empty"));
        Assert.Equal(3, _cli.Run("new", network, _cli.Path_("empty"), "--out", _cli.Path_("b.toml")));
        Assert.False(File.Exists(_cli.Path_("b.toml")));
    }

    private string New(string network, string photos, params string[] more)
    {
        string recipe = _cli.Path_("recipe.toml");
        Assert.True(_cli.Run(["new", network, photos, "--out", recipe, .. more]) == 0, _cli.Error);
        return recipe;
    }
}
