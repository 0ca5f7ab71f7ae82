using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Numerics;
using Fovea.Tests.Dictionaries;
using Fovea.Tests.Interpretation;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;
using Fovea.Visualization.Transforms;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Visualization;

[Collection(TensorCounts.Name)]
public sealed class FeatureRendererTests
{
    private static readonly Preprocessing Input = Preprocessing.ImageNet(null, 32);
    private static readonly RenderOptions Short = RenderPresets.Paper with { Steps = 3 };

    [Theory]
    [InlineData("naive")]
    [InlineData("paper")]
    [InlineData("lucid")]
    [InlineData("maco")]
    public void The_objective_rises_within_three_steps(string preset)
    {
        using var network = Make("resnet18");
        var options = RenderPresets.Get(preset) with { Steps = 3, Transforms = [] };
        var results = FeatureRenderer.Render(network.With(Input), new UnitObjective("layer2", [0, 9, 50]), options);
        Assert.All(results, result =>
        {
            Assert.Equal(3, result.Curve.Count);
            Assert.True(result.Curve[2] > result.Curve[0], string.Join(" ", result.Curve));
            Assert.True(result.Activation > result.Curve[0]);
        });
    }

    [Theory]
    [InlineData("naive", 0, 24, 40)]
    [InlineData("paper", 0, 24, 40)]
    [InlineData("paper", 12, 12, 20)]
    [InlineData("lucid", 0, 24, 40)]
    [InlineData("maco", 12, 12, 20)]
    public void Pictures_have_the_shape_that_the_network_takes(string preset, int size, int height, int width)
    {
        using var network = Make("resnet18");
        ImageModel wide = network.With(new Preprocessing(null, 24, Input.Mean, Input.Std, width: 40));
        var options = RenderPresets.Get(preset) with { Steps = 3, Size = size, ViewSize = size == 12 ? 24 : 0, Snapshots = [0] };
        var objective = new UnitObjective("layer1", [3, 9]);
        foreach (RenderResult result in FeatureRenderer.Render(wide, objective, options))
        {
            Assert.Equal((width, height), (result.Picture.Width, result.Picture.Height));
            Assert.Equal((width, height), (result.Snapshots[0].Picture.Width, result.Snapshots[0].Picture.Height));
        }
        foreach (RenderResult result in FeatureRenderer.Render(wide, objective, options with { Transforms = [] }))
            Assert.True(result.Curve[2] > result.Curve[0], string.Join(" ", result.Curve));
        // A picture to start from is squashed to that shape.
        var photograph = new RgbImage(30, 60, [.. Enumerable.Range(0, 30 * 60 * 3).Select(i => (byte)(i * 7 % 256))]);
        RenderResult begun = FeatureRenderer.Render(
            wide, objective.Slice(0, 1), options with { StartFrom = [photograph], Steps = 1, LearningRate = 1e-6, Transforms = [] })[0];
        Assert.Equal((width, height), (begun.Picture.Width, begun.Picture.Height));
        if (preset == "maco") return;
        RgbImage squashed = Resampling.Bilinear(photograph, width, height);
        double apart = begun.Picture.Pixels.Zip(squashed.Pixels, (a, b) => Math.Abs(a - b)).Average();
        Assert.True(apart < 3, $"{apart}");
    }

    [Fact]
    public void What_a_network_makes_of_images_that_are_no_squares_is_stored_in_their_shape()
    {
        using var network = Make("small_cnn");
        ImageModel wide = network.With(new Preprocessing(null, 24, Input.Mean, Input.Std, width: 40));
        var photograph = new RgbImage(30, 60, [.. Enumerable.Range(0, 30 * 60 * 3).Select(i => (byte)(i * 7 % 256))]);
        using Tensor stored = StoredActivations.Of(wide, "block1", [photograph], 24);
        using var scope = NewDisposeScope();
        var input = new float[3 * 24 * 40];
        new Preprocessing(24, 24, Input.Mean, Input.Std, squash: true, width: 40).Apply(photograph, 0, input);
        Tensor expected = wide.Forward(tensor(input, [1, 3, 24, 40]), new Probe("block1"))["block1"];
        Assert.True((stored - expected).abs().max().item<float>() < 1e-6);
    }

