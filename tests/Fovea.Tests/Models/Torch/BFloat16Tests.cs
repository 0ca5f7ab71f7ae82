using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Numerics;
using Fovea.Tests.Dictionaries;
using Xunit;
using static Fovea.Tests.FastPathRuns;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Torch;

public sealed class BFloat16Tests
{
    public static TheoryData<string> Names => [.. Architectures.All.Select(a => a.Name)];

    [Fact]
    public void A_convolution_multiplies_rounded_numbers_and_sums_them_in_single_precision()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var build = new GraphBuilder();
        string pooled = build.Apply(Operators.Flatten, OperatorAttributes.None, build.AveragePositions(
            "pool", build.Relu("relu", build.Conv("conv", build.Input, 3, 16, 3, padding: 1, bias: true))));
        using var model = new ImageModel(build.Build("small", build.Linear("fc", pooled, 16, 5)), Preprocessing.ImageNet(null, 9));
        model.Initialise(4);
        model.State["conv.bias"].copy_(Samples.Normal([16], "bias", ScalarType.Float32));
        Tensor input = Samples.Normal([2, 3, 9, 9], "half", ScalarType.Float32);
        ProbeResult read = model.InBFloat16().Forward(input, new Probe("conv", "pool") { Output = true });
        static Tensor Rounded(Tensor x) => x.to(ScalarType.BFloat16).to(float32);
        Tensor expected = nn.functional.conv2d(
            Rounded(input), Rounded(model.State["conv.weight"]), Rounded(model.State["conv.bias"]), [1, 1], [1, 1]);
        Assert.Equal(ScalarType.Float32, read["conv"].dtype);
        // Half a unit of the last of eight bits, and a little for sums that fall on the other side of a rounding.
        Tensor apart = (read["conv"] - expected).abs(), allowed = expected.abs() / 256 + 1e-6;
        Assert.True((apart <= allowed).all().item<bool>());
        Assert.True(apart.max().item<float>() > 1e-4);
        // The last layer is of single precision: its answer is that of what it read.
        Tensor before = read["pool"].flatten(1);
        Tensor answer = nn.functional.linear(before, model.State["fc.weight"], model.State["fc.bias"]);
        PlainRun.Close(answer, read.Logits, "answer");
        Assert.Equal(ScalarType.Float32, read.Logits.dtype);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_layer_and_gradient_is_that_of_single_precision_to_a_few_percent(string name)
    {
        using var scope = NewDisposeScope();
        using var model = PlainRun.Trained(name);
        ImageModel half = model.InBFloat16();
        Tensor input = Samples.Normal([2, 3, 32, 32], "halves", ScalarType.Float32);
        using (no_grad())
        {
            string[] layers = [.. model.Shapes(32, 32).Where(layer => layer.Shape.Count == 3).Select(layer => layer.Name)];
            // All at once nothing is folded; each block alone, and everything between is.
            var all = new Probe(layers);
            ProbeResult single = model.Forward(input, all), halves = half.Forward(input, all);
            foreach (string layer in layers)
            {
                Tensor expected = single[layer], actual = halves[layer];
                if (!layer.Contains('.') || layer == Architectures.Get(name).DefaultLayer) Near(expected, half.Forward(input, new Probe(layer))[layer]);
                Near(expected, actual);
            }
            static void Near(Tensor expected, Tensor actual)
            {
                Assert.Equal(ScalarType.Float32, actual.dtype);
                Assert.InRange((actual - expected).abs().max().item<float>() / expected.abs().max().item<float>(), 1e-5, 0.08);
            }
            Assert.True(TimesRun(FastPath.FoldedNormalisation, () => half.Forward(input)) > 3);
        }
        string middle = Architectures.Get(name).DefaultLayer;
        var probe = new Probe { Gradient = new ProbeGradient(read => read.Logits.narrow(1, 2, 1).sum(), [middle]) };
        Tensor slope = model.Forward(input, probe).Gradient(middle).flatten(), other = half.Forward(input, probe).Gradient(middle).flatten();
        Assert.Equal(ScalarType.Float32, other.dtype);
        Assert.True(nn.functional.cosine_similarity(slope, other, 0, 1e-12).item<float>() > 0.98);
    }

    [Fact]
    public void An_edit_sees_single_precision_and_weights_in_both_live_beside_each_other()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = PlainRun.Trained("resnet18");
        ImageModel half = model.InBFloat16();
        Tensor input = Samples.Normal([2, 3, 64, 64], "edit", ScalarType.Float32), single = model.Forward(input), first = half.Forward(input);
        ScalarType seen = default;
        Tensor edited = half.Forward(input, new Probe { Output = true }.With("layer2", x =>
        {
            seen = x.dtype;
            return zeros_like(x);
        })).Logits;
        Assert.Equal(ScalarType.Float32, seen);
        Assert.Equal(0, (edited[0] - edited[1]).abs().max().item<float>());
        Assert.True(single.equal(model.Forward(input)).all().item<bool>() && first.equal(half.Forward(input)).all().item<bool>());
        model.State["conv1.weight"].mul_(-1);
        Assert.False(first.equal(half.Forward(input)).all().item<bool>());
    }
}
