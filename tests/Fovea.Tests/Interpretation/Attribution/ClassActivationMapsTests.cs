using Fovea.Activations;
using Fovea.Activations.Filters;
using Fovea.Activations.Filters.ClassActivation;
using Fovea.Imaging;
using Fovea.Interpretation.Attribution;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interpretation.Attribution;

[Collection(TensorCounts.Name)]
public sealed class ClassActivationMapsTests
{
    /// <summary>
    /// Captum's network for its own test: with all weights of the window 1, A₀ = [-5, 4, 31, 40] and A₁ = [-30, -21, 6, 15] on the numbers
    /// 0…15; through the ReLU and a linear layer of five weights 1 and three -1, ∂y/∂A₀ = [0, 1, 1, 1], ∂y/∂A₁ = [0, 0, -1, -1], y = 75 -
    /// 21 = 54.
    /// </summary>
    [Theory]
    [InlineData("gradcam-signed", 11.25, 13.5, 20.25, 22.5)]             // ¾ A₀ - ½ A₁: captum's expected values
    [InlineData("gradcam", 11.25, 13.5, 20.25, 22.5)]
    [InlineData("hirescam", 0.0, 4.0, 31.0 - 6, 40.0 - 15)]
    [InlineData("layercam", 0.0, 4.0, 31.0, 40.0)]
    [InlineData("gradcam-pp", -5 / 24.0, 4 / 24.0, 31 / 24.0,
        40 / 24.0)]  // α = 1 / (2 + 70) at three positions; A₁ has no positive gradient
    [InlineData("xgradcam", 4.0625, 9.875, 27.3125, 33.125)]              // 75/80 A₀ - 21/72 A₁
    [InlineData("ablationcam", 255.0, 741.0, 2199.0, 2685.0)]                     // (54 + 21) A₀ + (54 - 75) A₁
    public void Values_worked_by_hand(string method, params double[] expected)
    {
        using var scope = NewDisposeScope();
        using var network = HandMade();
        float[] map = Floats(
            ClassActivationMaps.Compute(network, "conv", arange(16, float32).view(1, 1, 4, 4), [0], ClassActivationMaps.Get(method))[0]);
        for (int p = 0; p < 4; p++) Assert.Equal(expected[p], map[p], 1e-4 * Math.Max(1, Math.Abs(expected[p])));
    }

    [Theory]
    [InlineData("resnet18", "layer4", "fc", false)]
    [InlineData("resnet18", "layer4", "fc", true)]
    [InlineData("mobilenet_v2", "features.18", "classifier.1", false)]
    [InlineData("mobilenet_v2", "features.18", "classifier.1", true)]
    public void Before_average_pooling_and_a_linear_head_the_methods_are_the_class_activation_map(
        string architecture, string layer, string head, bool modified)
    {
        using var scope = NewDisposeScope();
        using var network = Make(architecture, modified ? GradientFlow.Modified : GradientFlow.Standard);
        Tensor input = Input(3, 96);
        int[] classes = [4, 0, 6];
        IReadOnlyList<Tensor> maps = Compute(
            network, layer, input, classes, "gradcam-signed", "hirescam", "xgradcam", "layercam", "ablationcam");
        using var quiet = no_grad();
        var taps = new Probe(layer) { Output = true };
        ProbeResult result = network.Forward(input, taps);
        Tensor weights = network.State[head + ".weight"].index_select(
            0, tensor(classes, int64)), activations = result[layer], column = weights.unsqueeze(2).unsqueeze(3);
        long positions = activations.shape[2] * activations.shape[3];
        Tensor cam = (column * activations).sum(1) / positions; // Zhou et al. 2015, divided by Z
        foreach (int same in (int[])[0, 1, 2]) Close(cam, maps[same]);
        Close((column.relu() * activations).sum(1) / positions, maps[3]);
        Close((column * activations.mean([2L, 3], keepdim: true) * activations).sum(1), maps[4]);
        Tensor logits = result.Logits.gather(1, tensor(classes, int64).unsqueeze(1))
            .squeeze(1), bias = network.State[head + ".bias"].index_select(0, tensor(classes, int64));
        Close(logits - bias, maps[0].sum([1L, 2]));
    }

