using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using Fovea.Runs;
using Fovea.Runs.Settings;
using Xunit;

namespace Fovea.Tests.Runs;

public sealed class DictionaryChecksTests
{
    [Theory]
    [InlineData("topk", 1, 9999, 0, "k ≤ 96")]
    [InlineData("topk", 0.1, 11, 0, "k ≤ 10")]
    [InlineData("topk", 1, 8, 200, "k₂ ≤ 96")]
    [InlineData("topk", 1, 2.5, 0, "whole number")]
    [InlineData("batchtopk", 1, 97, 0, "k ≤ 96")]
    [InlineData("matryoshka", 1, 97, 0, "k ≤ 96")]
    [InlineData("l1", 0.001, 1, 0, "at least one latent")]
    public void What_cannot_be_trained_on_the_layer_is_known_without_a_vector(
        string architecture, double expansion, double sparsity, int second, string why)
    {
        var options = Sae.Of(architecture, sparsity) with { Expansion = expansion };
        if (second > 0) options = options with { Variant = (TopKOptions)options.Variant with { SecondK = second } };
        var error = Assert.Throws<FoveaException>(() => DictionaryChecks.RequireFit(options, 96, "dictionary block3/topk"));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.StartsWith("dictionary block3/topk does not fit its layer of 96 channels", error.Message, StringComparison.Ordinal);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        // The check says no more than the trainer does.
        Assert.Throws<FoveaException>(() => AutoencoderVariants.Create(options, 96).Dispose());
    }

    [Theory]
    [InlineData("topk", 96)]
    [InlineData("batchtopk", 96)]
    [InlineData("l1", 300)]
    [InlineData("jumprelu", 300)]
    public void What_can_be_trained_fits(string architecture, double sparsity) =>
        DictionaryChecks.RequireFit(Sae.Of(architecture, sparsity) with { Expansion = 1 }, 96, "dictionary");

    [Theory]
    [InlineData("archetypal", 96, 1, 1, true)]
    [InlineData("archetypal", 24, 4, 1, true)]
    [InlineData("archetypal", 23, 4, 1, false)]
    [InlineData("archetypal", 23, 4, 0.9, true)]
    [InlineData("topk", 1, 1, 1, true)]
    public void Centres_of_vectors_are_no_more_than_the_vectors(string architecture, int images, int positions, double expansion, bool fits)
    {
        var options = Sae.Of(architecture, 4) with { Expansion = expansion };
        if (fits) DictionaryChecks.RequireVectors(options, 96, images, positions, "dictionary");
        else Assert.Contains(
            "96 latents", Assert.Throws<FoveaException>(() => DictionaryChecks.RequireVectors(options, 96, images, positions, "dictionary"))
                .Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, 0.1, 90)]
    [InlineData(5, 0.01, 4)]
    [InlineData(5, 0.99, 1)]
    [InlineData(2, 0.5, 1)]
    public void Images_left_to_train_on_are_known_before_the_harvest(int images, double fraction, int left) =>
        Assert.Equal(left, DictionaryChecks.TrainingImages(images, fraction));

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(4, true)]
    public void Both_sides_of_the_split_have_an_image(int images, bool fits)
    {
        if (fits) DictionaryChecks.RequireBothSides(images);
        else Assert.Contains(
            "to be measured on", Assert.Throws<FoveaException>(() => DictionaryChecks.RequireBothSides(images)).Message,
                StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, null, 4, false)]
    [InlineData(5, 3, 100, false)]
    [InlineData(5, null, 5, true)]
    [InlineData(1, null, 2, true)]
    public void Every_fold_has_an_image(int folds, int? images, int harvested, bool fits)
    {
        var sweep = new SweepSettings { Name = "s", Layer = "l", Folds = folds, Images = images };
        if (fits) DictionaryChecks.RequireFolds(sweep, harvested);
        else Assert.Contains(
            $"for {folds} folds", Assert.Throws<FoveaException>(() => DictionaryChecks.RequireFolds(sweep, harvested)).Message,
                StringComparison.Ordinal);
    }
}
