using Fovea.Activations;
using Fovea.Activations.Filters;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Tests.Dictionaries;
using Fovea.Tests.Models.Onnx;
using Fovea.Tests.Shared;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Import;

/// <summary>Networks whose images are not apart from each other: in their numbers, or only in how a value is written.</summary>
public sealed class BatchTrustTests : IDisposable
{
    private static readonly Preprocessing Input = new(null, 8, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-batch-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Images_that_change_each_other_are_run_one_at_a_time()
    {
        using var scope = NewDisposeScope();
        using ImportedNetwork file = NetworkFile.Open(MixedPrograms.OverBatch(-1).Save(_root));
        using ImageModel model = file.ToModel(Input);
        Assert.True(BatchCheck.Difference(model, 8, 8) > 1e-2);
        string line = Assert.IsType<string>(BatchTrust.Judge(file, model, () => file.ToModel(Input, oneByOne: true)));
        Assert.Contains("one image at a time", line, StringComparison.Ordinal);
        using ImageModel alone = file.ToModel(Input, oneByOne: true);
        Tensor x = Samples.Normal([4, 3, 8, 8], "images", float32);
        // One image: the mean over the batch is the image's own.
        Tensor maps = TorchSharp.torch.nn.functional.conv2d(x, alone.State["conv.weight"]);
        Tensor expected = (maps * 0.5).relu().mean([2, 3]);
        ProbeResult read = alone.Forward(x, new Probe("relu") { Output = true });
        Assert.True(BatchCheck.Relative(read.Logits, expected) < 1e-6);
        Assert.True(BatchCheck.Relative(read["relu"], (maps * 0.5).relu()) < 1e-6);
        Assert.Equal(0, BatchCheck.Difference(alone, 8, 8, ["relu"]));
        // The graph of a run is kept with it.
        ModelFile.Save(Path.Combine(_root, "model"), alone, null);
        using ImageModel kept = ModelFile.Load(Path.Combine(_root, "model"));
        Assert.Equal(1, kept.Graph.FixedBatch);
        Assert.True(BatchCheck.Relative(kept.Forward(x), expected) < 1e-6);
    }

    [Fact]
    public void A_fixed_number_of_images_that_mixes_them_is_refused()
    {
        using ImportedNetwork file = NetworkFile.Open(MixedPrograms.OverBatch(2).Save(_root));
        using ImageModel model = file.ToModel(Input);
        Assert.Equal(2, model.Graph.FixedBatch);
        FoveaException error = Assert.Throws<FoveaException>(() => BatchTrust.Judge(file, model, () => file.ToModel(Input, oneByOne: true)));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains("takes exactly 2 images at a time", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_keeps_its_images_apart_is_left_as_it_is()
    {
        foreach (long batch in new[] { -1L, 2 })
        {
            using ImportedNetwork file = NetworkFile.Open(SmallPrograms.Classifier(batch).Save(_root));
            using ImageModel model = file.ToModel(Input);
            Assert.Null(BatchTrust.Judge(file, model, () => throw new InvalidOperationException(), ["bn", "add_"]));
        }
    }

    /// <summary>Both images of a fixed batch stand among the channels of a convolution: nothing mixes, but its value is not one
    /// image's.</summary>
    [Fact]
    public void A_layer_that_holds_two_images_in_one_row_is_told_apart()
    {
        using var scope = NewDisposeScope();
        using ImportedNetwork file = NetworkFile.Open(MixedPrograms.InOneRow().Save(_root));
        using ImageModel model = file.ToModel(Input);
        Assert.Equal(2, model.Graph.FixedBatch);
        ModelLayer conv = model.Layers.Single(layer => layer.Name == "conv"), relu = model.Layers.Single(layer => layer.Name == "relu");
        Assert.Equal((2, false), (conv.Together, conv.IsGrid));
        Assert.Equal([1, 16, 6, 6], conv.Shape);
        Assert.Equal(((int?)null, true), (relu.Together, relu.IsGrid));
        Assert.Equal([8, 6, 6], relu.Shape);
        Assert.Equal("relu", LayerChoice.Of(model, model.Layers).Layer?.Name);
        Assert.Null(BatchTrust.Judge(file, model, () => throw new InvalidOperationException()));
        Tensor weight = model.State["conv.weight"].narrow(0, 0, 8);
        foreach (long count in new[] { 1L, 2, 3, 5 })
        {
            Tensor x = Samples.Normal([count, 3, 8, 8], "images", float32), maps = TorchSharp.torch.nn.functional.conv2d(x, weight);
            Assert.True(BatchCheck.Relative(model.Forward(x), maps.relu().mean([2, 3])) < 1e-5);
            Assert.True(BatchCheck.Relative(model.Forward(x, new Probe("relu"))["relu"], maps.relu()) < 1e-5);
            if (count > 2)
            {
                FoveaException error = Assert.Throws<FoveaException>(() => model.Forward(x, new Probe("conv")));
                Assert.Equal(FailureKind.Configuration, error.Kind);
                Assert.Contains("conv of net.pt2 holds the 2 images", error.Message, StringComparison.Ordinal);
                continue;
            }
            Tensor read = model.Forward(x, new Probe("conv"))["conv"];
            Assert.Equal([1, 16, 6, 6], read.shape);
            Assert.True(BatchCheck.Relative(read.narrow(1, 0, 8), maps.narrow(0, 0, 1)) < 1e-5);
        }
        // An edit reaches the one part that there is.
        Tensor one = Samples.Normal([1, 3, 8, 8], "images", float32);
        var twice = new Probe { Output = true, Edits = new Dictionary<string, Func<Tensor, Tensor>> { ["conv"] = value => value * 2 } };
        Assert.True(BatchCheck.Relative(model.Forward(one, twice).Logits, model.Forward(one) * 2) < 1e-5);
        FoveaException refused = Assert.Throws<FoveaException>(
            () => new EvidencePass(model, ["conv"], [LayerNeed.Activations]).Grids());
        Assert.Equal(FailureKind.Configuration, refused.Kind);
        Assert.Contains("no value of each image", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>
    /// As exporters write an instance normalisation: images among the channels for a while, and axes that change their places elsewhere.
    /// </summary>
    [Fact]
    public void Images_that_stand_among_the_channels_for_a_while_are_a_grid_each()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(4);
        string path = new OnnxNet().Images(0, 8, 8).Tensor("w", randn(6, 3, 1, 1)).Tensor("row", tensor([1L, -1, 8, 8]))
            .Tensor("back", tensor([-1L, 6, 8, 8])).Node("Conv", ["x", "w"], ["maps"]).Node("Reshape", ["maps", "row"], ["together"])
            .Node("AveragePool", "together", "pooled", ("kernel_shape", new[] { 3, 3 }), ("pads", new[] { 1, 1, 1, 1 }))
            .Node("Reshape", ["pooled", "back"], ["apart"]).Node("Sigmoid", "apart", "small")
            .Node("Transpose", "small", "turned", ("perm", new[] { 0, 2, 3, 1 })).Node("Relu", "turned", "last")
            .Node("ReduceMean", "last", "y", ("axes", new[] { 1, 2 }), ("keepdims", 0)).Output("y", 1, 0, 6).Save(_root);
        using ImportedNetwork file = NetworkFile.Open(path);
        using ImageModel model = file.ToModel(Input);
        Dictionary<string, ModelLayer> layers = model.Layers.ToDictionary(layer => layer.Name);
        Assert.Equal((null, true), (layers["pooled"].Together, layers["pooled"].IsGrid));
        Assert.Equal([6, 8, 8], layers["pooled"].Shape);
        Assert.Equal((true, null), (layers["small"].IsGrid, layers["small"].Grid));
        Assert.Equal("channels-last", layers["last"].Grid?.Kind);
        Tensor x = Samples.Normal([3, 3, 8, 8], "images", float32);
        Tensor maps = TorchSharp.torch.nn.functional.conv2d(x, model.State["w"]);
        Tensor pooled = TorchSharp.torch.nn.functional.avg_pool2d(maps, 3, 1, 1, count_include_pad: false), expected = pooled.sigmoid();
        ProbeResult read = model.Forward(x, new Probe("pooled", "last") { Output = true });
        Assert.True(BatchCheck.Relative(read["pooled"], pooled) < 1e-5);
        Assert.True(BatchCheck.Relative(read["last"], expected) < 1e-5);
        Assert.True(BatchCheck.Relative(read.Logits, expected.mean([2, 3])) < 1e-5);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void An_answer_that_is_the_number_of_a_class_is_refused_in_a_sentence(long batch)
    {
        using var scope = NewDisposeScope();
        string path = new OnnxNet().Images(batch, 8, 8).Tensor("w", randn(6, 3, 1, 1)).Node("Conv", ["x", "w"], ["maps"])
            .Node("GlobalAveragePool", "maps", "pooled").Node("ArgMax", "pooled", "y", ("axis", 1)).Output("y", 7).Save(_root);
        using ImportedNetwork file = NetworkFile.Open(path);
        using ImageModel model = file.ToModel(Input);
        FoveaException error = Assert.Throws<FoveaException>(() => BatchCheck.Difference(model, 8, 8));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains("holds int64 (its last step is argmax): the number of a class", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_no_matter_of_batches()
    {
        using var scope = NewDisposeScope();
        string path = new OnnxNet().Images(0, 8, 8).Tensor("w", randn(6, 3, 1, 1)).Tensor("nothing", tensor(0f))
            .Node("Conv", ["x", "w"], ["maps"]).Node("Div", ["maps", "nothing"], ["far"]).Node("GlobalAveragePool", "far", "pooled")
            .Node("Flatten", "pooled", "y").Output("y", 1, 0, 6).Save(_root);
        using ImportedNetwork file = NetworkFile.Open(path);
        using ImageModel model = file.ToModel(Input);
        Assert.True(double.IsNaN(BatchCheck.Difference(model, 8, 8)));
        FoveaException error = Assert.Throws<FoveaException>(() => BatchTrust.Judge(file, model, () => file.ToModel(Input, oneByOne: true)));
        Assert.Equal(FailureKind.Numerical, error.Kind);
    }

    [Fact]
    public void Flags_are_no_layer_to_study()
    {
        using var scope = NewDisposeScope();
        using ImportedNetwork file = NetworkFile.Open(MixedPrograms.Flags(8).Save(_root));
        using ImageModel model = file.ToModel(Input);
        ModelLayer flags = model.Layers.Single(layer => layer.Name == "gt");
        Assert.Equal(("bool", false), (flags.Type, flags.IsGrid));
        Assert.Equal("mul", LayerChoice.Of(model, model.Layers).Layer?.Name);
        Tensor x = Samples.Normal([2, 3, 8, 8], "images", float32);
        Assert.Equal(ScalarType.Bool, model.Forward(x, new Probe("gt"))["gt"].dtype);
        var gradient = new Probe("gt") { Output = true, Gradient = new ProbeGradient(read => read.Logits.sum(), ["gt"]) };
        FoveaException error = Assert.Throws<FoveaException>(() => model.Forward(x, gradient));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("Layer gt holds bool", error.Message, StringComparison.Ordinal);
    }
}