    [Theory]
    [InlineData("small_cnn", "block2")]
    [InlineData("small_cnn", "block3")]
    [InlineData("resnet18", "layer1.0.conv1")] // inside a block: what follows needs the input too
    public void Ablation_equals_removing_one_channel_at_a_time(string architecture, string layer)
    {
        using var scope = NewDisposeScope();
        using var network = Make(architecture, GradientFlow.Modified);
        Tensor input = Input(2, 32);
        int[] classes = [3, 5];
        Tensor actual = Compute(network, layer, input, classes, "ablationcam")[0];
        using var quiet = no_grad();
        var taps = new Probe(layer) { Output = true };
        ProbeResult whole = network.Forward(input, taps);
        Tensor activations = whole[layer].clone(), expected = zeros_like(actual);
        for (int c = 0; c < activations.shape[1]; c++)
        {
            using var step = NewDisposeScope();
            taps = taps.With(layer, output =>
            {
                Tensor without = output.clone();
                without.narrow(1, c, 1).zero_();
                return without;
            });
            Tensor drop = whole.Logits - network.Forward(input, taps).Logits;
            for (int n = 0; n < 2; n++) expected[n] += drop[n, classes[n]] * activations[n, c];
        }
        Close(expected, actual, 1e-3);
    }

    [Theory]
    [InlineData("resnet18", "layer4")]
    [InlineData("mobilenet_v2", "features.18")]
    [InlineData("small_cnn", "block4")]
    public void Ablation_before_average_pooling_and_a_linear_head_takes_no_pass_and_equals_the_slow_way(string architecture, string layer)
    {
        using var scope = NewDisposeScope();
        using var network = Make(architecture, GradientFlow.Modified);
        network.Eval();
        network.SetTrainable(false);
        Tensor input = Input(3, 64);
        int[] classes = [3, 5, 0];
        Tensor actual = Compute(network, layer, input, classes, "ablationcam")[0];
        using var quiet = no_grad();
        var taps = new Probe(layer) { Output = true };
        ProbeResult whole = network.Forward(input, taps);
        Tensor activations = whole[layer], expected = zeros_like(actual);
        Assert.True(activations.shape[2] > 1);
        for (int c = 0; c < activations.shape[1]; c++)
        {
            using var step = NewDisposeScope();
            Tensor without = activations.clone();
            without.narrow(1, c, 1).zero_();
            Tensor drop = whole.Logits - network.ContinueAfter(layer, without);
            for (int n = 0; n < 3; n++) expected[n] += drop[n, classes[n]] * activations[n, c];
        }
        Close(expected, actual, 1e-3);
        var pass = new EvidencePass(network, [layer], [LayerNeed.Logits]);
        var evidence = pass.Run(input, logits => tensor(classes, int64)).Layers[0];
        var sealedOff = new LayerEvidence(
            evidence.Activations, logits: (_, _) => throw new InvalidOperationException("a pass"), pooledWeights: evidence.PooledWeights);
        Close(actual, new AblationCam().Map(sealedOff));
    }

    [Fact]
    public void Maps_follow_from_the_image_and_its_class_alone()
    {
        using var scope = NewDisposeScope();
        using var network = Make("small_cnn", GradientFlow.Modified);
        Tensor input = Input(4, 32);
        string[] names = [.. ClassActivationMaps.Methods.Select(method => method.Name)];
        IReadOnlyList<Tensor> together = Compute(network, "block2", input, [1, 2, 3, 1], names);
        for (int n = 0; n < 4; n++)
        {
            IReadOnlyList<Tensor> alone = Compute(network, "block2", input.narrow(0, n, 1), [n == 3 ? 1 : n + 1], names);
            for (int m = 0; m < names.Length; m++) Close(together[m].narrow(0, n, 1), alone[m], 1e-3);
        }
        Assert.False(Compute(network, "block2", input, [2], "hirescam")[0].allclose(together[2]));
    }

