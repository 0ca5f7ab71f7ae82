using Fovea.Datasets;
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_a_linear_layers_weights_were_made_of_is_known(bool fused)
    {
        using var scope = NewDisposeScope();
        OnnxNet net = new OnnxNet().Images(0, 8, 8).Node("GlobalAveragePool", "x", "pooled").Node("Flatten", "pooled", "flat")
            .Tensor("fc.weight", arange(15, dtype: float32).reshape(5, 3)).Tensor("fc.bias", ones(5)).Tensor("scale", ones(5, 1) * 2);
        OnnxBytes gemm = OnnxNet.NodeOf("Gemm", ["flat", fused ? "fc.weight" : "scaled", "fc.bias"], ["y"], [("transB", 1L)]);
        if (fused)
            gemm.Message(9, new OnnxBytes().Text(1, "pkg.onnxscript.rewriter.rule_name").Text(2, "FuseBatchNormIntoGemm"));
        else
            net.Node("Mul", ["fc.weight", "scale"], ["scaled"]);
        using ImportedNetwork network = NetworkFile.Open(net.Add(1, gemm).Output("y", 1, 0, 5).Save(_root, fused ? "fused" : "scaled"));
        Assert.Equal(fused ? 1 : 0, network.NormalisationFolded.Count);
        // A normalisation is in the numbers, which fit no layer of that name.
        if (fused) Assert.Contains("fc.folded.weight", network.Weights.Keys);
        using ImageModel model = network.ToModel(Any);
        var two = new ClassList([new ClassInfo("a", "first"), new ClassInfo("b", "second")]);
        if (fused) model.WithNewHead(two, 1).Dispose();
        else Assert.Contains("calculated", Assert.Throws<FoveaException>(() => model.WithNewHead(two, 1)).Message, StringComparison.Ordinal);
    }

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

    /// <summary>Zeros for each image, as routing by agreement begins with: numbers of the batch that two steps read.</summary>
    [Fact]
    public void Numbers_of_the_batch_are_made_once_for_all_who_read_them()
    {
        using var scope = NewDisposeScope();
        OnnxNet net = new OnnxNet().Images(0, 4, 4).Tensor("ones", tensor([3L, 1, 1]))
            .Node("Shape", "x", "images", ("start", 0), ("end", 1)).Node("Concat", ["images", "ones"], ["sizes"], ("axis", 0))
            .Node("ConstantOfShape", ["sizes"], ["begin"], ("value", tensor([0.5f])))
            .Node("Mul", ["x", "begin"], ["a"]).Node("Softmax", ["begin"], ["b"], ("axis", 1)).Node("Add", ["a", "begin"], ["c"])
            .Node("Mul", ["c", "b"], ["d"]).Node("GlobalAveragePool", "d", "pooled").Node("Flatten", "pooled", "y").Output("y", 1, 0, 3);
        string path = net.Save(_root);
        using ImportedNetwork network = NetworkFile.Open(path);
        Assert.Null(network.Graph.FixedBatch);
        Same(path, network, Samples.Normal([5, 3, 4, 4], "images", float32));
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

        // As PyTorch's newer exporter writes the pooling of all positions.
        string mean = new OnnxNet(18).Images(0, 0, 0).Tensor("w", randn(4, 3, 3, 3)).Tensor("axes", tensor([-2L, -1L]))
            .Node("Conv", ["x", "w"], ["a"], ("strides", new[] { 2, 2 })).Node("ReduceMean", ["a", "axes"], ["b"], ("keepdims", 1))
            .Node("ReduceMax", ["a", "axes"], ["c"], ("keepdims", 1)).Node("Add", ["b", "c"], ["d"]).Node("Flatten", "d", "y").Output("y")
            .Save(_root);
        using ImportedNetwork pooled = NetworkFile.Open(mean);
        Same(mean, pooled, Samples.Normal([2, 3, 20, 31], "images", float32));

        string sized = new OnnxNet().Images(0, 0, 0).Tensor("minus", tensor([-1L])).Node("Shape", "x", "all", ("start", 2))
            .Node("Concat", ["minus", "all"], ["rows"], ("axis", 0)).Node("Reshape", ["x", "rows"], ["y"]).Output("y").Save(_root);
        FoveaException error = Assert.Throws<FoveaException>(() => NetworkFile.Open(sized));
        Assert.Contains("height or width", error.Message, StringComparison.Ordinal);
    }

    /// <summary>As PyTorch's newer exporter writes <c>clamp(min=0)</c>.</summary>
    [Fact]
    public void The_larger_of_a_value_and_zero_is_a_rectifier()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(13);
        string path = new OnnxNet(18).Images(0, 8, 8).Tensor("w", randn(4, 3, 3, 3)).Tensor("zero", tensor(0f)).Tensor("some", randn(4, 1, 1))
            .Tensor("zeros", zeros([1, 1, 1, 1, 1])).Node("Conv", ["x", "w"], ["a"]).Node("Max", ["a", "zero"], ["b"]).Node("Sub", ["b", "some"], ["c"])
            .Node("Max", ["zero", "c"], ["d"]).Node("Max", ["d", "some"], ["e"]).Node("Max", ["e", "zeros"], ["f"]).Node("Flatten", "f", "y").Output("y")
            .Save(_root);
        using ImportedNetwork network = NetworkFile.Open(path);
        Assert.Equal(["relu", "relu", "maximum", "maximum"], network.Graph.Nodes.Select(node => node.Operator.Name)
            .Where(name => name is "relu" or "maximum"));
        Same(path, network, Samples.Normal([2, 3, 8, 8], "images", float32));
    }

    /// <summary>Weights alone in eight bits are real ones when a network is read: by channel, by blocks, all of one scale.</summary>
    [Fact]
    public void Weights_that_are_kept_as_whole_numbers_become_real()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(14);
        static Tensor Whole(ScalarType type, params long[] sizes) => (rand(sizes) * 200).to(type);
        string path = new OnnxNet(21).Images(0, 8, 8)
            .Tensor("conv.weight", Whole(ScalarType.Byte, 6, 3, 3, 3)).Tensor("ws", rand(6) * 0.01).Tensor("wz", Whole(ScalarType.Byte, 6))
            .Tensor("conv.bias", Whole(ScalarType.Int32, 6)).Tensor("bs", tensor(0.002f))
            .Tensor("fc.weight", Whole(ScalarType.Int8, 6, 5)).Tensor("fs", rand(2, 5) * 0.01).Tensor("fz", Whole(ScalarType.Int8, 2, 5))
            .Node("DequantizeLinear", ["conv.weight", "ws", "wz"], ["w"], ("axis", 0)).Node("DequantizeLinear", ["conv.bias", "bs"], ["b"])
            .Node("DequantizeLinear", ["fc.weight", "fs", "fz"], ["f"], ("axis", 0), ("block_size", 4))
            .Node("Conv", ["x", "w", "b"], ["conv"]).Node("Relu", "conv", "relu").Node("GlobalAveragePool", "relu", "p")
            .Node("Flatten", "p", "flat").Node("MatMul", ["flat", "f"], ["y"]).Output("y", 1, 0, 5).Save(_root);
        using ImportedNetwork network = NetworkFile.Open(path);
        Same(path, network, Samples.Normal([3, 3, 8, 8], "images", float32));
        Assert.DoesNotContain(network.Graph.Nodes, node => node.Operator.Name is "to" or "mul" or "sub" or "take");
        Assert.Equal(["conv.bias", "conv.weight", "fc.weight"], network.Graph.Weights.Where(weight => weight.Kind == WeightKind.Parameter)
            .Select(weight => weight.Name).Order(StringComparer.Ordinal));

        string rounded = new OnnxNet().Images(0, 8, 8).Tensor("s", tensor(0.1f)).Tensor("z", tensor(128, dtype: ScalarType.Byte))
            .Node("QuantizeLinear", ["x", "s", "z"], ["q"]).Node("DequantizeLinear", ["q", "s", "z"], ["d"])
            .Node("GlobalAveragePool", "d", "p").Node("Flatten", "p", "y").Output("y", 1, 0, 3).Save(_root, "rounded");
        Assert.Contains("before it is quantised", Assert.Throws<FoveaException>(() => NetworkFile.Open(rounded)).Message,
            StringComparison.Ordinal);
    }

    /// <summary>Losses, maps and pictures of classes are of the numbers before a softmax; <c>model run</c> gives what the file says.</summary>
    [Theory]
    [InlineData("Softmax", -1, 17, false)]
    [InlineData("Softmax", 1, 11, true)]
    [InlineData("LogSoftmax", 1, 17, true)]
    [InlineData("Sigmoid", null, 17, false)]
    public void The_numbers_that_probabilities_are_made_of_are_the_answer(string last, int? axis, int opset, bool beforeFlatten)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        random.manual_seed(13);
        OnnxNet net = new OnnxNet(opset).Images(0, 8, 8).Tensor("w", randn(4, 3, 1, 1)).Node("Conv", ["x", "w"], ["a"])
            .Node("GlobalAveragePool", "a", "b");
        (string Name, object Value)[] attributes = axis is { } at ? [("axis", at)] : [];
        if (beforeFlatten) net.Node(last, "b", "c", attributes).Node("Flatten", "c", "y");
        else net.Node("Flatten", "b", "c").Node(last, "c", "y", attributes);
        string path = net.Output("y", 1, 0, 4).Save(_root);
        using ImportedNetwork network = NetworkFile.Open(path);
        Assert.Contains(network.Notes, note => note.Contains("probabilities", StringComparison.Ordinal));
        Tensor images = Samples.Normal([3, 3, 8, 8], "images", float32);
        Tensor expected = OnnxRun.Reference(path, new Dictionary<string, Tensor> { [FirstInput] = images })[0];
        using ImageModel numbers = network.ToModel(Any), written = network.ToModel(Any, asWritten: true);
        Assert.Equal((4, 4), (numbers.Outputs, written.Outputs));
        Assert.InRange(BatchCheck.Relative(written.Forward(images), expected), 0, 1e-5);
        ProbeResult read = numbers.Forward(images, new Probe("a", "y") { Output = true });
        Assert.InRange(BatchCheck.Relative(read.Logits, read["a"].mean([2, 3])), 0, 1e-6);
        Assert.InRange(BatchCheck.Relative(read["y"], expected), 0, 1e-5);
        Assert.DoesNotContain("y", numbers.LayerNames);
        // Another last layer, and what is written for other programs, are of the numbers too.
        Assert.Equal([3, 2], numbers.WithNewHead(new ClassList([new ClassInfo("a", "a"), new ClassInfo("b", "b")]), 1).Forward(images).shape);
    }

    /// <summary>A softmax over the images of a batch, or over positions, makes no probabilities of classes.</summary>
    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void A_softmax_of_something_else_stays(int axis, bool pooled)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        OnnxNet net = new OnnxNet().Images(2, 8, 8).Tensor("w", randn(4, 3, 3, 3)).Node("Conv", ["x", "w"], ["a"])
            .Node("GlobalAveragePool", "a", "b").Node("Flatten", pooled ? "b" : "a", "c").Node("Softmax", "c", "y", ("axis", axis));
        if (!pooled) net.Tensor("rows", tensor([0L, 4, 36])).Node("Reshape", ["y", "rows"], ["z"]);
        using ImportedNetwork network = NetworkFile.Open(net.Output(pooled ? "y" : "z").Save(_root));
        using ImageModel model = network.ToModel(Any), written = network.ToModel(Any, asWritten: true);
        Assert.Equal(written.Graph.Output, model.Graph.Output);
    }

    /// <summary>Channels in another order and a mean image taken away, as a graph of its own before a network.</summary>
    [Fact]
    public void A_graph_goes_before_a_graph()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        random.manual_seed(13);
        OnnxNet first = new OnnxNet(8, 3).Images(1, 8, 8).Tensor("conv", randn(1, 3, 8, 8))
            .Node("Split", ["x"], ["r", "g", "b"], ("axis", 1), ("split", new[] { 1, 1, 1 }))
            .Node("Concat", ["b", "g", "r"], ["turned"], ("axis", 1)).Node("Sub", ["turned", "conv"], ["y"]).Output("y", 1, 1, 3, 8, 8);
        string before = first.Save(_root, "before"), path = SmallNets.Classifier().Save(_root);
        using ImportedNetwork joined = NetworkFile.Open(path, before: before), alone = NetworkFile.Open(path);
        Assert.Equal(alone.Graph.Layers.Select(layer => layer.Name), joined.Graph.Layers.Select(layer => layer.Name));
        Assert.Equal(WeightKind.Constant, joined.Graph.Weights.Single(weight => weight.Name == "preprocess.conv").Kind);
        using ImageModel model = joined.ToModel(Any);
        Tensor images = Samples.Normal([3, 3, 8, 8], "images", float32);
        for (int i = 0; i < 3; i++)
        {
            Tensor one = OnnxRun.Reference(before, new Dictionary<string, Tensor> { ["x"] = images.narrow(0, i, 1) })[0];
            Tensor expected = OnnxRun.Reference(path, new Dictionary<string, Tensor> { ["x"] = one })[0];
            Assert.InRange(BatchCheck.Relative(model.Forward(images).narrow(0, i, 1), expected), 0, 1e-5);
        }
        string embedding = new OnnxNet().Images(0, 8, 8).Node("GlobalAveragePool", "x", "a").Node("Flatten", "a", "y").Output("y")
            .Save(_root, "embedding");
        Assert.Contains("gives [3]", Assert.Throws<FoveaException>(() => NetworkFile.Open(path, before: embedding)).Message,
            StringComparison.Ordinal);
    }

    /// <summary>What a run keeps of a network is the whole of it.</summary>
    [Fact]
    public void A_network_is_the_same_after_it_was_kept_as_documents()
    {
        foreach (OnnxNet net in (OnnxNet[])[SmallNets.Classifier(), SmallNets.Rows(), SmallNets.Constants()])
        {
            using ImportedNetwork network = NetworkFile.Open(net.Save(_root));
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            (int height, int width) = network.ImageSize!.Value;
            Tensor images = Samples.Normal([2, 3, height, width], "images", float32);
            using ImageModel model = network.ToModel(Any);
            string folder = Path.Combine(_root, Path.GetRandomFileName());
            ModelFile.Save(folder, model);
            using ImageModel back = ModelFile.Load(folder);
            Assert.True(model.Forward(images).equal(back.Forward(images)).all().item<bool>());
            Assert.Equal(model.LayerNames, back.LayerNames);
        }
    }

    [Fact]
    public void Rows_of_numbers_are_read()
    {
        string path = SmallNets.Rows().Save(_root);
        using ImportedNetwork network = NetworkFile.Open(path);
        Same(path, network, Samples.Normal([3, 3, 8, 8], "images", float32));
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
