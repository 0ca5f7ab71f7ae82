using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Tests.Shared;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models;

/// <summary>A network for other classes: a fresh last layer, everything else as it was.</summary>
public sealed class NewHeadTests
{
    private static readonly ClassList Two = new([new ClassInfo("a", "first"), new ClassInfo("b", "second")]);

    [Fact]
    public void A_network_from_a_file_keeps_all_but_its_last_layer()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            using ImportedNetwork file = NetworkFile.Open(SmallPrograms.Classifier(classes: 8).Save(folder));
            using ImageModel before = file.ToModel(Preprocessing.ImageNet(null, 8)), after = before.WithNewHead(Two, 7);
            AssertKept(before, after, "fc", "drop");
            Assert.Equal(2, after.Outputs);
            Assert.Equal(Two, after.Classes);
            // The seed decides, and nothing else.
            using ImageModel again = before.WithNewHead(Two, 7), other = before.WithNewHead(Two, 8);
            Assert.True(after.State["fc.weight"].equal(again.State["fc.weight"]).all().item<bool>());
            Assert.False(after.State["fc.weight"].equal(other.State["fc.weight"]).all().item<bool>());
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    [Theory]
    [InlineData("squeeze_fire")]
    [InlineData("resnet_basic")]
    [InlineData("regnet_se")]
    [InlineData("maxvit")]
    [InlineData("two_heads")]
    [InlineData("torch26/squeeze_fire")]
    public void A_network_that_PyTorch_exported_gets_another_last_layer(string name)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        string path = SharedData.Path($"reference/networks/{name}/{Path.GetFileName(name)}.pt2");
        using ImportedNetwork file = NetworkFile.Open(path);
        (int height, int _) = file.ImageSize ?? (32, 32);
        using ImageModel before = file.ToModel(Preprocessing.ImageNet(null, height)), after = before.WithNewHead(Two, 7);
        ClassifierHead head = ClassifierHead.Of(before.Graph);
        AssertKept(before, after, head.NameIn(before.Graph), head.Input);
        Assert.Equal(before.Graph.FixedBatch, after.Graph.FixedBatch);
    }

    [Theory]
    [InlineData("resnet18", "fc")]
    [InlineData("mobilenet_v2", "classifier.1")]
    [InlineData("small_cnn", "fc")]
    public void A_network_of_the_catalogue_is_then_the_one_for_these_classes(string architecture, string layer)
    {
        using ImageModel before = ImageModel.Create(architecture, 8, GradientFlow.Modified, Preprocessing.ImageNet(null, 64));
        using ImageModel after = before.WithNewHead(Two, 3), expected = ImageModel.Create(
            architecture, 2, GradientFlow.Modified, before.Preprocessing, 3);
        Assert.Equal(layer, ClassifierHead.Of(before.Graph).NameIn(before.Graph));
        Assert.Equal(expected.State.Keys, after.State.Keys);
        // Both draw from (seed, name): all weights of a fresh network of the same seed.
        before.Initialise(3);
        using ImageModel same = before.WithNewHead(Two, 3);
        Assert.Equal(ModelFingerprint.Of(expected), ModelFingerprint.Of(same));
    }

    [Fact]
    public void A_convolution_that_is_pooled_is_a_last_layer_and_sizes_written_after_it_follow()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var g = new GraphBuilder();
        string x = g.Relu("relu", g.Conv("features", g.Input, 3, 5, 3, padding: 1));
        x = g.Relu("last", g.Conv("classifier", g.Dropout("drop", x, 0.5), 5, 7, 1, bias: true));
        x = g.Apply(Operators.Get("reshape"),
            new() { ["shape"] = new long[] { 1, 7 }, ["from"] = new[] { SizeList.PerImage, SizeList.Fixed } },
            g.AveragePositions("pool", x));
        using var before = new ImageModel(g.Build("squeezed", x), Preprocessing.ImageNet(null, 8));
        before.Initialise(2);
        using ImageModel after = before.WithNewHead(Two, 1);
        AssertKept(before, after, "classifier", "drop");
        Assert.Equal([2, 5, 1, 1], after.State["classifier.weight"].shape);
        Tensor images = Images(3, 8), features = after.Forward(images, new Probe("drop"))["drop"];
        // Σ over channels, ReLU, mean over positions: by hand.
        Tensor expected =
            (features.permute(0, 2, 3, 1).matmul(after.State["classifier.weight"].reshape(2, 5).t()) + after.State["classifier.bias"])
            .clamp_min(0).mean([1, 2]);
        Assert.True((after.Forward(images) - expected).abs().max().item<float>() < 1e-6);
    }

    /// <summary>A convolution of what was pooled, whose answer loses its two sizes of 1 by <c>[..., 0, 0]</c>.</summary>
    [Fact]
    public void A_convolution_behind_pooling_is_a_last_layer_however_its_sizes_of_one_go()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var g = new GraphBuilder();
        string x = g.Relu("relu", g.Conv("features", g.Input, 3, 5, 3, padding: 1));
        x = g.Apply(Operators.Get("mean"), new() { ["dims"] = new long[] { 2, 3 }, ["keepdim"] = true }, x);
        x = g.Conv("classifier", x, 5, 7, 1, bias: true);
        foreach (int _ in (int[])[1, 2]) x = g.Apply(Operators.Get("select"), new() { ["dim"] = -1L, ["index"] = 0L }, x);
        using var before = new ImageModel(g.Build("squeezed", x), Preprocessing.ImageNet(null, 8));
        before.Initialise(2);
        using ImageModel after = before.WithNewHead(Two, 1);
        Assert.Equal([3, 2], after.Forward(Images(3, 8)).shape);
        Assert.Equal([2, 5, 1, 1], after.State["classifier.weight"].shape);
    }

    [Fact]
    public void Probabilities_made_of_the_numbers_are_left_out_and_a_product_with_a_sum_is_a_layer()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var g = new GraphBuilder();
        string x = Pooled(g);
        string weight = g.Weight("head.kernel", WeightKind.Parameter, 5, 7), bias = g.Weight("head.offset", WeightKind.Parameter, 7);
        x = g.Layer("product", Operators.Get("matmul"), OperatorAttributes.None, x, weight);
        x = g.Layer("softmax", Operators.Get("softmax"), new() { ["dim"] = 1 }, g.Add(x, bias));
        using var before = new ImageModel(g.Build("probabilities", x), Preprocessing.ImageNet(null, 8));
        before.Initialise(2);
        using ImageModel after = before.WithNewHead(Two, 1);
        Assert.DoesNotContain("head.offset", after.State.Keys);
        Assert.DoesNotContain("softmax", after.LayerNames);
        Assert.Equal([2, 5], after.State["head.kernel"].shape);
        Tensor images = Images(3, 8), features = after.Forward(images, new Probe("flatten"))["flatten"];
        Tensor expected = features.matmul(after.State["head.kernel"].t()) + after.State["head.kernel.bias"];
        Assert.True((after.Forward(images) - expected).abs().max().item<float>() < 1e-6);
    }

    public static TheoryData<string, string> Refused => new()
    {
        { "pooled", "of windows" }, { "shortcut", "made by add (add)" }, { "two", "there are 2, one and two" }, { "normalised", "norm" },
        { "activated", "relu follows" }, { "tied", "also those of" }, { "one length", "calculated" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Where_there_is_no_single_last_layer_it_says_what_stands_there(string kind, string expected)
    {
        var g = new GraphBuilder();
        string x = Pooled(g);
        x = kind switch
        {
            "pooled" => x,
            "shortcut" => g.Add(x, x),
            "two" => g.Add(g.Linear("one", x, 5, 7), g.Linear("two", x, 5, 7)),
            "normalised" => g.Layer("norm", Operators.LayerNorm, new() { ["shape"] = new long[] { 7 } }, g.Linear("fc", x, 5, 7)),
            "activated" => g.Relu("relu", g.Linear("fc", x, 5, 7)),
            "one length" => g.Layer("fc", Operators.Linear, OperatorAttributes.None, x,
                g.Apply(Operators.Get("mul"), OperatorAttributes.None, g.Weight("fc.weight", WeightKind.Parameter, 7, 5),
                    g.Weight("fc.scale", WeightKind.Parameter, 7, 1))),
            _ => Tied(g, x),
        };
        using var network = new ImageModel(g.Build("mine", x), Preprocessing.ImageNet(null, 8));
        var refused = Assert.Throws<FoveaException>(() => network.WithNewHead(Two, 1));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Configuration, refused.Kind);

        static string Tied(GraphBuilder g, string x)
        {
            string weight = g.Weight("shared.weight", WeightKind.Parameter, 5, 5);
            return g.Layer("second", Operators.Linear, OperatorAttributes.None,
                g.Relu("between", g.Layer("first", Operators.Linear, OperatorAttributes.None, x, weight)), weight);
        }
    }

    private static string Pooled(GraphBuilder g) =>
        g.Apply(Operators.Flatten, OperatorAttributes.None, g.AveragePositions("pool", g.Conv("conv", g.Input, 3, 5, 3)));

    /// <summary>What comes before the last layer is the same to the last bit, and what it then says follows from its new weights.</summary>
    private static void AssertKept(ImageModel before, ImageModel after, string layer, string read)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        string[] fresh = [.. before.State.Keys.Where(name => name.StartsWith(layer + ".", StringComparison.Ordinal))];
        Assert.NotEmpty(fresh);
        Assert.Equal(before.State.Keys, after.State.Keys);
        foreach (var (name, tensor) in before.State)
            if (!fresh.Contains(name)) Assert.True(tensor.equal(after.State[name]).all().item<bool>(), name);
        Tensor images = Images(3, before.Preprocessing.OutputSize.Height);
        Tensor old = before.Forward(images, new Probe(read))[read];
        ProbeResult now = after.Forward(images, new Probe(read) { Output = true });
        Assert.True(old.equal(now[read]).all().item<bool>());
        Assert.Equal([3, 2], now.Logits.shape);
        Tensor weight = after.State[layer + ".weight"];
        Assert.Equal(2, weight.shape[0]);
        Assert.True(weight.abs().max().item<float>() > 0);
        if (weight.dim() != 2 || old.dim() != 2) return;
        Tensor expected = old.matmul(weight.t()) + (after.State.TryGetValue(layer + ".bias", out Tensor? bias) ? bias : zeros(2));
        Assert.True((now.Logits - expected).abs().max().item<float>() < 1e-6);
    }

    private static Tensor Images(int count, int side) =>
        arange(0, count * 3 * side * side, dtype: float32).reshape(count, 3, side, side).sin();
}
