using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Interventions.Effects;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Tests.Dictionaries;
using Fovea.Tests.Interpretation;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interventions.Effects;

/// <summary>What makes a unit fire, where it is known.</summary>
[Collection(TensorCounts.Name)]
public sealed class FiringAttributionTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-firing-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>A unit that is the mean of red over the whole image: each patch adds its own red.</summary>
    [Fact]
    public void Of_a_sum_over_the_image_each_patch_adds_its_part()
    {
        var graph = new GraphBuilder();
        string x = graph.Conv("all", graph.Input, 3, 1, 16);
        x = graph.AveragePositions("pool", x);
        x = graph.Apply(Operators.Flatten, OperatorAttributes.None, x);
        x = graph.Linear("fc", x, 1, 2);
        using var model = new ImageModel(graph.Build("sum", x), new Preprocessing(null, 16, [0, 0, 0], [1, 1, 1]));
        using (no_grad())
        {
            model.State["all.weight"].zero_();
            model.State["all.weight"][0, 0] = ones(16, 16);
        }
        var pixels = new byte[3 * 256];
        // Red in four patches of 4 × 4, twice as much in one of them.
        for (int i = 0; i < 256; i++)
            pixels[3 * i] = (i / 16 / 4, i % 16 / 4) switch { (0, 0) => 200, (1, 2) or (3, 3) or (2, 0) => 100, _ => 0 };
        FiringMap map = FiringAttribution.Of(
            model, UnitGroup.Neurons("all"), 0, new RgbImage(16, 16, pixels), (0, 0), new FiringOptions { Grid = 4, Parts = 16 });
        double whole = (200 + 3 * 100) / 255.0 * 16;
        Assert.Equal(whole, map.Value, 1e-4);
        Assert.Equal(0, map.Baseline, 1e-6);
        for (int y = 0; y < 4; y++)
        {
            for (int c = 0; c < 4; c++)
                Assert.Equal((y, c) switch { (0, 0) => 200, (1, 2) or (3, 3) or (2, 0) => 100, _ => 0 } / 255.0 * 16, map.Patches[y][c], 1e-4);
        }
        // After k patches 0.4, 0.6, 0.8, 1, 1, … of it is there.
        double insertion = (0.2 + 0.5 + 0.7 + 0.9 + 12) / 16;
        Assert.Equal(insertion, map.Insertion, 1e-5);
        Assert.Equal(1 - insertion, map.Deletion, 1e-5);
        Assert.InRange(map.InsertionRandom, 0.2, 0.8);
        Assert.Equal(1, map.InsertionRandom + map.DeletionRandom, 1e-5);
    }

    [Theory]
    [InlineData("resnet18", "layer2", false)]
    [InlineData("resnet18", "layer2", true)]
    [InlineData("small_cnn", "block3", false)]
    public void Patches_sum_to_the_value_and_beat_a_random_order(string network, string layer, bool latents)
    {
        using ImageModel model = EffectNetworks.Make(network, _root, GradientFlow.Modified);
        using var source = new NoisePictures(4);
        int channels = model.Layers.First(one => one.Name == layer).Shape[0];
        using var dictionary = Samples.Create("topk", channels, 10, ScalarType.Float32);
        UnitGroup group = latents ? UnitGroup.Latents(layer, "topk", dictionary) : UnitGroup.Neurons(layer);
        double found = 0, random = 0;
        for (int image = 0; image < 4; image++)
        {
            RgbImage seen = model.Preprocessing.ApplyToPixels(source.Read(image));
            FiringMap map = FiringAttribution.Of(model, group, 3, seen, (1, 1), new FiringOptions { IntegrationSteps = 100, Grid = 4 });
            double added = map.Patches.Sum(row => row.Sum(value => (double)value));
            Assert.True(Math.Abs(added - (map.Value - map.Baseline)) <= 0.05 * Math.Abs(map.Value - map.Baseline) + 1e-4, $"{added}, {map.Value - map.Baseline}");
            found += map.Insertion - map.Deletion;
            random += map.InsertionRandom - map.DeletionRandom;
        }
        Assert.True(found > random + 0.1, $"{found}, {random}");
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using ImageModel model = EffectNetworks.Make("small_cnn", _root);
        var image = new RgbImage(32, 32, new byte[3 * 1024]);
        void Refused(string layer, int unit, (int, int) position, int grid = 4) => Assert.Equal(FailureKind.Configuration,
            Assert.Throws<FoveaException>(() => FiringAttribution.Of(
                model, UnitGroup.Neurons(layer), unit, image, position, new FiringOptions { Grid = grid })).Kind);
        Refused("block9", 0, (0, 0));
        Refused("block3", 500, (0, 0));
        Refused("block3", 0, (99, 0));
        Refused("block3", 0, (0, 0), grid: 64);
        Refused("fc", 0, (0, 0));
    }
}
