using Fovea.Autoencoders;
using Xunit;
using Planted = Fovea.Autoencoders.PlantedDictionary;

namespace Fovea.Tests.Autoencoders;

/// <summary>
/// The easy setting that every variant must solve: d = 64, 128 planted directions, exactly 4 of them in each of 200,000 vectors, no noise. The number is
/// the mean cosine after the best one-to-one matching (docs/reference/metrics.md).
/// </summary>
public sealed class EasyPlantedTests
{
    private const int Vectors = 200_000;

    private static readonly Lazy<Planted> Source = new(() => new Planted(new PlantedDictionaryOptions { Rows = Vectors, Seed = 1 }));

    [Theory]
    [InlineData("l1", 1.0, false)]
    [InlineData("l1", 1.0, true)]
    [InlineData("topk", 4, false)]
    [InlineData("topk", 4, false, 16)]
    [InlineData("batchtopk", 4, false)]
    [InlineData("matryoshka", 4, false, null, 10)]
    [InlineData("jumprelu", 0.5, false)]
    [InlineData("jumprelu", 0.5, false, null, 4, JumpReLUPenalty.Tanh)]
    [InlineData("jumprelu", 1.0, false, null, 10, JumpReLUPenalty.Target)]
    [InlineData("gated", 2.0, false)]
    public void Every_variant_finds_the_planted_directions(string architecture, double sparsity, bool tied, int? secondK = null, int epochs = 4, JumpReLUPenalty penalty = JumpReLUPenalty.Step)
    {
        var options = new AutoencoderOptions
        {
            Name = architecture,
            Architecture = architecture,
            Tied = tied,
            LatentSize = 128,
            Sparsity = sparsity,
            SecondK = secondK,
            Penalty = penalty,
            TargetL0 = 4,
            AuxiliaryCoefficient = 1.0 / 32,
            DeadAfter = 10_000,
            BatchSize = 512,
            LearningRate = 3e-3,
            Epochs = epochs,
            Seed = 2,
        };
        long[] rows = [.. Enumerable.Range(0, Vectors).Select(row => (long)row)];
        using var trained = AutoencoderTrainer.Train(options, Source.Value, rows[..^10_000], rows[^10_000..], cancellation: TestContext.Current.CancellationToken);
        using var truth = Source.Value.Directions();
        double found = DictionarySimilarity.MatchedCosine(truth, trained.Autoencoder.DecoderWeight);
        TestContext.Current.TestOutputHelper?.WriteLine($"{architecture}: {found:f3}, {trained.Report.Validation}");
        Assert.True(found >= 0.95, $"{architecture}: mean cosine {found:f3}, {trained.Report.Validation}");
    }

    [Theory]
    [InlineData("pca")]
    [InlineData("random")]
    [InlineData("neurons")]
    public void Directions_that_know_nothing_of_sparsity_are_far_from_them(string name)
    {
        long[] rows = [.. Enumerable.Range(0, 20_000).Select(row => (long)row)];
        using var dictionary = BaselineDictionaries.Fit(name, Source.Value, rows, new BaselineOptions { Seed = 2 }, TestContext.Current.CancellationToken);
        using var truth = Source.Value.Directions();
        Assert.InRange(DictionarySimilarity.MatchedCosine(truth, dictionary.Directions), 0.1, 0.6);
    }
}
