using Fovea.Dictionaries;
using Fovea.Dictionaries.Comparison;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Synthetic;
using Fovea.Dictionaries.Training;
using Xunit;

namespace Fovea.Tests.Dictionaries;

public sealed class PlantedDictionaryTests
{
    // d = 32, 48 directions, 3 of them in each vector, no noise.
    private static readonly PlantedDictionary Planted = new(
        new PlantedDictionaryOptions { InputSize = 32, LatentSize = 48, Active = 3, Rows = 24_000, Seed = 1 });

    [Theory]
    [InlineData("topk", 3.0, 0.95)]
    [InlineData("l1", 0.5, 0.8)]
    [InlineData("l1-untied", 1.5, 0.95)]
    [InlineData("jumprelu", 1.0, 0.95)]
    public void Planted_directions_are_found(string variant, double sparsity, double wanted)
    {
        var options = new AutoencoderOptions
        {
            Variant = variant.StartsWith("l1", StringComparison.Ordinal)
                ? new L1Options { Tied = variant == "l1", Sparsity = sparsity } : Sae.Of(variant, sparsity).Variant,
            LatentSize = 96,
            BatchSize = 256,
            LearningRate = 3e-3,
            Epochs = 10,
            Seed = 2,
        };
        using var trained = Train(options);
        double recovery = Recovery(trained.Autoencoder);
        TestContext.Current.TestOutputHelper?.WriteLine($"{variant}: cosine {recovery:f3}, {trained.Report.Validation}");
        Assert.True(recovery >= wanted, $"{variant}: mean cosine {recovery:f3}, {trained.Report.Validation}");
    }

    [Fact]
    public void Random_directions_are_far_from_it()
    {
        using var random = new TopKAutoencoder(32, 96, 3);
        random.Initialize(2);
        Assert.InRange(Recovery(random), 0.2, 0.6);
    }

    private static double Recovery(SparseAutoencoder autoencoder)
    {
        using var truth = Planted.Directions();
        return DictionarySimilarity.MatchedCosine(truth, autoencoder.DecoderWeight, signed: true);
    }

    private static TrainedAutoencoder Train(AutoencoderOptions options)
    {
        int split = (int)Planted.Count * 9 / 10;
        long[] rows = BaselineSamples.Rows(Planted.Count);
        return AutoencoderTrainer.Train(
            options, Planted, rows[..split], rows[split..], cancellation: TestContext.Current.CancellationToken);
    }
}
