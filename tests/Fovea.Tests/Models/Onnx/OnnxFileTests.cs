using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Tests.Dictionaries;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>Small networks of every kind of file, against ONNX Runtime.</summary>
public sealed class OnnxFileTests : IDisposable
{
    private static readonly Preprocessing Any = Preprocessing.ImageNet(null, 8);
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-onnx-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Conditions_loops_lists_and_functions_are_gone_when_a_network_is_read()
    {
        string path = SmallNets.Constants().Save(_root);
        using ImportedNetwork network = NetworkFile.Open(path);
        string[] kinds = [.. network.Graph.Nodes.Select(node => node.Operator.Name).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(["adaptive_avg_pool2d", "add", "cat", "flatten", "relu"], kinds);
        Same(path, network, Samples.Normal([2, 3, 6, 6], "images", float32));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_batch_is_any_number_of_images(int exported)
    {
        string path = SmallNets.Classifier(exported).Save(_root);
        using ImportedNetwork network = NetworkFile.Open(path);
        Assert.Equal(exported == 0 ? (int?)null : exported, network.ExportedBatch);
        Assert.Null(network.Graph.FixedBatch);
        using ImageModel model = network.ToModel(Any);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor images = Samples.Normal([5, 3, 8, 8], "images", float32), together = model.Forward(images);
        for (int i = 0; i < 5; i++)
            Assert.True(model.Forward(images.narrow(0, i, 1)).allclose(together.narrow(0, i, 1), 1e-4, 1e-5));
        Same(path, network, images.narrow(0, 0, exported == 0 ? 5 : exported));
    }

    /// <summary>A size that is the exporter's own batch goes into a constant: taken out where the numbers bear it out.</summary>
    [Fact]
    public void A_fixed_batch_is_taken_out_of_sizes_or_run_as_it_is()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(11);
        OnnxNet freed = new OnnxNet().Images(2, 4, 4).Tensor("rows", tensor([2L, 48L])).Tensor("fc", randn(48, 5))
            .Node("Reshape", ["x", "rows"], ["flat"]).Node("MatMul", ["flat", "fc"], ["y"]).Output("y", 1, 2, 5);
        string path = freed.Save(_root);
        using (ImportedNetwork network = NetworkFile.Open(path))
        {
            Assert.Null(network.Graph.FixedBatch);
            Assert.Contains(network.Notes, note => note.Contains("taken out", StringComparison.Ordinal));
            Same(path, network, Samples.Normal([2, 3, 4, 4], "images", float32));
        }

        // A constant of its own for each of the two images.
        OnnxNet kept = new OnnxNet().Images(2, 4, 4).Tensor("own", randn(2, 3, 4, 4)).Tensor("rows", tensor([2L, 48L]))
            .Node("Add", ["x", "own"], ["a"]).Node("Reshape", ["a", "rows"], ["y"]).Output("y", 1, 2, 48);
        path = kept.Save(_root);
        using (ImportedNetwork network = NetworkFile.Open(path))
        {
            Assert.Equal(2, network.Graph.FixedBatch);
            Same(path, network, Samples.Normal([2, 3, 4, 4], "images", float32));
        }
    }

    /// <summary>Names of values are those of the layers where the file knows no modules; initialisers may stand among the inputs.</summary>
    [Fact]
    public void Values_names_are_layers_and_initialisers_may_be_inputs()
    {
        string path = SmallNets.Classifier().Input("fc.weight", 1, 5, 96).Input("conv.weight", 1, 6, 3, 3, 3).Save(_root);
        using ImportedNetwork network = NetworkFile.Open(path);
        Assert.Equal(["conv", "bn", "relu", "sum", "pool", "logits"], network.Graph.Layers.Select(layer => layer.Name));
        Assert.Equal(WeightKind.Buffer, network.Graph.Weights.Single(weight => weight.Name == "bn.running_mean").Kind);
        Assert.Equal(WeightKind.Parameter, network.Graph.Weights.Single(weight => weight.Name == "fc.weight").Kind);
        Assert.Equal((8, 8), network.ImageSize);
        Assert.Empty(network.NormalisationFolded);
        Same(path, network, Samples.Normal([3, 3, 8, 8], "images", float32));
    }

    /// <summary>A file whose name says nothing is known by its content.</summary>
    [Fact]
    public void The_content_decides()
    {
        string path = SmallNets.Classifier().Save(_root), other = Path.Combine(_root, "network.bin");
        File.Move(path, other);
        using ImportedNetwork network = NetworkFile.Open(other);
        Assert.Equal("ONNX opset 17", network.Source);
    }

    [Fact]
    public void Height_and_width_may_be_open_unless_sizes_come_from_them()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(12);
        string path = new OnnxNet().Images(0, 0, 0).Tensor("w", randn(4, 3, 3, 3)).Node("Conv", ["x", "w"], ["a"])
            .Node("GlobalAveragePool", "a", "b").Node("Flatten", "b", "y").Output("y").Save(_root);
        using ImportedNetwork network = NetworkFile.Open(path);
        Assert.Null(network.ImageSize);
        Assert.Equal([4], network.Outputs[0].Shape);
        Same(path, network, Samples.Normal([2, 3, 20, 31], "images", float32));

        string sized = new OnnxNet().Images(0, 0, 0).Tensor("minus", tensor([-1L])).Node("Shape", "x", "all", ("start", 2))
            .Node("Concat", ["minus", "all"], ["rows"], ("axis", 0)).Node("Reshape", ["x", "rows"], ["y"]).Output("y").Save(_root);
        FoveaException error = Assert.Throws<FoveaException>(() => NetworkFile.Open(sized));
        Assert.Contains("height or width", error.Message, StringComparison.Ordinal);
    }

    private static void Same(string path, ImportedNetwork network, Tensor images)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using ImageModel model = network.ToModel(Any);
        ProbeResult read = model.Forward(images, new Probe(network.Outputs.Select(output => output.Value)));
        Tensor[] expected = OnnxRun.Reference(path, new Dictionary<string, Tensor> { [FirstInput] = images });
        for (int i = 0; i < expected.Length; i++)
            Assert.InRange(BatchCheck.Relative(read[network.Outputs[i].Value], expected[i]), 0, 1e-5);
    }

    private const string FirstInput = "x";
}
