using Fovea.Bench;
using Fovea.Dictionaries.Comparison;
using Fovea.Dictionaries.Plain;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Synthetic;
using Fovea.Dictionaries.Training;
using Xunit;

namespace Fovea.Tests.Dictionaries;

/// <summary>
/// The easy setting that every variant must solve: d = 64, 128 planted directions, exactly 4 of them in each of 200,000 vectors, no noise.
/// The number is the mean cosine after the best one-to-one matching (docs/reference/metrics.md); settings are those of the table in
/// docs/reference/planted.md.
/// </summary>
public sealed class EasyPlantedTests
{
    private static readonly PlantedDictionary Source = new(PlantedSettings.Easy);

    public static TheoryData<string> Variants => [.. PlantedSettings.Variants.Select(variant => variant.Title)];

    public static TheoryData<string> Plain => ["neurons", "random", "pca"];

    [Theory]
    [MemberData(nameof(Variants))]
    public void Every_variant_finds_the_planted_directions(string name)
    {
        var options = PlantedSettings.Variants.Single(variant => variant.Name == name);
        long[] rows = BaselineSamples.Rows(Source.Count);
        using var trained = AutoencoderTrainer.Train(
            options, Source, rows[..PlantedSettings.TrainRows], rows[PlantedSettings.TrainRows..],
                cancellation: TestContext.Current.CancellationToken);
        using var truth = Source.Directions();
        double found = DictionarySimilarity.MatchedCosine(truth, trained.Autoencoder.DecoderWeight);
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {found:f3}, {trained.Report.Validation}");
        Assert.True(found >= 0.95, $"{name}: mean cosine {found:f3}, {trained.Report.Validation}");
    }

    [Fact]
    public void The_easy_setting_is_the_one_that_is_written_down()
    {
        Assert.Equal(
            new PlantedDictionaryOptions { InputSize = 64, LatentSize = 128, Active = 4, Rows = 210_000, Seed = 1 }, PlantedSettings.Easy);
        Assert.Equal(200_000, PlantedSettings.TrainRows);
    }

    [Fact]
    public void No_variant_and_no_form_of_one_is_left_out()
    {
        var settings = PlantedSettings.Variants;
        Assert.Equal(
            AutoencoderVariants.All.Select(variant => variant.Name).Order(), settings.Select(variant => variant.Variant.Architecture)
                .Distinct().Order());
        Assert.Equal(
            Enum.GetValues<JumpReLUPenalty>(), settings.Select(variant => variant.Variant).OfType<JumpReLUOptions>()
                .Select(variant => variant.Penalty).Order());
        Assert.Contains(settings, variant => variant.Variant is L1Options { Tied: true });
        Assert.Contains(settings, variant => variant.Variant is L1Options { Tied: false });
        Assert.Contains(settings, variant => variant.Variant is TopKOptions { SecondK: not null });
        Assert.Contains(settings, variant => variant.Variant is TopKOptions { SecondK: null });
    }

    [Theory]
    [MemberData(nameof(Plain))]
    public void Directions_that_know_nothing_of_sparsity_are_far_from_them(string name)
    {
        long[] rows = BaselineSamples.Rows(20_000);
        using var dictionary = BaselineDictionaries.Fit(
            name, Source, rows, PlantedSettings.PlainOptions, TestContext.Current.CancellationToken);
        using var truth = Source.Directions();
        Assert.InRange(DictionarySimilarity.MatchedCosine(truth, dictionary.Directions), 0.1, 0.6);
    }
}
