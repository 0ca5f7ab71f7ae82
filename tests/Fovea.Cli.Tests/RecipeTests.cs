using Fovea.Cli.Recipes;
using Fovea.Runs.Settings;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

public sealed class RecipeTests
{
    private static Recipe Read(string text, params string[] overrides) =>
        Recipe.From(text, "dir/small.toml", "/recipes", resolved: false, overrides.Select(assignment => new RecipeOverride(assignment)));

    private static string Error(string text, params string[] overrides) =>
        Assert.Throws<FoveaException>(() => Read(text, overrides)).Message;

    [Fact]
    public void Binds_every_kind_of_value_and_leaves_the_rest_at_its_default()
    {
        WorkflowSettings settings = Read(Samples.Small).Settings;
        Assert.Equal("small", settings.Name);
        Assert.Equal(7UL, settings.Seed);
        Assert.Equal(1e-3, settings.Train!.LearningRate);
        Assert.Equal(32, settings.Train.BatchSize);
        Assert.Equal(["block4"], settings.Harvest!.Layers);
        Assert.Equal(["topk", "l1"], settings.Dictionary.Select(dictionary => dictionary.Name));
        Assert.Equal([4, 10], settings.Dictionary.Select(dictionary => dictionary.Options.Epochs));
        Assert.Null(settings.Features);
        Assert.Null(settings.Data.Mean);
    }

    [Fact]
    public void Paths_are_meant_from_the_recipes_folder_and_shapesworld_is_none()
    {
        WorkflowSettings settings = Read(Samples.Small).Settings;
        Assert.Equal(Path.GetFullPath("/recipes/images"), settings.Data.Source);
        Assert.Equal(Path.GetFullPath("/recipes/weights/w.pth"), settings.Model.Weights);
        Assert.Equal("shapesworld", Read(Samples.Small, "data.source=shapesworld").Settings.Data.Source);
        Assert.Equal(Path.GetFullPath("/elsewhere/a.tar"), Read(Samples.Small, "data.source=/elsewhere/a.tar").Settings.Data.Source);
    }

    [Theory]
    [InlineData("epochs = 2", "epoch = 2", "dir/small.toml:14:1: unknown key 'epoch' in [train]. Did you mean 'epochs'?")]
    [InlineData("epochs = 2", "  xyzzy = 2",
        "dir/small.toml:14:3: unknown key 'xyzzy' in [train]. Known: epochs, batch_size, learning_rate, minimum_learning_rate, "
            + "checkpoint_every_steps, augment, crop_scale, flip, jitter, hue, erase, statistics_images, compare.")]
    [InlineData("[train]", "[trian]", "dir/small.toml:13:2: unknown key 'trian' in the recipe. Did you mean 'train'?")]
    [InlineData("architecture = \"l1\"", "architecture = \"l1\"\ntide = true",
        "dir/small.toml:30:1: unknown key 'tide' in [[dictionary]] number 2. Did you mean 'tied'?")]
    [InlineData("epochs = 2", "epochs = \"two\"", "dir/small.toml:14:10: train.epochs must be a whole number, not the string \"two\".")]
    [InlineData("epochs = 2", "epochs = 2.5", "dir/small.toml:14:10: train.epochs must be a whole number, not 2.5.")]
    [InlineData("epochs = 2", "epochs = 99999999999", "dir/small.toml:14:10: train.epochs must be a whole number of at most 2147483647, not 99999999999.")]
    [InlineData("epochs = 2", "epochs = 0", "dir/small.toml:14:10: train.epochs is 0: it must be at least 1.")]
    [InlineData("epochs = 2", "augment = 1", "dir/small.toml:14:11: train.augment must be true or false, not 1.")]
    [InlineData("epochs = 2", "epochs = 1979-05-27", "dir/small.toml:14:10: train.epochs must be a whole number, not a date.")]
    [InlineData("learning_rate = 1e-3", "learning_rate = nan", "dir/small.toml:15:17: train.learning_rate must be a number, not NaN.")]
    [InlineData("layers = [\"block4\"]", "layers = \"block4\"",
        "dir/small.toml:18:10: harvest.layers must be an array of strings, not the string \"block4\".")]
    [InlineData("layers = [\"block4\"]", "layers = [\"block4\", 3]", "dir/small.toml:18:21: harvest.layers.1 must be a string, not 3.")]
    [InlineData("source = \"images\"", "", "dir/small.toml:5:2: [data] lacks the required key 'source' (a string).")]
    [InlineData("[harvest]\nlayers = [\"block4\"]", "", "dir/small.toml:19:3: [[dictionary]] needs activations: add a table [harvest].")]
    [InlineData("architecture = \"small_cnn\"", "architecture = \"smallcnn\"",
        "dir/small.toml:10:16: model.architecture is 'smallcnn': it must be one of resnet18, resnet34, resnet50, mobilenet_v2, "
            + "googlenet, small_cnn (did you mean "
            + "'small_cnn'?).")]
    [InlineData("layer = \"block4\"\narchitecture = \"l1\"", "layer = \"block5\"\narchitecture = \"l1\"",
        "dir/small.toml:28:9: dictionary.1.layer is 'block5', which harvest.layers does not name. Did you mean 'block4'?")]
    [InlineData("epochs = 2", "epochs = 2\nepochs = 3",
        "dir/small.toml:15:1: The key `train.epochs` is already defined at (14,1) with `epochs = 2` and cannot be redefined")]
    public void An_error_says_what_where_and_what_to_do(string old, string changed, string expected)
    {
        string text = Samples.Small.Replace("\r\n", "\n", StringComparison.Ordinal);
        Assert.Contains(old, text, StringComparison.Ordinal);
        int at = text.IndexOf(old, StringComparison.Ordinal);
        Assert.Equal(expected, Error(text[..at] + changed + text[(at + old.Length)..]));
    }