    [Fact]
    public void A_latents_objective_rises_and_its_activation_is_measured_on_the_saved_picture()
    {
        using var network = Make("small_cnn");
        using var autoencoder = Samples.Create("topk", Channels(network, "block3"), 40, float32);
        var objective = new LatentObjective("block3", autoencoder, [3, 30]);
        var results = FeatureRenderer.Render(network.With(Input), objective, Short with { Steps = 6, Snapshots = [0, 6, 3] });
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal([0, 3, 6], results[i].Snapshots.Select(snapshot => snapshot.Step));
            foreach (var snapshot in results[i].Snapshots)
                Assert.Equal(Measure(network, "block3", snapshot.Picture, objective.Slice(i, 1)).Value, snapshot.Activation, 1e-4);

            Assert.True(results[i].Activation > Measure(network, "block3", results[i].Snapshots[0].Picture, objective.Slice(i, 1)).Value);
            var (value, peak) = Measure(network, "block3", results[i].Picture, objective.Slice(i, 1));
            Assert.Equal(value, results[i].Activation, 1e-4);
            Assert.Equal(peak, results[i].Peak, 1e-4);
            Assert.Equal(results[i].Picture.Pixels, results[i].Snapshots[2].Picture.Pixels);
        }
    }

    [Fact]
    public void The_network_is_left_as_it_was()
    {
        using var network = Make("small_cnn");
        network.Train();
        network.SetTrainable(true);
        byte[][] before = [.. network.State.Values.Select(value => value.bytes.ToArray())];
        FeatureRenderer.Render(network.With(Input), new UnitObjective("block2", [1]), Short);
        Assert.Equal(before, network.State.Values.Select(value => value.bytes.ToArray()));
        Assert.True(network.Training);
        Assert.All(network.Parameters.Values, parameter =>
        {
            Assert.True(parameter.requires_grad);
            Assert.Null(parameter.grad);
        });
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        using var network = Make("small_cnn");
        var objective = new UnitObjective("block2", [1, 2]);
        var first = FeatureRenderer.Render(network.With(Input), objective, Short);
        var second = FeatureRenderer.Render(network.With(Input), objective, Short);
        var other = FeatureRenderer.Render(network.With(Input), objective, Short with { Seed = 2 });
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(first[i].Picture.Pixels, second[i].Picture.Pixels);
            Assert.Equal(first[i].Curve, second[i].Curve);
            Assert.NotEqual(first[i].Picture.Pixels, other[i].Picture.Pixels);
        }
    }

    [Fact]
    public void A_picture_does_not_depend_on_its_batch_beyond_rounding()
    {
        using var network = Make("small_cnn");
        var together = FeatureRenderer.Render(
            network.With(Input), new UnitObjective("block2", [5, 6, 7, 8, 9]), Short with { BatchSize = 5 });
        var batches = FeatureRenderer.Render(network.With(Input), new UnitObjective("block2", [9, 7, 5]), Short with { BatchSize = 2 });
        foreach (var alone in batches)
        {
            var same = together.Single(result => result.Unit == alone.Unit);
            Assert.Equal(same.Curve[0], alone.Curve[0], 1e-4);
            Assert.True(same.Picture.Pixels.Zip(alone.Picture.Pixels).Average(pair => Math.Abs(pair.First - pair.Second)) < 0.1);
        }
    }

    [Fact]
    public void A_layer_that_ends_in_ReLU6_keeps_its_values_and_gets_the_gradient_of_its_pre_activation()
    {
        using var network = Make("mobilenet_v2");
        network.Eval();
        using var scope = NewDisposeScope();
        Tensor input = randn([1, 3, 32, 32]);
        var plain = new Probe("features.1.conv.0", "features.1.conv.0.1");
        var bypassed = new ObjectiveTaps(network, ["features.1.conv.0"]);
        Assert.Equal("features.1.conv.0.1", ClampBypass.BeforeRelu6(network, "features.1.conv.0"));
        Assert.Null(ClampBypass.BeforeRelu6(network, "features.1.conv"));
        Assert.Null(ClampBypass.BeforeRelu6(network, "classifier.1"));
        input.requires_grad_(true);
        ProbeResult expected = network.Forward(input, plain);
        Tensor actual = bypassed.Run(input)["features.1.conv.0"];
        Assert.True((expected["features.1.conv.0"] - actual).abs().max().item<float>() < 1e-5);
        Tensor linear = autograd.grad([expected["features.1.conv.0.1"].sum()], [input])[0], through = autograd.grad(
            [actual.sum()], [input])[0];
        Assert.True((linear - through).abs().max().item<float>() < 1e-4 * linear.abs().max().item<float>());
    }

    [Fact]
    public void A_layer_that_ends_in_LeakyReLU_keeps_its_values_and_gets_the_gradient_of_its_pre_activation()
    {
        using var network = ImageModel.Create("small_cnn", 3, GradientFlow.Modified);
        network.Initialise(1);
        network.Eval();
        using var scope = NewDisposeScope();
        Tensor input = randn([1, 3, 64, 64]);
        var plain = new Probe("block3", "block3.bn");
        var bypassed = new ObjectiveTaps(network, ["block3"]);
        Assert.Equal(network.Flow.LeakySlope, ClampBypass.LeakySlope(network, "block3"));
        Assert.Null(ClampBypass.LeakySlope(network, "fc"));
        input.requires_grad_(true);
        ProbeResult expected = network.Forward(input, plain);
        Tensor actual = bypassed.Run(input).ForNeurons("block3");
        Assert.True(actual.lt(0).any().item<bool>());
        Assert.True((expected["block3"] - actual).abs().max().item<float>() < 1e-5);
        Tensor linear = autograd.grad([expected["block3.bn"].sum()], [input])[0], through = autograd.grad([actual.sum()], [input])[0];
        Assert.True((linear - through).abs().max().item<float>() < 1e-4 * linear.abs().max().item<float>());
    }

    [Fact]
    public void A_neuron_that_is_negative_everywhere_gets_a_picture()
    {
        using var network = ImageModel.Create("small_cnn", 3, GradientFlow.Modified);
        network.Initialise(1);
        using (no_grad())
        {
            // As large as a trained layer's responses, and out of their reach.
            network.State["block3.bn.weight"].fill_(100);
            network.State["block3.bn.bias"].fill_(-5000);
        }
        var result = FeatureRenderer.Render(
            network.With(Preprocessing.ImageNet(null, 64)), new UnitObjective("block3", [4]),
                RenderPresets.Get("paper") with { Steps = 30 })[0];
        Assert.True(result.Activation < 0);
        double mean = result.Picture.Pixels.Average(pixel => (double)pixel);
        Assert.True(Math.Sqrt(result.Picture.Pixels.Average(pixel => (pixel - mean) * (pixel - mean))) > 5,
            $"the picture is one grey, objective {result.Curve[0]} … {result.Curve[^1]}");
    }

    [Theory]
    [InlineData("paper")]
    [InlineData("lucid")]
    public void An_ascent_starts_from_the_pictures_given(string preset)
    {
        using var network = Make("small_cnn");
        using var source = new NoisePictures(3, 32, 32);
        RgbImage[] starts = [source.Read(0), source.Read(1), source.Read(2)];
        var options = RenderPresets.Get(preset) with { Steps = 1, StartFrom = starts, Snapshots = [0], BatchSize = 2 };
        var each = FeatureRenderer.Render(network.With(Input), new UnitObjective("block2", [1, 2, 3]), options);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(starts[i].Pixels, each[i].Snapshots[0].Picture.Pixels);
            Assert.NotEqual(starts[i].Pixels, each[i].Picture.Pixels);
        }
        var same = FeatureRenderer.Render(
            network.With(Input), new UnitObjective("block2", [1, 2, 3]), options with { StartFrom = [starts[1]] });
        Assert.All(same, result => Assert.Equal(starts[1].Pixels, result.Snapshots[0].Picture.Pixels));
        // Held to its start, the picture stays nearer to it.
        var held = FeatureRenderer.Render(
            network.With(Input), new UnitObjective("block2", [1, 2, 3]), options with { Steps = 10, L2 = 1000 });
        var free = FeatureRenderer.Render(network.With(Input), new UnitObjective("block2", [1, 2, 3]), options with { Steps = 10 });
        for (int i = 0; i < 3; i++) Assert.True(Apart(held[i].Picture, starts[i]) < 0.8 * Apart(free[i].Picture, starts[i]));
        var error = Assert.Throws<FoveaException>(
            () => FeatureRenderer.Render(network.With(Input), new UnitObjective("block2", [1]), options with { StartFrom = starts[..2] }));
        Assert.Equal(FailureKind.Configuration, error.Kind);
    }

    [Fact]
    public void The_network_sees_the_view_size_whatever_the_pictures_is()
    {
        var seen = new List<long[]>();
        var watched = new Operator("watched", attributes => x =>
        {
            seen.Add(x[0].shape);
            return Operators.Conv2d.Bind(attributes).One!(x);
        });
        using var plain = Make("small_cnn");
        using var network = new ImageModel(
            plain.Graph.Rewrite(node => node.Outputs[0] == "block1.conv" ? node with { Operator = watched } : node), Input);
        network.Initialise(1);
        var options = RenderPresets.Maco with { Steps = 1, Size = 48, Transforms = [new RandomCrop(0.5, 1) { Size = 40 }], ViewSize = 32 };
        var result = FeatureRenderer.Render(network.With(Input), new UnitObjective("block2", [1]), options)[0];
        Assert.Equal([1, 3, 32, 32], seen[0]);
        Assert.Equal((48, 48), (result.Picture.Width, result.Picture.Height));
    }

    [Fact]
    public void Whole_pictures_are_measured_at_the_view_size()
    {
        using var network = Make("small_cnn");
        RgbImage photograph = new NoisePictures(1, 48, 48).Read(0);
        using Tensor target = StoredActivations.Of(network.With(Input), "block2", [photograph], 32);
        var options = RenderPresets.Lucid with { Steps = 2, Size = 48, ViewSize = 32, Snapshots = [1] };
        var result = FeatureRenderer.Render(network.With(Input), Objective.Inversion("block2", target), options)[0];
        var small = Resampling.Bilinear(result.Picture, 32, 32);
        Assert.Equal(
            Measure(network, "block2", small, Objective.Inversion("block2", target)).Value, result.Activation,
                0.05 * Math.Abs(result.Activation));
    }

    [Fact]
    public void A_transform_of_ones_own_may_leave_strides()
    {
        using var network = Make("small_cnn");
        var objective = new UnitObjective("block2", [1, 2]);
        var turned = FeatureRenderer.Render(network.With(Input), objective, Short with { Transforms = [new Turned(Copied: false)] });
        var copied = FeatureRenderer.Render(network.With(Input), objective, Short with { Transforms = [new Turned(Copied: true)] });
        Assert.All(turned.Zip(copied), pair => Assert.Equal(pair.Second.Picture.Pixels, pair.First.Picture.Pixels));
    }

    [Fact]
    public void Native_memory_is_given_back()
    {
        using var network = Make("small_cnn");
        var objective = new UnitObjective("block2", [1, 2]);
        FeatureRenderer.Render(network.With(Input), objective, Short);
        long before = TensorCounts.Settled();
        foreach (var preset in RenderPresets.All)
        {
            FeatureRenderer.Render(
                network.With(Input), objective,
                    preset with { Steps = 3, BatchSize = 1, Snapshots = [1], L1 = 0.1, L2 = 0.1, Boundary = 0.1, FinalBlur = 0.1 });
            Assert.Equal(before, Tensor.TotalCount);
        }
    }

    [Fact]
    public void Bad_options_and_numbers_are_refused_by_name()
    {
        using var network = Make("small_cnn");
        var objective = new UnitObjective("block2", [1]);
        Assert.Contains(
            "learning_rate",
                Assert.Throws<FoveaException>(
                    () => FeatureRenderer.Render(network.With(Input), objective, Short with { LearningRate = -1 })).Message);
        Assert.Contains("naive, paper, lucid, maco", Assert.Throws<FoveaException>(() => RenderPresets.Get("nave")).Message);
        Assert.Contains(
            "final_blur",
                Assert.Throws<FoveaException>(
                    () => FeatureRenderer.Render(network.With(Input), objective, Short with { FinalBlur = -1 })).Message);
        using (no_grad()) network.Parameters.Values.First().fill_(double.NaN);
        var error = Assert.Throws<FoveaException>(() => FeatureRenderer.Render(network.With(Input), objective, Short));
        Assert.Equal(FailureKind.Numerical, error.Kind);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(
            () => FeatureRenderer.Render(network.With(Input), objective, Short, null, cancelled.Token));
    }

    private static double Apart(RgbImage a, RgbImage b) => a.Pixels.Zip(b.Pixels).Average(pair => Math.Abs(pair.First - pair.Second));

    private static ImageModel Make(string architecture)
    {
        ImageModel network = ImageModel.Create(architecture, 5, GradientFlow.Standard);
        network.Initialise(4);
        return network;
    }

    private static int Channels(ImageModel network, string layer)
    {
        using var scope = NewDisposeScope();
        var taps = new Probe(layer);
        return (int)network.Forward(zeros(1, 3, 32, 32), taps)[layer].shape[1];
    }

    private static (double Value, double Peak) Measure(ImageModel network, string layer, RgbImage picture, IObjective objective)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        network.Eval();
        var pixels = new float[picture.Pixels.Length];
        Input.Normalise(picture.Pixels, pixels);
        var taps = new Probe(layer);
        ProbeResult activation = network.Forward(tensor(pixels, [1, 3, picture.Height, picture.Width]), taps);
        return (objective.Evaluate(activation).ToDouble(), objective.Peak(activation).ToDouble());
    }

    /// <summary>Rows for columns, as a view of the same memory or as a copy.</summary>
    private sealed record Turned(bool Copied) : ITransform
    {
        public string Description => "turned";

        public Tensor Apply(Tensor images, IReadOnlyList<CounterRandom> streams) =>
            Copied ? images.transpose(2, 3).contiguous() : images.transpose(2, 3);
    }
}
