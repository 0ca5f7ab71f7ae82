using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.IO;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Models.Onnx;
using Fovea.Numerics;
using Fovea.Tests.Shared;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>Networks written as ONNX, run by ONNX Runtime.</summary>
public sealed class OnnxExportTests : IDisposable
{
    private const double Tolerance = 3e-5;
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-onnx-").FullName;

    private string File_ => Path.Combine(_root, "net.onnx");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("small_cnn", 64, false, 0, "block4")]
    [InlineData("small_cnn", 40, true, 0.01, "block2.pool")]
    [InlineData("resnet18", 64, false, 0, "layer4.1.conv2")]
    [InlineData("resnet18", 64, true, 0.01, "layer2.0.downsample.1")]
    [InlineData("mobilenet_v2", 64, false, 0, "features.18.0")]
    [InlineData("mobilenet_v2", 64, true, 0.2, "features.9.conv.2")]
    public void ONNX_Runtime_gives_the_same_values_of_every_layer(string name, int side, bool average, double slope, string layer)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using ImageModel model = ImageModel.Create(name, 10, new GradientFlow(average, slope), Preprocessing.ImageNet(null, side));
        Unlike(model);
        OnnxExportSummary summary = OnnxExport.Write(model, File_);
        Assert.Equal(new FileInfo(File_).Length, summary.Bytes);
        Assert.Null(summary.Batch);
        string[] values = [.. model.Graph.Layers.Select(one => one.Value).Distinct()];
        Assert.Contains(layer == "block4" ? "block4.relu" : layer, values);
        foreach (int count in (int[])[1, 3])
        {
            Tensor images = BatchCheck.Noise(count, side, side);
            ProbeResult expected = model.Forward(images, new Probe(values) { Output = true });
            // As it stands: nothing of a layer is put together with its neighbours.
            var actual = OrtRun.Of(File_, images, [.. values.Where(value => value != model.Graph.Output)], optimised: false);
            Assert.Equal(values.Length, actual.Count);
            foreach (string value in values)
                Assert.True(BatchCheck.Relative(actual[value], expected[value]) < Tolerance,
                    $"{value}: {BatchCheck.Relative(actual[value], expected[value]):E1}");
            Assert.True(BatchCheck.Relative(OrtRun.Of(File_, images, [])[model.Graph.Output], expected.Logits) < Tolerance);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Layers_of_tokens_are_written_as_the_network_has_them(bool windows)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        NetworkGraph graph = windows ? TokenNetworks.Swin() : TokenNetworks.Vit(before: 2, after: 1);
        var input = new Preprocessing(null, 32, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);
        using ImageModel model = new(graph, input, null, null, null, null), raw = new(graph, input, null, null, null, null, grids: false);
        foreach (var (name, tensor) in model.State)
        {
            if (tensor.is_floating_point()) tensor.copy_(Dictionaries.Samples.Normal(tensor.shape, name, ScalarType.Float32) * 0.3);
            raw.State[name].copy_(tensor);
        }
        Assert.Contains(model.Layers, layer => layer.Grid is not null);
        Assert.Null(OnnxExport.Write(model, File_).Batch);
        // The answer does not depend on the layer "turned", so it is not written.
        string[] values = [.. raw.Graph.Layers.Select(layer => layer.Value).Where(value => value != "turned").Distinct()];
        foreach (int count in (int[])[1, 4])
        {
            Tensor images = BatchCheck.Noise(count, 32, 32);
            ProbeResult expected = raw.Forward(images, new Probe(values) { Output = true });
            var actual = OrtRun.Of(File_, images, [.. values.Where(value => value != raw.Graph.Output)]);
            foreach (string value in values)
                Assert.True(BatchCheck.Relative(actual[value], expected[value]) < Tolerance,
                    $"{value}: {BatchCheck.Relative(actual[value], expected[value]):E1}");
        }
    }

    [Theory]
    [InlineData("small_cnn", "block3.conv")]
    [InlineData("resnet18", "layer4.1.conv2")]
    [InlineData("mobilenet_v2", "features.9.conv.2")]
    public void What_was_written_is_read_again(string name, string layer)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using ImageModel model = ImageModel.Create(name, 10, GradientFlow.Standard, Preprocessing.ImageNet(null, 64));
        Unlike(model);
        OnnxExport.Write(model, File_);
        using ImportedNetwork read = NetworkFile.Open(File_);
        using ImageModel again = read.ToModel(model.Preprocessing);
        Tensor images = BatchCheck.Noise(3, 64, 64);
        ProbeResult expected = model.Forward(images, new Probe(layer) { Output = true }), actual = again.Forward(
            images, new Probe(layer) { Output = true });
        Assert.Contains(layer, again.LayerNames);
        // The file's ε is of single precision: what it is folded with differs in the last digit.
        Assert.True(BatchCheck.Relative(actual.Logits, expected.Logits) < Tolerance);
        Assert.True(BatchCheck.Relative(actual[layer], expected[layer]) < Tolerance);
        // And written again: the same operators.
        Assert.Equal(OnnxExport.Write(again, Path.Combine(_root, "again.onnx")).Output, read.Graph.Output);
        Assert.True(BatchCheck.Relative(OrtRun.Of(Path.Combine(_root, "again.onnx"), images, [])[read.Graph.Output], expected.Logits)
            < Tolerance);
    }

    [Fact]
    public void A_network_from_a_file_is_written_with_its_names_and_batch()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using ImportedNetwork network = NetworkFile.Open(SmallPrograms.Classifier().Save(_root));
        using ImageModel model = network.ToModel(Preprocessing.ImageNet(null, 8));
        OnnxExport.Write(model, File_);
        Tensor images = BatchCheck.Noise(5, 8, 8);
        ProbeResult expected = model.Forward(images, new Probe("bn", "relu@1") { Output = true });
        var actual = OrtRun.Of(File_, images, ["bn", "relu@1"]);
        Assert.True(BatchCheck.Relative(actual["fc"], expected.Logits) < Tolerance);
        foreach (string layer in (string[])["bn", "relu@1"])
            Assert.True(BatchCheck.Relative(actual[layer], expected[layer]) < Tolerance);
    }

    [Fact]
    public void The_file_says_classes_preprocessing_modification_and_further_names_of_layers()
    {
        var classes = new ClassList([new ClassInfo("n01", "häher, \"blau\""), new ClassInfo("n02", "cat")]);
        using ImageModel model = new(Architectures.Get("small_cnn").Build(2),
            new Preprocessing(72, 64, [0.5f, 0.25f, 0.125f], [0.2f, 0.3f, 0.4f]), classes, new GradientFlow(true, 0.01));
        OnnxExport.Write(model, File_);
        using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(File_);
        var said = session.ModelMetadata.CustomMetadataMap;
        Assert.Equal("small_cnn", said["fovea.architecture"]);
        Assert.Equal("""["n01","n02"]""", said["fovea.class_ids"]);
        Assert.Equal("""["häher, \"blau\"","cat"]""", said["fovea.classes"]);
        Assert.Equal("""{"average_pooling":true,"leaky_slope":0.01}""", said["fovea.modification"]);
        Assert.Equal("""{"resize":72,"crop":64,"mean":[0.5,0.25,0.125],"std":[0.2,0.3,0.4]}""", said["fovea.preprocessing"]);
        Assert.Contains("\"block4\":\"block4.relu\"", said["fovea.layers"], StringComparison.Ordinal);
        Assert.Equal("Fovea", session.ModelMetadata.ProducerName);
        Assert.Equal("small_cnn", session.ModelMetadata.GraphName);
        Assert.Equal("input", Assert.Single(session.InputNames));
        Assert.Equal("fc", Assert.Single(session.OutputNames));
        Assert.Equal(["N", "", "", ""], session.InputMetadata["input"].SymbolicDimensions);
        Assert.Equal([-1, 3, 64, 64], session.InputMetadata["input"].Dimensions);
        Assert.Equal([-1, 2], session.OutputMetadata["fc"].Dimensions);

        OnnxExport.Write(model, File_, new OnnxExportOptions { Overwrite = true, Preprocessing = false });
        using var silent = new Microsoft.ML.OnnxRuntime.InferenceSession(File_);
        Assert.DoesNotContain("fovea.preprocessing", silent.ModelMetadata.CustomMetadataMap.Keys);
    }

    [Fact]
    public void A_network_with_a_fixed_batch_keeps_it()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var g = new GraphBuilder();
        string pooled = g.Apply(Operators.Flatten, OperatorAttributes.None, g.AveragePositions("pool", g.Input));
        // Each image sees the mean of both.
        string mixed = g.Layer("mixed", Operators.Get("sub"), OperatorAttributes.None, pooled,
            g.Apply(Operators.Mean, new() { ["dims"] = new[] { 0L }, ["keepdim"] = true },
                g.Apply(Operators.Get("reshape"), new() { ["shape"] = new[] { 2L, 3 } }, pooled)));
        NetworkGraph built = g.Build("fixed", mixed);
        using ImageModel model = new(
            new NetworkGraph(built.Name, built.Input, built.Output, built.Nodes, built.Weights, built.Layers) { FixedBatch = 2 },
            Preprocessing.ImageNet(null, 8));
        Assert.Equal(2, OnnxExport.Write(model, File_).Batch);
        Tensor images = BatchCheck.Noise(2, 8, 8);
        Assert.True(BatchCheck.Relative(OrtRun.Of(File_, images, [])["mixed"], model.Forward(images)) < Tolerance);
    }

    [Theory]
    [InlineData("chunk")]
    [InlineData("split")]
    [InlineData("unbind")]
    public void Of_several_values_those_that_are_read_are_written(string name)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        OperatorAttributes attributes = name switch
        {
            "chunk" => new() { ["chunks"] = 3, ["dim"] = 1 },
            "split" => new() { ["sizes"] = new[] { 1L, 1, 1 }, ["dim"] = 1 },
            _ => new() { ["dim"] = 1 },
        };
        // The last is unread, so the answer does not depend on it; the middle one has no name.
        GraphNode parts = new(Operators.Get(name), attributes, ["x"], ["first", "", "last"]),
            unread = new(Operators.Get("neg"), OperatorAttributes.None, ["last"], ["unread"]),
            answer = new(Operators.Get("mul"), new() { ["scalar"] = 2.0 }, ["first"], ["answer"]);
        using ImageModel model = new(new NetworkGraph("parts", "x", "answer", [parts, unread, answer], [], []),
            Preprocessing.ImageNet(null, 8));
        Assert.Equal(name == "unbind" ? 3 : 2, OnnxExport.Write(model, File_).Nodes);
        Tensor images = BatchCheck.Noise(2, 8, 8);
        Assert.True(BatchCheck.Relative(OrtRun.Of(File_, images, [])["answer"], model.Forward(images)) < Tolerance);
    }

    [Fact]
    public void Padding_that_a_runtime_would_take_into_the_pooling_after_it_stands_apart()
    {
        var g = new GraphBuilder();
        string pooled = g.Apply(Operators.Get("avg_pool2d"), new()
        {
            ["kernel"] = new[] { 4L, 4 },
            ["stride"] = new[] { 4L, 3 },
            ["padding"] = new[] { 1L, 2 },
            ["ceil"] = true,
        }, g.Input);
        using ImageModel model = new(g.Build("pooled", pooled), Preprocessing.ImageNet(null, 9));
        OnnxExport.Write(model, File_);
        using var reader = new ProtoReader(File_);
        List<OnnxNode> nodes = new OnnxParser(reader).Read().Graph!.Nodes;
        OnnxNode pool = nodes.Single(node => node.Operator == "AveragePool"), pad = nodes.Single(node => node.Operator == "Pad");
        Assert.DoesNotContain(pool.Inputs[0], pad.Outputs);
        Assert.Equal("Squeeze", nodes.Single(node => node.Outputs.Contains(pool.Inputs[0])).Operator);
    }

    [Fact]
    public void The_same_network_gives_the_same_bytes()
    {
        using ImageModel model = ImageModel.Create("small_cnn", 4);
        string other = Path.Combine(_root, "other.onnx");
        OnnxExport.Write(model, File_);
        OnnxExport.Write(model, other);
        Assert.Equal(File.ReadAllBytes(File_), File.ReadAllBytes(other));
    }

    [Fact]
    public void An_operator_without_a_form_in_ONNX_is_named_with_its_layer()
    {
        var own = new Operator("relu", _ => x => x[0].relu() * 2);
        foreach (var (made, attributes, expected) in new[]
        {
            (own, OperatorAttributes.None, "strange (relu) cannot be written as ONNX: it is an operator of its own"),
            (Operators.Get("vector_norm"), new OperatorAttributes { ["order"] = 3.0, ["dims"] = new[] { 1L } },
                "strange (vector_norm) cannot be written as ONNX: it is a norm of the order 3"),
        })
        {
            var g = new GraphBuilder();
            string pooled = g.Apply(Operators.Flatten, OperatorAttributes.None, g.AveragePositions("pool", g.Input));
            string x = g.Layer("strange", made, attributes, pooled);
            using ImageModel model = new(g.Build("own", g.Apply(Operators.Get("unsqueeze"), new() { ["dim"] = 1 }, x)),
                Preprocessing.ImageNet(null, 8));
            var error = Assert.Throws<FoveaException>(() => OnnxExport.Write(model, File_));
            Assert.Equal(FailureKind.Data, error.Kind);
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFileSystemEntries(_root));
        }
    }

    [Fact]
    public void What_is_there_is_not_replaced_unless_asked_for()
    {
        using ImageModel model = ImageModel.Create("small_cnn", 4);
        File.WriteAllText(File_, "mine");
        var error = Assert.Throws<FoveaException>(() => OnnxExport.Write(model, File_));
        Assert.Equal((FailureKind.Configuration, true), (error.Kind, error.Message.Contains("--force", StringComparison.Ordinal)));
        Assert.Equal("mine", File.ReadAllText(File_));
        Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(() => OnnxExport.Write(model, _root)).Kind);
        OnnxExport.Write(model, File_, new OnnxExportOptions { Overwrite = true });
        Assert.True(new FileInfo(File_).Length > 1000);
    }

    [Fact]
    public void A_full_disk_or_an_interruption_leaves_nothing()
    {
        using ImageModel model = ImageModel.Create("small_cnn", 4);
        using var cancel = new CancellationTokenSource();
        int writes = 0;
        Action<string>? at = null;
        void See(string path)
        {
            if (path == File_ && ++writes == 5) at!(path);
        }
        DiskEvents.Writing += See;
        try
        {
            at = _ => throw new IOException("No space left on device", 28);
            Assert.Equal(FailureKind.Resource, Assert.Throws<FoveaException>(() => OnnxExport.Write(model, File_)).Kind);
            Assert.Empty(Directory.GetFileSystemEntries(_root));
            (writes, at) = (0, _ => cancel.Cancel());
            Assert.ThrowsAny<OperationCanceledException>(() => OnnxExport.Write(model, File_, null, cancel.Token));
            Assert.Equal(5, writes);
            Assert.Empty(Directory.GetFileSystemEntries(_root));
        }
        finally
        {
            DiskEvents.Writing -= See;
        }
    }

    /// <summary>Statistics and scales unlike their first values, so that a dropped one shows.</summary>
    private static void Unlike(ImageModel model)
    {
        foreach (var (name, tensor) in model.State)
        {
            if (tensor.dim() != 1) continue;
            var random = new CounterRandom(5, name, 0);
            float[] values = [.. Enumerable.Range(0, (int)tensor.numel()).Select(_ => (float)random.NextGaussian() * 0.2f)];
            tensor.copy_(name.EndsWith("running_var", StringComparison.Ordinal)
                ? TorchSharp.torch.tensor(values).abs() + 0.7 : tensor + TorchSharp.torch.tensor(values));
        }
    }
}
