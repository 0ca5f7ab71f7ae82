using Fovea.Cli.Recipes;
using Fovea.Dictionaries.Sparse;
using Fovea.Runs.Settings;
using Xunit;

namespace Fovea.Cli.Tests;

public sealed class RecipeOverrideTests
{
    private static WorkflowSettings With(params string[] overrides) =>
        Recipe.From(Samples.Small, "small.toml", "/recipes", resolved: false,
            overrides.Select(assignment => new RecipeOverride(assignment))).Settings;

    private static string Error(params string[] overrides) => Assert.Throws<FoveaException>(() => With(overrides)).Message;

    [Fact]
    public void Sets_numbers_strings_and_flags()
    {
        WorkflowSettings settings = With(
            "seed=9", "name=2024", "train.learning_rate=3", "train.augment=false", "data.layout=\"tiny-imagenet\"");
        Assert.Equal(
            (9UL, "2024", 3.0, false, "tiny-imagenet"),
                (settings.Seed, settings.Name, settings.Train!.LearningRate, settings.Train.Augment, settings.Data.Layout));
    }

    [Fact]
    public void Arrays_are_TOML_or_words_with_commas()
    {
        Assert.Equal(["block3", "block4"], With("harvest.layers=block3, block4").Harvest!.Layers);
        Assert.Equal(["block3", "block4"], With("harvest.layers=[\"block3\", \"block4\"]").Harvest!.Layers);
        Assert.Equal([0.5, 0.25, 1], With("data.std=0.5,0.25,1").Data.Std);
    }

    [Fact]
    public void Elements_of_table_arrays_by_position_name_or_all()
    {
        Assert.Equal([2, 10], With("dictionary.0.epochs=2").Dictionary.Select(dictionary => dictionary.Options.Epochs));
        Assert.Equal([4, 2], With("dictionary.l1.epochs=2").Dictionary.Select(dictionary => dictionary.Options.Epochs));
        Assert.Equal([3, 3], With("dictionary.*.epochs=3").Dictionary.Select(dictionary => dictionary.Options.Epochs));
        DictionarySettings added = With(
            "dictionary.2.name=new", "dictionary.2.layer=block4", "dictionary.2.architecture=jumprelu",
                "dictionary.new.epochs=1").Dictionary[2];
        Assert.Equal(("new", 1), (added.Name, added.Options.Epochs));
        Assert.Empty(With("dictionary=[]").Dictionary);
    }

    [Fact]
    public void A_table_the_recipe_lacks_comes_into_being_and_an_empty_value_takes_one_away()
    {
        Assert.Equal(3, With("features.pictures=3").Features!.Pictures);
        Assert.Null(With("train=").Train);
        Assert.Null(With("model.weights=").Model.Weights);
    }

    [Fact]
    public void The_later_override_wins() => Assert.Equal(3, With("train.epochs=2", "train.epochs=3").Train!.Epochs);

    [Theory]
    [InlineData("train.epochs", "--set train.epochs: write it as key=value, for example --set train.epochs=2.")]
    [InlineData("=3", "--set =3: write it as key=value, for example --set train.epochs=2.")]
    [InlineData("train..epochs=3", "--set train..epochs=3: write it as key=value, for example --set train.epochs=2.")]
    [InlineData("dictionary.epochs=3", "--set dictionary.epochs=3: say which [[dictionary]]: by position, name or * (topk, l1).")]
    [InlineData("dictionary.topkk.epochs=3", "--set dictionary.topkk.epochs=3: there is no [[dictionary]] 'topkk'. Did you mean 'topk'?")]
    [InlineData("dictionary.5.epochs=3", "--set dictionary.5.epochs=3: there is no [[dictionary]] '5'. Known: topk, l1.")]
    [InlineData("train.epochs.x=3", "--set train.epochs.x=3: train.epochs is a value, not a table.")]
    [InlineData("train.flip=2", "--set train.flip=2: train.flip is 2: it must lie between 0 and 1.")]
    [InlineData("train=3", "--set train=3: train must be a table, not 3.")]
    public void An_override_that_does_not_fit_is_refused(string assignment, string expected) => Assert.Equal(expected, Error(assignment));

