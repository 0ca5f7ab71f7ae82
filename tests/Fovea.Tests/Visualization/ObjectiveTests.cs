using Fovea.Models;
using Fovea.Numerics;
using Fovea.Tests.Dictionaries;
using Fovea.Visualization.Objectives;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Visualization;

public sealed class ObjectiveTests
{
    private const string Layer = "layer";
    private const int Channels = 6, Latents = 10, Height = 3, Width = 4;

    public static TheoryData<string> Reductions => ["mean", "centre", "place"];

    public static TheoryData<string> Similarities => ["dot", "cosine", "1", "2", "4"];

    [Theory]
    [MemberData(nameof(Reductions))]
    public void A_neurons_gradient_equals_finite_differences(string reduction) =>
        CheckGradient(new UnitObjective(Layer, [4, 0, 5], ReductionOf(reduction)));

    [Theory]
    [InlineData("l1", LatentTarget.PreActivation, "mean")]
    [InlineData("topk", LatentTarget.PreActivation, "centre")]
    [InlineData("jumprelu", LatentTarget.DecoderDirection, "mean")]
    [InlineData("l1-untied", LatentTarget.EncoderDirection, "mean")]
    [InlineData("topk", LatentTarget.EncoderDirection, "place")]
    public void A_latents_gradient_equals_finite_differences(string variant, LatentTarget target, string reduction)
    {
        using var autoencoder = Samples.Create(variant, Channels, Latents, float64);
        CheckGradient(new LatentObjective(Layer, autoencoder, [9, 3, 0], target, ReductionOf(reduction)));
    }

    [Theory]
    [MemberData(nameof(Similarities))]
    public void A_directions_gradient_and_value_equal_differences_and_slow_loops(string similarity)
    {
        using var scope = NewDisposeScope();
        Tensor directions = Samples.Normal([3, Channels], "directions", float64) * 2, activation = Activation();
        foreach (string reduction in (string[])["mean", "centre", "place"])
        {
            var objective = new DirectionObjective(Layer, directions, null, SimilarityOf(similarity), ReductionOf(reduction));
            CheckGradient(objective);
            double[] values = objective.Values((Layer, activation)), peaks = objective.Peaks((Layer, activation));
            for (int i = 0; i < 3; i++)
            {
                double[] v = directions[i].data<double>().ToArray();
                double[,] figures = Loop(activation[i], a => Figure(a, v, similarity)), dots = Loop(
                    activation[i], a => Figure(a, v, "dot"));
                Assert.Equal(
                    reduction switch { "mean" => figures.Cast<double>().Average(), "centre" => figures[1, 2], _ => figures[2, 1] },
                        values[i], 1e-9);
                Assert.Equal(dots.Cast<double>().Max(), peaks[i], 1e-9);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Similarities))]
    [InlineData("distance")]
    public void Inversions_gradient_and_value_equal_differences_and_slow_loops(string match)
    {
        using var scope = NewDisposeScope();
        Tensor targets = Samples.Normal([3, Channels, Height, Width], "targets", float64), activation = Activation();
        // Half of the target itself, so that some cosines are far above the floor.
        activation = cat([activation.narrow(0, 0, 2), activation.narrow(0, 2, 1) + targets.narrow(0, 2, 1)]);
        var objective = new InversionObjective(Layer, targets, match == "distance" ? null : SimilarityOf(match));
        CheckGradient(objective);
        double[] values = objective.Values((Layer, activation)), peaks = objective.Peaks((Layer, activation));
        for (int i = 0; i < 3; i++)
        {
            double[] a = activation[i].contiguous().data<double>().ToArray(), t = targets[i].contiguous().data<double>().ToArray();
            double expected = match == "distance" ? -a.Zip(t, (x, y) => (x - y) * (x - y)).Sum() / t.Sum(x => x * x) : Figure(a, t, match);
            Assert.Equal(expected, values[i], 1e-9);
            Assert.Equal(Figure(a, t, "cosine"), peaks[i], 1e-9);
        }
        Assert.All(new InversionObjective(Layer, targets).Values((Layer, targets)), value => Assert.Equal(0, value));
        Assert.All(new InversionObjective(Layer, targets).Values((Layer, zeros_like(targets))), value => Assert.Equal(-1, value, 1e-12));
    }

    [Fact]
    public void Deep_dreams_gradient_and_value_equal_differences_and_a_slow_loop()
    {
        using var scope = NewDisposeScope();
        var objective = new DeepDreamObjective(Layer, 3);
        CheckGradient(objective);
        Tensor activation = Activation();
        double[] values = objective.Values((Layer, activation)), peaks = objective.Peaks((Layer, activation));
        for (int i = 0; i < 3; i++)
        {
            double[] a = activation[i].contiguous().data<double>().ToArray();
            Assert.Equal(a.Average(x => x * x), values[i], 1e-10);
            Assert.Equal(a.Max(), peaks[i]);
        }
    }

