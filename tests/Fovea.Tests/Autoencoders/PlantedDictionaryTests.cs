using Fovea.Autoencoders;
using Xunit;

namespace Fovea.Tests.Autoencoders;

public sealed class PlantedDictionaryTests
{
    // d = 32, 48 directions, 3 of them in each vector, no noise.
    private static readonly Lazy<PlantedDictionary> Planted = new(() => new PlantedDictionary(32, 48, 3, 24_000, 1));

    [Theory]
    [InlineData("topk", 3.0, 0.95)]
    [InlineData("l1", 0.5, 0.8)]
    [InlineData("l1-untied", 1.5, 0.95)]
    [InlineData("jumprelu", 1.0, 0.95)]
    public void Planted_directions_are_found(string variant, double sparsity, double wanted)
    {
        var options = new AutoencoderOptions
        {
            Architecture = variant.Split('-')[0],
            Tied = variant == "l1",
            LatentSize = 96,
            Sparsity = sparsity,
            BatchSize = 256,
            LearningRate = 3e-3,
            Epochs = 10,
            Seed = 2,
        };
        using var trained = Train(options);
        double recovery = Planted.Value.Recovery(trained.Autoencoder);
        TestContext.Current.TestOutputHelper?.WriteLine($"{variant}: cosine {recovery:f3}, {trained.Report.Validation}");
        Assert.True(recovery >= wanted, $"{variant}: mean cosine {recovery:f3}, {trained.Report.Validation}");
    }

    [Fact]
    public void Random_directions_are_far_from_it()
    {
        using var random = new TopKAutoencoder(32, 96, 3);
        random.Initialize(2);
        Assert.InRange(Planted.Value.Recovery(random), 0.2, 0.6);
    }

    [Fact]
    public void Matching_finds_the_cheapest_assignment()
    {
        var random = new CounterRandom(1, "cost", 0);
        var cost = new double[4, 6];
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < 6; j++) cost[i, j] = random.NextGaussian();
        Assert.Equal(Exhaustive(cost, 0, 0), PlantedDictionary.LeastCost(cost), 10);
    }

    internal static TrainedAutoencoder Train(AutoencoderOptions options)
    {
        var source = Planted.Value.Source;
        long split = source.Count * 9 / 10;
        long[] rows = [.. Enumerable.Range(0, (int)source.Count).Select(row => (long)row)];
        return AutoencoderTrainer.Train(options, source, rows[..(int)split], rows[(int)split..], cancellation: TestContext.Current.CancellationToken);
    }

    private static double Exhaustive(double[,] cost, int row, int taken)
    {
        if (row == cost.GetLength(0)) return 0;
        double best = double.PositiveInfinity;
        for (int j = 0; j < cost.GetLength(1); j++)
            if ((taken & (1 << j)) == 0) best = Math.Min(best, cost[row, j] + Exhaustive(cost, row + 1, taken | (1 << j)));
        return best;
    }
}