    /// <summary>What is left out is the default; no number stands for it.</summary>
    [Theory]
    [InlineData("sparsity=0", "is 0: it must be greater than 0; leave it out for the variant's default")]
    [InlineData("gradient_clip=0", "is 0: it must be greater than 0; leave it out for no limit")]
    [InlineData("cap=-1", "is -1: it must be greater than 0; leave it out for none")]
    [InlineData("second_k=0", "is 0: it must be at least 1; leave it out for none")]
    [InlineData("auxiliary=-1", "must be 0 (none) or more: leave it out for the variant's default")]
    [InlineData("auxiliary_k=0", "is 0: it must be at least 1; leave it out for half the layer's channels")]
    [InlineData("dead_after=0", "is 0: it must be at least 1; leave it out for half a pass")]
    public void No_number_of_a_dictionary_stands_for_its_default(string assignment, string expected)
    {
        Assert.Contains(expected, Error($"dictionary.0.{assignment}"), StringComparison.Ordinal);
        var left = With().Dictionary[0].Options;
        Assert.Equal(
            (null, null, null, null, null, null),
                (left.GradientClip, left.Cap, ((TopKOptions)left.Variant).SecondK, left.Auxiliary, left.AuxiliaryK, left.DeadAfter));
        Assert.Equal(0, With("dictionary.0.auxiliary=0").Dictionary[0].Options.Auxiliary);
    }

    /// <summary>
    /// "All", "none but the usual" and "the run's" are said by leaving a key out; a 0 in their place is refused with what to do.
    /// </summary>
    [Theory]
    [InlineData("data.train_images=0", "data.train_images is 0: it must be at least 1; leave it out for all.")]
    [InlineData("data.validation_images=-5", "data.validation_images is -5: it must be at least 1; leave it out for all.")]
    [InlineData("data.resize=0", "data.resize is 0: it must be at least 8; leave it out for no resizing.")]
    [InlineData("train.statistics_images=0", "train.statistics_images is 0: it must be at least 1; leave it out for running averages.")]
    [InlineData("harvest.images=0", "harvest.images is 0: it must be at least 1; leave it out for all.")]
    [InlineData("features.measured_images=0", "features.measured_images is 0: it must be at least 1; leave it out for ImageNet's colours.")]
    [InlineData("features.views=0", "features.views is 0: it must be at least 1; leave it out for the preset's.")]
    [InlineData("features.size=0", "features.size is 0: it must be at least 8; leave it out for the network's input size.")]
    [InlineData("features.batch_size=0", "features.batch_size is 0: it must be at least 1; leave it out for as many as memory allows.")]
    [InlineData("dictionary.0.latent_size=0",
        "dictionary.0.latent_size is 0: it must be at least 1; leave it out for expansion × the layer's channels.")]
    [InlineData("dictionary.0.checkpoint_every_steps=0",
        "dictionary.0.checkpoint_every_steps is 0: it must be at least 1; leave it out for as often as time allows.")]
    public void No_zero_stands_for_something_else(string assignment, string expected)
    {
        Assert.Equal($"--set {assignment}: {expected}", Error(assignment));
        string key = assignment[..assignment.IndexOf('=', StringComparison.Ordinal)];
        With($"{key}="); // left out: the default
    }

    /// <summary>A recipe of two kilobytes cannot ask for a hundred thousand autoencoders: planning them alone took 43 MB.</summary>
    [Fact]
    public void A_sweep_has_a_thousand_seeds_at_most()
    {
        Assert.Contains(
            "seeds is 32767: it must be at most 1000.",
            Assert.Throws<FoveaException>(() => Demo("sweep.0.dictionary.0.seeds=32767")).Message, StringComparison.Ordinal);
        Assert.Equal(1000, Demo("sweep.0.dictionary.0.seeds=1000").Sweep[0].Dictionary[0].Seeds);

        static WorkflowSettings Demo(string assignment) => Recipe.Read(SmallRecipes.PathOf("demo"), [new RecipeOverride(assignment)]).Settings;
    }

