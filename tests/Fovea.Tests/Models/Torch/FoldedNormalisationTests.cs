using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Models.Torch;
using Fovea.Numerics;
using Fovea.Tests.Dictionaries;
using Xunit;
using static Fovea.Tests.FastPathRuns;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Torch;

public sealed class FoldedNormalisationTests
{
    public static TheoryData<string, bool> Networks =>
        [.. Architectures.All.SelectMany(
            one => new[] { false, true }, (one, modified) => new TheoryDataRow<string, bool>(one.Name, modified))];

    [Fact]
    public void The_folded_weights_are_those_of_the_formula()
    {
        using var scope = NewDisposeScope();
        Tensor weight = Samples.Normal([3, 2, 2, 2], "fold/weight", ScalarType.Float32), bias = Samples.Normal(
            [3], "fold/bias", ScalarType.Float32);
        float[] gamma = [1.5f, -0.7f, 0], beta = [0.2f, 0, -3], mean = [0.1f, -2, 0.5f], variance = [0.3f, 0, 4];
        var (folded, shift) = FoldedNormalisation.Of(
            weight, bias, new Tensor?[] { tensor(gamma), tensor(beta), tensor(mean), tensor(variance) }, 1e-3);
        var (bare, only) = FoldedNormalisation.Of(weight, null, new Tensor?[] { null, null, tensor(mean), tensor(variance) }, 1e-3);
        for (int o = 0; o < 3; o++)
        {
            double root = Math.Sqrt(variance[o] + 1e-3);
            for (int i = 0; i < 8; i++)
            {
                float w = weight[o].flatten()[i].item<float>();
                Assert.Equal(w * gamma[o] / root, folded[o].flatten()[i].item<float>(), 1e-6 * Math.Abs(w / root));
                Assert.Equal(w / root, bare[o].flatten()[i].item<float>(), 1e-6 * Math.Abs(w / root));
            }
            Assert.Equal((bias[o].item<float>() - mean[o]) * gamma[o] / root + beta[o], shift[o].item<float>(), 1e-5);
            Assert.Equal(-mean[o] / root, only[o].item<float>(), 1e-5);
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Answers_every_layer_and_gradients_are_those_of_the_network_as_it_is_written(string name, bool modified)
    {
        using var scope = NewDisposeScope();
        using var model = PlainRun.Trained(name, modified ? GradientFlow.Modified : GradientFlow.Standard);
        Tensor input = Samples.Normal([2, 3, 32, 32], "folded", ScalarType.Float32);
        int pairs = Enumerable.Range(0, model.Graph.Nodes.Count).Count(node => FoldedNormalisation.Before(model.Graph, node) >= 0);
        using (no_grad())
        {
            var whole = new Probe(model.Head) { Output = true };
            Assert.Equal(pairs, TimesRun(FastPath.FoldedNormalisation, () => model.Forward(input, whole)));
            Assert.True(pairs > 3);
            ProbeResult plain = PlainRun.Of(model, input, new Probe(model.LayerNames) { Output = true });
            PlainRun.Close(plain.Logits, model.Forward(input), "answer");
            foreach (string layer in model.LayerNames)
                PlainRun.Close(plain[layer], model.Forward(input, new Probe(layer))[layer], layer);
        }
        string middle = Architectures.Get(name).DefaultLayer;
        foreach (string by in new[] { model.Graph.Input, middle })
        {
            var probe = new Probe { Gradient = new ProbeGradient(read => read.Logits.square().sum(), [by]) };
            // A value within rounding of a rectifier's kink takes its other side where sums have another order: then a draw is off, not all.
            Assert.Contains(new[] { "folded", "folded twice", "folded thrice" }, draw =>
            {
                Tensor images = Samples.Normal([2, 3, 32, 32], draw, ScalarType.Float32);
                Tensor fast = model.Forward(images, probe).Gradient(by), plain = PlainRun.Of(model, images, probe).Gradient(by);
                float largest = plain.abs().max().item<float>();
                return largest > 0 && (fast - plain).abs().max().item<float>() <= 3e-5f * largest;
            });
        }
    }

    [Fact]
    public void What_somebody_reads_or_edits_between_the_two_is_there_and_only_there_is_nothing_folded()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = PlainRun.Trained("resnet18");
        Tensor input = Samples.Normal([2, 3, 64, 64], "between", ScalarType.Float32);
        long all = TimesRun(FastPath.FoldedNormalisation, () => model.Forward(input));
        Assert.Equal(20, all);
        var reading = new Probe("layer2.0.conv1") { Output = true };
        ProbeResult read = null!;
        Assert.Equal(all - 1, TimesRun(FastPath.FoldedNormalisation, () => read = model.Forward(input, reading)));
        PlainRun.Close(PlainRun.Of(model, input, reading)["layer2.0.conv1"], read["layer2.0.conv1"], "raw convolution");
        PlainRun.Close(model.Forward(input), read.Logits, "answer beside a reading");
        Probe editing = new Probe { Output = true }.With("layer2.0.conv1", x => x * 0.5f + 1);
        ProbeResult edited = null!;
        Assert.Equal(all - 1, TimesRun(FastPath.FoldedNormalisation, () => edited = model.Forward(input, editing)));
        PlainRun.Close(PlainRun.Of(model, input, editing).Logits, edited.Logits, "answer of an edit");
        // A pass that goes on from the raw convolution has nothing to fold it into.
        Tensor raw = read["layer2.0.conv1"];
        Assert.True((edited.Logits - read.Logits).abs().max().item<float>() > 1e-3);
        using var tail = NewDisposeScope();
        var pass = new LayerTail(model, "layer2.0.conv1").Run(input);
        PlainRun.Close(read.Logits, pass.With(raw), "tail");
    }

    [Fact]
    public void Two_readers_a_calculated_weight_and_rows_of_tokens_are_not_folded()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var build = new GraphBuilder();
        string conv = build.Conv("conv", build.Input, 3, 4, 1);
        string norm = build.BatchNorm("norm", conv, 4);
        string both = build.Add(norm, conv);
        string twice = build.Apply(Operators.Sum, new() { ["scalar"] = 0.25 }, build.Weight("scale", WeightKind.Parameter, 4));
        string second = build.Layer("second", Operators.BatchNorm, OperatorAttributes.None, build.Conv("other", both, 4, 4, 1), twice,
            build.Weight("shift", WeightKind.Parameter, 4), build.Weight("mean", WeightKind.Buffer, 4),
            build.Weight("var", WeightKind.Buffer, 4));
        string rows = build.Apply(Operators.Flatten, new() { ["start"] = 2 }, second);
        string linear = build.Linear("linear", rows, 25, 6);
        string third = build.BatchNorm("third", linear, 4);
        using var model = new ImageModel(build.Build("odd", third), Preprocessing.ImageNet(null, 5));
        model.Initialise(2);
        PlainRun.Disturb(model);
        foreach (string name in new[] { "var", "scale" }) model.State[name].fill_(0.7f);
        model.Eval();
        Tensor input = Samples.Normal([2, 3, 5, 5], "odd", ScalarType.Float32);
        Tensor answer = null!;
        Assert.Equal(0, TimesRun(FastPath.FoldedNormalisation, () => answer = model.Forward(input)));
        PlainRun.Close(PlainRun.Of(model, input, new Probe { Output = true }).Logits, answer, "odd");
    }