    [Theory]
    [MemberData(nameof(Reductions))]
    public void A_neurons_value_is_that_of_its_own_channel_and_positions(string reduction)
    {
        using var scope = NewDisposeScope();
        int[] channels = [4, 0, 5];
        Tensor activation = Activation();
        var objective = new UnitObjective(Layer, channels, ReductionOf(reduction));
        double[] values = objective.Values((Layer, activation)), peaks = objective.Peaks((Layer, activation));
        for (int i = 0; i < 3; i++)
        {
            Tensor own = activation[i, channels[i]];
            Assert.Equal((reduction switch { "mean" => own.mean(), "centre" => own[1, 2], _ => own[2, 1] }).ToDouble(), values[i], 1e-12);
            Assert.Equal(own.max().ToDouble(), peaks[i]);
        }
    }

    [Theory]
    [InlineData("l1")]
    [InlineData("l1-plain-untied")]
    [InlineData("topk")]
    [InlineData("jumprelu")]
    public void A_latents_value_is_its_pre_activation_and_its_peak_its_code(string variant)
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create(variant, Channels, Latents, float64);
        int[] latents = [2, 7, 4];
        var objective = new LatentObjective(Layer, autoencoder, latents);
        Tensor activation = Activation();
        double[] values = objective.Values((Layer, activation)), peaks = objective.Peaks((Layer, activation));
        Tensor before = autoencoder.PreActivationMap(activation), codes = autoencoder.EncodeMap(activation);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(before[i, latents[i]].mean().ToDouble(), values[i], 1e-10);
            Assert.Equal(codes[i, latents[i]].max().ToDouble(), peaks[i], 1e-10);
        }
    }

    [Theory]
    [InlineData(LatentTarget.EncoderDirection)]
    [InlineData(LatentTarget.DecoderDirection)]
    public void A_latents_direction_is_that_of_the_autoencoder_at_unit_length(LatentTarget target)
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create("l1-untied", Channels, Latents, float64);
        int[] latents = [2, 7, 4];
        Tensor activation = Activation();
        Tensor all = target == LatentTarget.EncoderDirection ? autoencoder.EncoderWeight.t() : autoencoder.DecoderWeight;
        foreach (string similarity in (string[])["dot", "cosine", "4"])
        {
            double[] values = new LatentObjective(Layer, autoencoder, latents, target, default, SimilarityOf(similarity)).Values(
                (Layer, activation));
            for (int i = 0; i < 3; i++)
            {
                double[] v = all[latents[i]].contiguous().data<double>().ToArray();
                double length = Math.Sqrt(v.Sum(x => x * x));
                double[,] figures = Loop(activation[i], a => Figure(a, [.. v.Select(x => x / length)], similarity));
                Assert.Equal(figures.Cast<double>().Average(), values[i], 1e-9);
            }
        }
        // The default asks for the direction: dot × cos².
        Assert.Equal(new LatentObjective(Layer, autoencoder, latents, target, default, Similarity.DotCosine(2)).Values((Layer, activation)),
            new LatentObjective(Layer, autoencoder, latents, target).Values((Layer, activation)));
    }

    [Fact]
    public void A_latent_that_is_off_still_has_a_gradient()
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create("topk", Channels, Latents, float64);
        var objective = new LatentObjective(Layer, autoencoder, [.. Enumerable.Range(0, Latents)]);
        Tensor activation = Samples.Normal([Latents, Channels, 1, 1], "off", float64).requires_grad_(true);
        bool[] off = [.. objective.Peak(activation).data<double>().ToArray().Select(peak => peak == 0)];
        Assert.Contains(true, off);
        Tensor gradient = autograd.grad([objective.Evaluate(activation).sum()], [activation])[0].abs().sum([1, 2, 3]);
        Assert.All(gradient.data<double>().ToArray(), size => Assert.True(size > 1e-3));
        Assert.All(autoencoder.Parameters.Values, parameter => Assert.Null(parameter.grad));
    }

    [Theory]
    [InlineData("resnet18", "fc")]
    [InlineData("mobilenet_v2", "classifier")]
    [InlineData("small_cnn", "fc")]
    public void A_class_logit_is_the_networks_output_whatever_its_head_is_called(string architecture, string head)
    {
        using var scope = NewDisposeScope();
        using var network = ImageModel.Create(architecture, 5, GradientFlow.Standard);
        network.Initialise(4);
        network.Eval();
        var objective = new LogitObjective(network, [4, 0]);
        Assert.Equal(head, objective.Layer);
        Tensor input = Samples.Normal([2, 3, 32, 32], "input", float32), logits = network.Forward(input);
        var taps = new Probe(objective.Layers);
        Tensor values = objective.Evaluate(network.Forward(input, taps));
        Assert.Equal([logits[0, 4].ToSingle(), logits[1, 0].ToSingle()], values.data<float>().ToArray());
        Assert.Contains("5 outputs", Assert.Throws<FoveaException>(() => new LogitObjective(network, [5])).Message);
    }

    [Fact]
    public void Slices_equal_the_parts_of_every_objective()
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create("topk", Channels, Latents, float64);
        Tensor activation = Activation();
        Tensor directions = Samples.Normal([3, Channels], "directions", float64), targets = Samples.Normal(
            [3, Channels, Height, Width], "targets", float64);
        IObjective[] objectives =
        [
            new UnitObjective(Layer, [4, 0, 5], Reduction.At(2, 1)),
            new LatentObjective(Layer, autoencoder, [9, 3, 0], LatentTarget.EncoderDirection, Reduction.Centre, Similarity.Cosine),
            new DirectionObjective(Layer, directions, [7, 8, 9], Similarity.DotCosine(4)),
            new DeepDreamObjective(Layer, 3),
            new InversionObjective(Layer, targets),
            new InversionObjective(Layer, targets, Similarity.DotCosine(1)),
            new DiversityObjective(Layer, [1, 2, 2]),
            new UnitObjective(Layer, [1, 1, 1]) - new DirectionObjective(Layer, directions).Weighted(1, 2, 3),
            new BatchedObjective(new UnitObjective(Layer, [2]), new DirectionObjective(Layer, directions.narrow(0, 0, 2))),
        ];
        foreach (IObjective objective in objectives)
        {
            IObjective slice = objective.Slice(1, 2);
            Assert.Equal(objective.Keys.Skip(1), slice.Keys);
            Assert.Equal(objective.Units.Skip(1), slice.Units);
            Assert.Equal(objective.Describe(2), slice.Describe(1));
            double[] whole = objective.Values((Layer, activation)), parts = slice.Values((Layer, activation.narrow(0, 1, 2)));
            for (int i = 0; i < 2; i++) Assert.Equal(whole[i + 1], parts[i], 1e-12);
            double[] peaks = objective.Peaks((Layer, activation)), own = slice.Peaks((Layer, activation.narrow(0, 1, 2)));
            for (int i = 0; i < 2; i++) Assert.Equal(peaks[i + 1], own[i], 1e-12);
            if (objective is DiversityObjective) continue;
            Assert.Equal(whole[2], slice.Slice(1, 1).Values((Layer, activation.narrow(0, 2, 1)))[0], 1e-12);
        }
    }

    [Fact]
    public void A_unit_that_stands_again_is_another_picture_of_it()
    {
        var objective = new UnitObjective(Layer, [3, 5, 3, 3]);
        Assert.Equal([0, 0, 1, 2], objective.Keys.Select(key => key.Replica));
        Assert.Equal(2, objective.Slice(2, 2).Keys[1].Replica);
        // The first picture's stream is the one that units without replicas have.
        Assert.Equal(new CounterRandom(9, $"visualize/start/{Layer}", 3).NextUInt64(), objective.Keys[0].Stream(9, "start").NextUInt64());
        Assert.Equal(4, objective.Keys.Select(key => key.Stream(9, "start").NextUInt64()).Distinct().Count());
    }

    [Fact]
    public void Captions_say_what_is_maximised()
    {
        using var autoencoder = Samples.Create("topk", Channels, Latents, float64);
        using Tensor ones = torch.ones(1, Channels, float64);
        Assert.Equal("mean of the neuron over the positions of layer4", new UnitObjective("layer4", [3]).Description);
        Assert.Equal("neuron 3 at the centre of layer4", Objective.Neuron("layer4", 3).Describe(0));
        Assert.Equal("neuron 3 at row 1, column 2 of layer4", Objective.NeuronAt("layer4", 1, 2, 3).Describe(0));
        Assert.Equal(
            "the latent's pre-activation, mean over the positions of layer4", new LatentObjective("layer4", autoencoder, [3]).Description);
        Assert.Equal("dot × cos⁴ with latent 3's encoder direction, at the centre of layer4",
            new LatentObjective(
                "layer4", autoencoder, [3], LatentTarget.EncoderDirection, Reduction.Centre, Similarity.DotCosine(4)).Describe(0));
        Assert.Equal(
            "cosine with direction 0, mean over the positions of layer4", Objective.Direction("layer4", ones, Similarity.Cosine)
                .Describe(0));
        Assert.Equal(
            "minus the squared distance to image 0's activation of fc, relative to its squared length", Objective.Inversion("fc", ones)
                .Describe(0));
        Assert.Equal("mean square of layer4", Objective.DeepDream("layer4").Description);
        Assert.Equal("neuron 3 at the centre of layer4 + 0.5 × diversity of the pictures of unit 3 at layer2",
            Objective.Diverse(Objective.Neuron("layer4", 3, 3), 0.5, "layer2").Describe(1));
    }

    [Fact]
    public void A_vector_layer_is_a_map_of_one_position()
    {
        using var scope = NewDisposeScope();
        Tensor activation = Samples.Normal([2, Channels], "vectors", float64);
        double[] own = [activation[0, 1].ToDouble(), activation[1, 3].ToDouble()];
        Assert.Equal(own, new UnitObjective("fc", [1, 3]).Values(("fc", activation)));
        Assert.Equal(own, new UnitObjective("fc", [1, 3], Reduction.Centre).Values(("fc", activation)));
        Assert.All(new InversionObjective("fc", activation).Values(("fc", activation)), value => Assert.Equal(0, value));
    }

    [Fact]
    public void What_does_not_exist_is_refused_by_name()
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create("topk", Channels, Latents, float64);
        Tensor activation = Activation(), directions = torch.ones(3, Channels, float64);
        Refused(FailureKind.Configuration, "Unit 6", () => new UnitObjective(Layer, [0, 6, 1]).Evaluate(activation));
        Refused(FailureKind.Configuration, "-1", () => new UnitObjective(Layer, [-1]));
        Refused(FailureKind.Configuration, "Latent 10", () => new LatentObjective(Layer, autoencoder, [10]));
        Refused(FailureKind.Configuration, "[3, 0]", () => new UnitObjective(Layer, [0, 1, 2], Reduction.At(3, 0)).Evaluate(activation));
        Refused(FailureKind.Configuration, "[0, -1]", () => Reduction.At(0, -1));
        Refused(FailureKind.Configuration, "power -1", () => Similarity.DotCosine(-1));
        Refused(FailureKind.Configuration, "5 components",
            () => new DirectionObjective(Layer, directions.narrow(1, 0, 5)).Evaluate(activation));
        Refused(FailureKind.Data, "Direction 1", () => new DirectionObjective(Layer, tensor([1.0, 0, 0, 0], [2, 2])));
        Refused(FailureKind.Data, "NaN", () => new DirectionObjective(Layer, directions * double.NaN));
        Refused(FailureKind.Data, "matrix", () => new DirectionObjective(Layer, activation));
        Refused(FailureKind.Configuration, "2 units for 3", () => new DirectionObjective(Layer, directions, [1, 2]));
        Refused(FailureKind.Data, "Stored activation 0", () => new InversionObjective(Layer, zeros_like(activation)));
        Refused(FailureKind.Configuration, "size of the images",
            () => new InversionObjective(Layer, activation).Evaluate(activation.narrow(3, 0, 2)));
        Refused(FailureKind.Configuration, "0 pictures", () => new DeepDreamObjective(Layer, 0));
        Refused(FailureKind.Configuration, "0 pictures", () => Objective.Repeat([1], 0));
        Assert.Throws<ArgumentException>(() => new UnitObjective(Layer, [1]).Evaluate(activation));
    }

    private static void Refused(FailureKind kind, string part, Action action)
    {
        var error = Assert.Throws<FoveaException>(action);
        Assert.Equal(kind, error.Kind);
        Assert.Contains(part, error.Message);
    }

    private static void CheckGradient(IObjective objective) =>
        ObjectiveChecks.CheckGradient(objective, (Layer, [3, Channels, Height, Width]));

    private static Tensor Activation() => Samples.Normal([3, Channels, Height, Width], "activation", float64);

    private static Reduction ReductionOf(string name) =>
        name switch { "mean" => Reduction.Mean, "centre" => Reduction.Centre, _ => Reduction.At(2, 1) };

    private static Similarity SimilarityOf(string name) => name switch
    {
        "dot" => Similarity.Dot,
        "cosine" => Similarity.Cosine,
        _ => Similarity.DotCosine(int.Parse(name, null)),
    };

    private static double Figure(double[] a, double[] v, string similarity)
    {
        double dot = a.Zip(v, (x, y) => x * y).Sum(), cosine = dot / Math.Sqrt(a.Sum(x => x * x) * v.Sum(x => x * x));
        return similarity switch
        {
            "dot" => dot,
            "cosine" => cosine,
            _ => dot * Math.Pow(Math.Max(0.1, cosine), int.Parse(similarity, null))
        };
    }

    /// <summary>A figure of the vector at each position of <c>[C, H, W]</c>.</summary>
    private static double[,] Loop(Tensor activation, Func<double[], double> figure)
    {
        var figures = new double[Height, Width];
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
                figures[y, x] = figure([.. Enumerable.Range(0, Channels).Select(c => activation[c, y, x].ToDouble())]);
        }
        return figures;
    }
}