    [Fact]
    public void Nothing_of_the_network_or_the_input_changes()
    {
        using var scope = NewDisposeScope();
        using var network = Make("small_cnn", GradientFlow.Modified);
        network.Train();
        network.SetTrainable(true);
        Tensor input = Input(2, 32), copy = input.clone();
        var before = network.State.ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone());
        ClassActivationMaps.Compute(network, "block3", input, [1, 2], ClassActivationMaps.Methods);
        Assert.True(input.equal(copy).all().item<bool>());
        Assert.False(input.requires_grad);
        Assert.True(network.Training);
        Assert.All(network.Parameters.Values, parameter => Assert.True(parameter.requires_grad && parameter.grad is null));
        foreach (var (name, value) in network.State) Assert.True(value.equal(before[name]).all().item<bool>(), name);
    }

    [Fact]
    public void A_hundred_calls_leave_no_tensor_behind()
    {
        using var network = Make("small_cnn", GradientFlow.Modified);
        using var input = Input(1, 16);
        void Once()
        {
            foreach (Tensor map in ClassActivationMaps.Compute(network, "block4", input, [1], ClassActivationMaps.Methods)) map.Dispose();
        }
        Once();
        long before = TensorCounts.Settled();
        for (int i = 0; i < 100; i++) Once();
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void What_cannot_be_mapped_is_refused_with_the_reason()
    {
        using var network = Make("small_cnn", GradientFlow.Standard);
        using var input = Input(1, 16);
        ClassActivationMap method = ClassActivationMaps.Get("gradcam");
        Assert.Contains(
            "block4", Assert.Throws<FoveaException>(() => ClassActivationMaps.Compute(network, "blok4", input, [1], method)).Message,
                StringComparison.Ordinal);
        Assert.Contains(
            "not a grid", Assert.Throws<FoveaException>(() => ClassActivationMaps.Compute(network, "fc", input, [1], method)).Message,
                StringComparison.Ordinal);
        Assert.Contains(
            "no class 7", Assert.Throws<FoveaException>(() => ClassActivationMaps.Compute(network, "block4", input, [7], method)).Message,
                StringComparison.Ordinal);
        Assert.Contains(
            "layercam", Assert.Throws<FoveaException>(() => ClassActivationMaps.Get("layercan")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ClassActivationMaps.Compute(network, "block4", input, [1, 2], method));
    }

    private static IReadOnlyList<Tensor> Compute(ImageModel network, string layer, Tensor input, int[] classes, params string[] methods) =>
        ClassActivationMaps.Compute(network, layer, input, classes, [.. methods.Select(ClassActivationMaps.Get)]);

    private static ImageModel Make(string architecture, GradientFlow flow)
    {
        ImageModel network = ImageModel.Create(architecture, 7, flow);
        network.Initialise(8);
        network.Eval();
        return network;
    }

    private static Tensor Input(int count, int side)
    {
        var random = new CounterRandom(3, "cam input", side);
        return tensor([.. Enumerable.Range(0, count * 3 * side * side).Select(_ => (float)random.NextGaussian())], [count, 3, side, side]);
    }

    /// <summary>Equal up to a part of the largest value.</summary>
    private static void Close(Tensor expected, Tensor actual, double tolerance = 1e-4)
    {
        Assert.Equal(expected.shape, actual.shape);
        double size = expected.abs().max().item<float>();
        Assert.True(size > 0);
        Assert.InRange((expected - actual).abs().max().item<float>() / size, 0, tolerance);
    }

    private static float[] Floats(Tensor values) => values.contiguous().data<float>().ToArray();

    private static ImageModel HandMade()
    {
        var g = new GraphBuilder();
        string x = g.Relu("relu", g.Conv("conv", g.Input, 1, 2, 3, bias: true));
        x = g.Apply(Operators.Flatten, OperatorAttributes.None, x);
        var model = new ImageModel(g.Build("hand_made", g.Linear("fc", x, 8, 4)), Preprocessing.ImageNet(null, 4));
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        model.State["conv.weight"].fill_(1);
        model.State["conv.bias"].copy_(tensor([-50f, -75]));
        model.State["fc.weight"].copy_(tensor([1f, 1, 1, 1, 1, -1, -1, -1]).expand(4, 8));
        model.State["fc.bias"].fill_(0);
        return model;
    }
}
