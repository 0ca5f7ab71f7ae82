using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Numerics;
using Fovea.Tests.Dictionaries;
using Fovea.Tests.Models.Torch;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models;

public sealed class ProbeTests
{
    public static TheoryData<string> Names => [.. Architectures.All.Select(a => a.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Reading_every_layer_changes_no_answer(string name)
    {
        using var scope = NewDisposeScope();
        using var model = ImageModel.Create(name, 7);
        Tensor input = Samples.Normal([2, 3, 64, 64], "probe", ScalarType.Float32);
        ProbeResult result = model.Forward(input, new Probe(model.LayerNames) { Output = true });
        // Where raw convolutions are read their normalisations are not folded in: not the same bits.
        PlainRun.Close(model.Forward(input), result.Logits, name);
        foreach (ModelLayer layer in model.Shapes(64, 64))
            Assert.Equal([2, .. layer.Shape.Select(size => (long)size)], result[layer.Name].shape);
        Same(result.Logits, result[model.Head]);
    }

    [Theory]
    [InlineData("resnet18", "layer4.1.conv2", new long[] { 2, 512, 2, 2 })]
    [InlineData("resnet18", "layer3", new long[] { 2, 256, 4, 4 })]
    [InlineData("mobilenet_v2", "features.18", new long[] { 2, 1280, 2, 2 })]
    [InlineData("mobilenet_v2", "features.18.0", new long[] { 2, 1280, 2, 2 })]
    [InlineData("small_cnn", "block4", new long[] { 2, 128, 8, 8 })]
    public void A_pass_stops_after_the_deepest_layer_that_is_read(string name, string layer, long[] shape)
    {
        using var scope = NewDisposeScope();
        using var model = ImageModel.Create(name, 7);
        // Weights that only what follows the layer reads are spoilt: whoever ran it would fail.
        NetworkGraph graph = model.Graph;
        var before = new ForwardPlan(graph, new Probe(layer)).Steps.SelectMany(step => graph.Nodes[step.Node].Inputs).ToHashSet();
        foreach (var (weight, tensor) in model.State)
            if (!before.Contains(weight)) tensor.Dispose();
        ProbeResult result = model.Forward(zeros(2, 3, 64, 64), new Probe(layer));
        Assert.False(result.HasLogits);
        Assert.Equal(shape, result[layer].shape);
        Assert.Throws<InvalidOperationException>(() => result.Logits);
        Assert.ThrowsAny<Exception>(() => model.Forward(zeros(2, 3, 64, 64)));
    }

    [Fact]
    public void An_edit_is_what_the_rest_sees_and_reads()
    {
        using var scope = NewDisposeScope();
        using var model = ImageModel.Create("resnet18", 7);
        Tensor input = Samples.Normal([2, 3, 64, 64], "probe", ScalarType.Float32);
        Probe plain = new("layer4") { Output = true }, edited = plain.With("layer3", x => zeros_like(x)).With("layer4", x => x * 0 + 1);
        ProbeResult result = model.Forward(input, edited);
        Assert.Equal(1f, result["layer4"].max().item<float>());
        Same(result.Logits[0], result.Logits[1]); // nothing of the image is left
        Same(model.Forward(input), model.Forward(input, plain).Logits);
    }

    [Fact]
    public void Names_of_one_value_are_edited_and_read_in_their_order()
    {
        using var scope = NewDisposeScope();
        using var model = ImageModel.Create("resnet18", 7);
        Tensor input = Samples.Normal([1, 3, 64, 64], "probe", ScalarType.Float32);
        Probe probe = new Probe("layer4.1.relu2", "layer4.1", "layer4").With("layer4.1", x => x + 1);
        ProbeResult result = model.Forward(input, probe);
        Same(result["layer4.1.relu2"] + 1, result["layer4.1"]);
        Same(result["layer4.1"], result["layer4"]);
    }

    [Fact]
    public void An_edit_of_another_shape_is_refused()
    {
        using var scope = NewDisposeScope();
        using var model = ImageModel.Create("small_cnn", 7);
        var error = Assert.Throws<FoveaException>(() => model.Forward(zeros(1, 3, 64, 64), new Probe().With("block2", x => x[.., ..3])));
        Assert.Contains("block2", error.Message);
    }

    [Fact]
    public void The_gradient_at_a_layer_matches_the_difference_of_edits()
    {
        using var scope = NewDisposeScope();
        using var model = ImageModel.Create("small_cnn", 7, GradientFlow.Modified);
        model.ToType(ScalarType.Float64);
        var input = Noise(3, 64);
        Tensor gradient = model.Forward(input, new Probe("block3") { Gradient = new ProbeGradient(read => read.Logits[0, 2], ["block3"]) })
            .Gradient("block3");
        const double step = 1e-7; // small: LeakyReLU has a kink at 0, and thousands of units are near it
        var direction = Noise(128, 8);
        double Logit(double sign) =>
            model.Forward(input, new Probe().With("block3", x => x + sign * step * direction)).Logits[0, 2].item<double>();
        double numeric = (Logit(1) - Logit(-1)) / (2 * step), exact = (gradient * direction).sum().item<double>();
        Assert.Equal(exact, numeric, 1e-6 * Math.Abs(exact));

        static Tensor Noise(int channels, int size)
        {
            var random = new CounterRandom(1, "taps", channels);
            var values = new double[channels * size * size];
            for (int i = 0; i < values.Length; i++) values[i] = random.NextGaussian();
            return tensor(values, [1, channels, size, size]);
        }
    }

    /// <summary>Parallel branches, one inside another, and the input: each has the gradient that it has alone.</summary>
    [Theory]
    [InlineData("layer2.0.conv1", "layer2.0.downsample.0")]
    [InlineData("layer2.0.downsample", "layer2.0.bn2", "layer2.0", "layer3.1.conv1")]
    [InlineData("layer3.1.relu1", "layer3.0", "input", "layer1")]
    public void Layers_on_parallel_branches_have_their_gradients(params string[] layers)
    {
        using var scope = NewDisposeScope();
        using var model = ImageModel.Create("resnet18", 7);
        Tensor input = Samples.Normal([2, 3, 64, 64], "probe", ScalarType.Float32);
        ProbeResult all = Differentiate(layers);
        foreach (string layer in layers)
        {
            Tensor alone = Differentiate(layer).Gradient(layer);
            Assert.Equal(all[layer].shape, alone.shape);
            Assert.True(alone.abs().max().item<float>() > 0);
            Assert.InRange((all.Gradient(layer) - alone).abs().max().item<float>() / alone.abs().max().item<float>(), 0, 1e-5);
        }

        ProbeResult Differentiate(params string[] by) =>
            model.Forward(input, new Probe { Gradient = new ProbeGradient(read => read.Logits.select(1, 3).sum(), by) });
    }

    [Fact]
    public void A_gradient_that_does_not_exist_is_refused()
    {
        using var scope = NewDisposeScope();
        using var model = ImageModel.Create("small_cnn", 7);
        Tensor input = zeros(1, 3, 64, 64);
        foreach (Func<ProbeResult, Tensor> of in (Func<ProbeResult, Tensor>[])[read => read.Logits.detach()
            .sum(), read => read.Logits.argmax(1), read => read["block2"].sum()])
        {
            var error = Assert.Throws<FoveaException>(
                () => model.Forward(input, new Probe("block2") { Gradient = new ProbeGradient(of, ["block3"]) }));
            Assert.Equal(FailureKind.Configuration, error.Kind);
        }
    }

    [Fact]
    public void Other_passes_are_untouched()
    {
        using var scope = NewDisposeScope();
        using var model = ImageModel.Create("small_cnn", 7);
        Tensor input = Samples.Normal([1, 3, 64, 64], "probe", ScalarType.Float32), plain = model.Forward(input);
        model.Forward(input, new Probe().With("block2", x => x * 0));
        Same(plain, model.Forward(input));
    }

    [Fact]
    public void Results_join_the_dispose_scope_around_them()
    {
        using var model = ImageModel.Create("small_cnn", 7);
        Tensor kept;
        using (NewDisposeScope())
        {
            kept = model.Forward(zeros(1, 3, 64, 64), new Probe("block2"))["block2"];
            Assert.False(kept.IsInvalid);
        }
        Assert.True(kept.IsInvalid);
    }

    [Fact]
    public void An_unknown_layer_is_refused_with_the_nearest_names()
    {
        using var model = ImageModel.Create("resnet18", 7);
        using Tensor input = zeros(1, 3, 64, 64);
        var error = Assert.Throws<FoveaException>(() => model.Forward(input, new Probe("layer4", "layer4.1.conv3")));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("layer4.1.conv2", error.Message);
    }

    private static void Same(Tensor expected, Tensor actual) => Assert.True(expected.equal(actual).all().item<bool>());
}