    [Fact]
    public void A_linear_layer_of_rows_is_folded_and_in_double_precision_nothing_is_lost()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var build = new GraphBuilder();
        string pooled = build.Apply(
            Operators.Flatten, OperatorAttributes.None, build.AveragePositions("pool", build.Conv("conv", build.Input, 3, 8, 3)));
        using var model = new ImageModel(
            build.Build("rows", build.BatchNorm("norm", build.Linear("linear", pooled, 8, 5), 5)), Preprocessing.ImageNet(null, 9));
        model.Initialise(2);
        PlainRun.Disturb(model);
        model.Eval();
        model.ToType(ScalarType.Float64);
        Tensor input = Samples.Normal([4, 3, 9, 9], "rows", ScalarType.Float64), answer = null!;
        Assert.Equal(1, TimesRun(FastPath.FoldedNormalisation, () => answer = model.Forward(input)));
        double apart = (PlainRun.Of(model, input, new Probe { Output = true }).Logits - answer).abs().max().item<double>();
        Assert.InRange(apart, 0, 1e-14);
    }

    [Fact]
    public void Weights_that_learn_have_the_gradients_of_the_network_as_it_is_written()
    {
        using var scope = NewDisposeScope();
        using var model = PlainRun.Trained("small_cnn");
        model.SetTrainable(true);
        Tensor input = Samples.Normal([3, 3, 64, 64], "learn", ScalarType.Float32);
        foreach (bool training in new[] { false, true })
        {
            model.Train(training);
            model.SeedDropout(1, 1);
            Assert.Equal(0, TimesRun(FastPath.FoldedNormalisation, () => Gradients.Accumulate(model.Forward(input).square().sum())));
            Tensor[] fast = [.. model.Parameters.Values.Select(weight => weight.grad!.clone())];
            foreach (Tensor weight in model.Parameters.Values) weight.grad = null;
            model.SeedDropout(1, 1);
            Gradients.Accumulate(PlainRun.Of(model, input, new Probe { Output = true }).Logits.square().sum());
            foreach (var ((name, weight), mine) in model.Parameters.Zip(fast))
            {
                // In training a bias before a normalisation has no effect, and its gradient is rounding alone.
                if (weight.grad!.abs().max().item<float>() > 1e-3)
                    Assert.InRange((weight.grad - mine).abs().max().item<float>() / weight.grad.abs().max().item<float>(), 0, 1e-3);
                weight.grad = null;
                Assert.NotEmpty(name);
            }
        }
    }
}