    [Theory]
    [InlineData("[\"naive\", \"paper\"]", "features.presets names 'paper', which every unit is drawn by: name those to stand beside it.")]
    [InlineData("[\"naive\", \"naive\"]", "features.presets names 'naive' twice.")]
    public void Pictures_beside_the_papers_are_of_other_presets(string presets, string expected) =>
        Assert.EndsWith(expected, Error(Samples.Small + $"\n[features]\npresets = {presets}\n"));

    [Fact]
    public void All_errors_are_shown_at_once()
    {
        string[] lines = Error(Samples.Small, "train.epocs=2", "train.batch_size=x", "seed=-1").Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Equal(
            "--set train.epocs=2: unknown key 'epocs' in [train]. Did you mean 'epochs'?",
                lines.Single(line => line.Contains("epocs", StringComparison.Ordinal)));
        Assert.Equal(
            "--set train.batch_size=x: train.batch_size must be a whole number, not 'x'.",
                lines.Single(line => line.Contains("batch_size", StringComparison.Ordinal)));
    }

    [Fact]
    public void Values_that_lie_too_deep_in_each_other_are_refused()
    {
        string deep = new string('[', 200) + new string(']', 200);
        var e = Assert.Throws<FoveaException>(() => Recipe.From($"a = {deep}\n", "deep.toml", "/", false, []));
        Assert.Equal((FailureKind.Configuration, "deep.toml: its values lie too deep in each other. No recipe needs that."), (e.Kind, e.Message));
        e = Assert.Throws<FoveaException>(() => Recipe.BuiltIn("demo", [new RecipeOverride($"sae.latents={deep}", null)]));
        Assert.Equal(FailureKind.Configuration, e.Kind);
    }

    [Fact]
    public void A_quote_that_is_missing_does_not_fill_the_screen()
    {
        string text = string.Concat(Enumerable.Range(0, 100).Select(i => $"a{i} = \"x\n"));
        string[] lines = Assert.Throws<FoveaException>(() => Recipe.From(text, "long.toml", "/", false, [])).Message.Split('\n');
        Assert.Equal(11, lines.Length);
        Assert.EndsWith("more, which may follow from these.", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_missing_at_the_top_is_said_of_the_recipe()
    {
        string error = Error("schema = 1");
        Assert.Contains("dir/small.toml: the recipe lacks the required key 'name' (a string).", error, StringComparison.Ordinal);
        Assert.Contains("dir/small.toml: the recipe lacks the required table [model].", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_resolved_recipe_gives_the_same_settings_and_says_where_values_come_from()
    {
        Recipe recipe = Read(Samples.Small, "train.epochs=3", "description=a \"quoted\\\" # text");
        Assert.Contains("epochs = 3                                   # --set train.epochs=3\n", recipe.Resolved, StringComparison.Ordinal);
        Assert.Contains("crop = 64                                    # small.toml line 7\n", recipe.Resolved, StringComparison.Ordinal);
        Assert.Contains("batch_size = 32                              # default\n", recipe.Resolved, StringComparison.Ordinal);

        Recipe again = Recipe.From(recipe.Resolved, "run/recipe.toml", "/run", resolved: true, []);
        Assert.Equal(recipe.Resolved, again.Resolved);
        Assert.Equivalent(recipe.Settings, again.Settings, strict: true);
    }

    public static TheoryData<string> RecipesOfTheProject =>
        [.. Directory.GetFiles(Path.Combine(Checkout.Root, "recipes"), "*.toml").Select(path => Path.GetFileName(path))];

    [Theory]
    [MemberData(nameof(RecipesOfTheProject))]
    public void Every_recipe_of_the_project_is_right(string file)
    {
        Recipe recipe = Recipe.Read(Path.Combine(Checkout.Root, "recipes", file), []);
        Assert.Equal(Path.GetFileNameWithoutExtension(file), recipe.Settings.Name);
        Assert.NotEqual("", recipe.Settings.Description);
        Assert.Equivalent(recipe.Settings, Recipe.From(recipe.Resolved, file, "/", resolved: true, []).Settings, strict: true);
    }

    [Fact]
    public void The_demo_is_built_in() => Assert.Equal("demo", Recipe.BuiltIn("demo", []).Settings.Name);
}