    [Theory]
    [InlineData("dictionary.topk.clip=0.2", "dictionary.topk.clip is a setting of l1 alone; this one is topk.")]
    [InlineData("dictionary.topk.penalty=tanh", "dictionary.topk.penalty is a setting of jumprelu alone; this one is topk.")]
    [InlineData("dictionary.l1.second_k=64", "dictionary.l1.second_k is a setting of topk alone; this one is l1.")]
    [InlineData("dictionary.topk.architecture=topkk",
        "dictionary.0.architecture is 'topkk': it must be one of l1, topk, jumprelu, gated, batchtopk, matryoshka, matchingpursuit, "
            + "archetypal (did you mean 'topk'?).")]
    [InlineData("dictionary.topk.sparsity=2.5", "dictionary.0.sparsity is 2.5: TopK's k must be a whole number.")]
    public void A_key_of_another_variant_is_refused(string assignment, string expected)
    {
        expected = expected.Replace("dictionary.topk.", "dictionary.0.", StringComparison.Ordinal)
            .Replace("dictionary.l1.", "dictionary.1.", StringComparison.Ordinal);
        Assert.Equal($"--set {assignment}: {expected}", Error(assignment));
    }

    /// <summary>Keys that only the trainer had before are a recipe's too: one record is bound, whole.</summary>
    [Fact]
    public void Every_option_of_an_autoencoder_is_a_key()
    {
        var options = With(
            "dictionary.topk.latent_size=77", "dictionary.topk.sparsity_warmup=0.2", "dictionary.topk.scale_inputs=false",
                "dictionary.topk.bias_start=median",
            "dictionary.topk.architecture=jumprelu", "dictionary.topk.sparsity=2", "dictionary.topk.penalty=tanh",
                "dictionary.topk.bandwidth=0.3", "dictionary.topk.dead_after=3000000000").Dictionary[0].Options;
        Assert.Equal(
            (77, 0.2, false, BiasStart.Median, 3_000_000_000),
                (options.LatentSize, options.SparsityWarmup, options.ScaleInputs, options.BiasStart, options.DeadAfter));
        Assert.Equal(new JumpReLUOptions { Sparsity = 2, Penalty = JumpReLUPenalty.Tanh, Bandwidth = 0.3 }, options.Variant);
    }

    /// <summary>
    /// The defaults that a run's resolved recipe shows of one variant are not given to another that an option asks for; values that
    /// somebody gave are.
    /// </summary>
    [Fact]
    public void Another_variant_in_a_run_has_its_own_defaults()
    {
        Recipe Again(string text, params string[] overrides) =>
            Recipe.From(text, "recipe.toml", "/runs/a", resolved: true, overrides.Select(assignment => new RecipeOverride(assignment)));
        string resolved = Recipe.From(Samples.Small, "small.toml", "/recipes", resolved: false, []).Resolved;
        Assert.Contains("second_weight = 0.125", resolved, StringComparison.Ordinal);
        Assert.Equal(new TopKOptions(), Again(resolved).Settings.Dictionary[0].Options.Variant);
        Recipe changed = Again(resolved, "dictionary.topk.architecture=l1");
        Assert.Equal(new L1Options(), changed.Settings.Dictionary[0].Options.Variant);
        Assert.Equal(4, changed.Settings.Dictionary[0].Options.Epochs);
        Assert.Equal(new L1Options(), Again(changed.Resolved).Settings.Dictionary[0].Options.Variant);

        string given = Recipe.From(
            Samples.Small, "small.toml", "/recipes", resolved: false, [new RecipeOverride("dictionary.topk.second_k=64")]).Resolved;
        var error = Assert.Throws<FoveaException>(() => Again(given, "dictionary.topk.architecture=l1"));
        Assert.Contains("dictionary.0.second_k is a setting of topk alone; this one is l1.", error.Message, StringComparison.Ordinal);
    }
}
