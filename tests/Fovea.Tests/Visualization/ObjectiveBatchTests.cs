using Fovea.Imaging;
using Fovea.Models;
using Fovea.Tests.Dictionaries;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;
using TorchSharp;
using Xunit;
using static Fovea.Tests.Visualization.ObjectiveChecks;
using static TorchSharp.torch;

namespace Fovea.Tests.Visualization;

/// <summary>Unlike objectives in one batch, on activations and in the renderer.</summary>
[Collection(TensorCounts.Name)]
public sealed class ObjectiveBatchTests
{
    private static readonly Preprocessing Input = Preprocessing.ImageNet(null, 32);
    private static readonly RenderOptions Short = RenderPresets.Paper with { Steps = 3 };

    [Fact]
    public void Each_part_sees_its_own_pictures_of_its_own_layers()
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create("topk", 4, 10, float64);
        Tensor one = Samples.Normal([5, 4, 2, 3], "one", float64), two = Samples.Normal([5, 6, 1, 2], "two", float64);
        var neurons = new UnitObjective("one", [3, 1]);
        var latents = new LatentObjective("one", autoencoder, [7]);
        IObjective difference = new UnitObjective("two", [5, 0]) - new UnitObjective("one", [0, 0]);
        IObjective batch = Objective.Each(neurons, latents, difference);
        Assert.Equal(["one", "two"], batch.Layers);
        Assert.Equal([3, 1, 7, 5, 0], batch.Units);
        Assert.Equal("latent 7's pre-activation, mean over the positions of one", batch.Describe(2));
        Assert.Equal(difference.Describe(1), batch.Describe(4));
        double[] expected =
        [
            .. neurons.Values(("one", one.narrow(0, 0, 2))), .. latents.Values(("one", one.narrow(0, 2, 1))),
            .. difference.Values(("one", one.narrow(0, 3, 2)), ("two", two.narrow(0, 3, 2))),
        ];
        Assert.Equal(expected, batch.Values(("one", one), ("two", two)));
        Assert.Equal(expected[1..4], batch.Slice(1, 3).Values(("one", one.narrow(0, 1, 3)), ("two", two.narrow(0, 1, 3))));
        Assert.Equal(latents.Peaks(("one", one.narrow(0, 2, 1)))[0], batch.Peaks(("one", one), ("two", two))[2]);
        CheckGradient(batch, ("one", [5, 4, 2, 3]), ("two", [5, 6, 1, 2]));
    }

    [Theory]
    [InlineData("small_cnn", "block2", "block3", true)]
    [InlineData("mobilenet_v2", "features.1.conv.0", "features.4", false)]
    public void A_picture_beside_unlike_ones_is_the_picture_alone_up_to_rounding(
        string architecture, string early, string late, bool modified)
    {
        using var network = ImageModel.Create(architecture, 5, modified ? GradientFlow.Modified : GradientFlow.Standard);
        network.Initialise(4);
        if (architecture == "mobilenet_v2") Saturate(network);
        using var autoencoder = Samples.Create("topk", Channels(network, late), 40, float32);
        IObjective[] parts =
            [new UnitObjective(early, [2]), new UnitObjective(late, [3]), new LatentObjective(late, autoencoder, [3]),
                new LogitObjective(network, [1])];
        var together = FeatureRenderer.Render(network.With(Input), Objective.Each(parts), Short with { BatchSize = 4 });
        for (int i = 0; i < parts.Length; i++)
        {
            var alone = FeatureRenderer.Render(network.With(Input), parts[i], Short)[0];
            for (int step = 0; step < 3; step++)
                Assert.Equal(alone.Curve[step], together[i].Curve[step], 2e-3 * Math.Max(1e-2, Math.Abs(alone.Curve[step])));
            Assert.True(alone.Picture.Pixels.Zip(together[i].Picture.Pixels)
                .Average(pair => Math.Abs(pair.First - pair.Second)) < 0.2, $"part {i}");
        }
    }

    [Fact]
    public void A_clamp_is_passed_by_the_objectives_of_its_layer_alone()
    {
        using var scope = NewDisposeScope();
        using var network = ImageModel.Create("mobilenet_v2", 5, GradientFlow.Standard);
        network.Initialise(4);
        Saturate(network);
        network.Eval();
        const string early = "features.1.conv.0", late = "features.4";
        Tensor input = Samples.Normal([1, 3, 32, 32], "clamp", float32).requires_grad_(true);
        var plain = new Probe(early, late);
        var both = new ObjectiveTaps(network, [early, late]);
        ProbeResult expected = network.Forward(input, plain), seen = both.Run(input);
        Assert.True(Gap(Gradient(expected[early]), Gradient(seen[early])) > 0.1);
        Assert.True(Gap(Gradient(expected[late]), Gradient(seen[late])) < 1e-5);
        Assert.True((expected[early] - seen[early]).abs().max().ToSingle() < 1e-4);

        Tensor Gradient(Tensor output) => autograd.grad([output.sum()], [input], retain_graph: true)[0];
        static double Gap(Tensor left, Tensor right) => ((left - right).norm() / left.norm()).ToDouble();
    }

    [Fact]
    public void The_pictures_of_one_feature_differ_and_the_first_is_the_one_it_has_alone()
    {
        using var network = ImageModel.Create("small_cnn", 5, GradientFlow.Standard);
        network.Initialise(4);
        var alone = FeatureRenderer.Render(network.With(Input), new UnitObjective("block2", [5, 6]), Short);
        var thrice = FeatureRenderer.Render(network.With(Input), new UnitObjective("block2", [5, 5, 5]), Short);
        Assert.Equal([0, 1, 2], thrice.Select(result => result.Replica));
        Assert.Equal(alone[0].Curve[0], thrice[0].Curve[0], 1e-4);
        Assert.True(Difference(alone[0], thrice[0]) < 0.1);
        Assert.True(Difference(thrice[0], thrice[1]) > 1);
        Assert.True(Difference(thrice[1], thrice[2]) > 1);

        static double Difference(RenderResult left, RenderResult right) =>
            left.Picture.Pixels.Zip(right.Picture.Pixels).Average(pair => Math.Abs(pair.First - pair.Second));
    }

    [Fact]
    public void Pictures_judged_together_share_a_batch_however_small_it_is()
    {
        using var network = ImageModel.Create("small_cnn", 5, GradientFlow.Standard);
        network.Initialise(4);
        IObjective objective = Objective.Diverse(new UnitObjective("block2", Objective.Repeat([5, 7, 9], 3)), 5, "block1");
        var progress = new Batches();
        var small = FeatureRenderer.Render(network.With(Input), objective, Short with { BatchSize = 2 }, progress);
        Assert.Equal([3], progress.Sizes.Distinct());
        var large = FeatureRenderer.Render(network.With(Input), objective, Short with { BatchSize = 7 }, progress = new Batches());
        Assert.Equal([6, 3], progress.Sizes.Distinct());
        Assert.Equal([5, 5, 5, 7, 7, 7, 9, 9, 9], large.Select(result => result.Unit));
        for (int i = 0; i < 9; i++) Assert.Equal(small[i].Curve[0], large[i].Curve[0], 1e-3);
    }

    [Fact]
    public void Every_kind_of_objective_rises_in_the_renderer_and_gives_its_memory_back()
    {
        using var network = ImageModel.Create("small_cnn", 5, GradientFlow.Modified);
        network.Initialise(4);
        int channels = Channels(network, "block2");
        using var autoencoder = Samples.Create("topk", channels, 40, float32);
        using Tensor directions = Samples.Normal([1, channels], "direction", float32), targets = Target(network, "block2");
        IObjective[] objectives =
        [
            Objective.Neuron("block2", 3), Objective.Channel("block2", 3), Objective.NeuronAt("block2", 1, 1, 3),
                -Objective.Channel("block2", 3),
            Objective.Direction("block2", directions), Objective.Direction("block2", directions, Similarity.DotCosine(4)),
            Objective.Latent("block2", autoencoder, 9), new LatentObjective("block2", autoencoder, [9], LatentTarget.EncoderDirection),
            Objective.Logit(network, 2), Objective.DeepDream("block2"), Objective.Inversion("block2", targets),
                Objective.Inversion("block2", targets, Similarity.Cosine),
        ];
        IObjective all = Objective.Each([.. objectives, Objective.Diverse(new UnitObjective("block2", [1, 1]), 1, "block1")]);
        RenderOptions options = Short with { Steps = 5, Transforms = [], TotalVariation = 0, Blur = 0, BatchSize = 16 };
        var results = FeatureRenderer.Render(network.With(Input), all, options);
        for (int i = 0; i < results.Count; i++)
            Assert.True(results[i].Curve[4] > results[i].Curve[0], $"{all.Describe(i)}: {string.Join(" ", results[i].Curve)}");
        long before = TensorCounts.Settled();
        FeatureRenderer.Render(network.With(Input), all, options with { Steps = 1 });
        Assert.Equal(before, Tensor.TotalCount);
    }

    /// <summary>Batch norms that push about half of the values over 6.</summary>
    private static void Saturate(ImageModel network)
    {
        using var quiet = no_grad();
        foreach (var (name, parameter) in network.Parameters.Where(
            pair => pair.Key.StartsWith("features.1.conv.0.1", StringComparison.Ordinal)))
            parameter.fill_(name.EndsWith("bias", StringComparison.Ordinal) ? 6 : 4);
    }

    private static Tensor Target(ImageModel network, string layer)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        network.Eval();
        var taps = new Probe(layer);
        return network.Forward(Samples.Normal([1, 3, 32, 32], "image", float32), taps)[layer].clone().DetachFromDisposeScope();
    }

    private static int Channels(ImageModel network, string layer)
    {
        using var scope = NewDisposeScope();
        var taps = new Probe(layer);
        return (int)network.Forward(zeros(1, 3, 32, 32), taps)[layer].shape[1];
    }

    private sealed class Batches : IProgress<RenderProgress>
    {
        public List<int> Sizes { get; } = [];

        public void Report(RenderProgress value) => Sizes.Add(value.Batch);
    }
}
