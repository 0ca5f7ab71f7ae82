using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Numerics;
using Fovea.Tests.Shared;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Ort;

/// <summary>Values that ONNX Runtime reads in libtorch's place.</summary>
[Collection(TensorCounts.Name)]
public sealed class ModelReaderTests
{
    [Theory]
    [InlineData("small_cnn", false, 0, "block1", "block3.conv", "block4")]
    [InlineData("small_cnn", true, 0.01, "block2.pool", "block4")]
    [InlineData("resnet18", false, 0, "layer1.0.bn1", "layer4.1.conv2", "layer4")]
    [InlineData("resnet18", true, 0.01, "layer2.0.downsample.1", "layer3")]
    [InlineData("resnet50", false, 0, "layer2.3.conv2", "layer4")]
    [InlineData("mobilenet_v2", false, 0, "features.9.conv.2", "features.18")]
    [InlineData("googlenet", false, 0, "inception4a", "inception5b")]
    public void They_are_libtorchs(string name, bool average, double slope, params string[] layers)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using ImageModel model = Make(name, new GradientFlow(average, slope));
        foreach (bool output in (bool[])[false, true])
        {
            var probe = new Probe(layers) { Output = output };
            using ModelReader reader = model.Reader(probe);
            Assert.Equal((ReadingEngine.OnnxRuntime, null), (reader.Engine.Name, reader.Engine.Reason));
            foreach (int count in (int[])[1, 5])
            {
                Tensor images = BatchCheck.Noise(count, 64, 64);
                ProbeResult expected = model.Forward(images, probe);
                long before = FastPaths.Count(FastPath.OnnxRuntime);
                ProbeResult actual = reader.Run(images);
                Assert.Equal(before + 1, FastPaths.Count(FastPath.OnnxRuntime));
                foreach (string layer in layers) Close(expected[layer], actual[layer], layer);
                Assert.Equal(output, actual.HasLogits);
                if (output) Close(expected.Logits, actual.Logits, "logits");
            }
        }
    }

    [Theory]
    [InlineData("small_cnn", "block3")]
    [InlineData("resnet18", "layer4")]
    [InlineData("mobilenet_v2", "features.18")]
    public void Their_bits_depend_neither_on_the_batch_nor_on_threads_nor_on_the_session(string name, string layer)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var probe = new Probe(layer) { Output = true };
        Tensor images = BatchCheck.Noise(7, 64, 64);
        int threads = get_num_threads();
        Tensor? first = null, answers = null;
        try
        {
            foreach (int used in (int[])[threads, 1])
            {
                set_num_threads(used);
                using ImageModel model = Make(name);
                using ModelReader reader = model.Reader(probe);
                foreach (int size in (int[])[7, 4, 2, 1])
                {
                    ProbeResult[] parts = [.. Enumerable.Range(0, (7 + size - 1) / size).Select(
                        i => reader.Run(images.narrow(0, i * size, Math.Min(size, 7 - i * size))))];
                    Tensor values = cat([.. parts.Select(part => part[layer])]), logits = cat([.. parts.Select(part => part.Logits)]);
                    first ??= values;
                    answers ??= logits;
                    Assert.True(Same(values, first), $"{used} threads, batches of {size}: {BatchCheck.Relative(values, first):E1}");
                    Assert.True(Same(logits, answers), $"{used} threads, batches of {size}: {BatchCheck.Relative(logits, answers):E1}");
                }
            }
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [Fact]
    public void Weights_that_changed_are_read_as_they_are()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using ImageModel model = Make("small_cnn");
        var probe = new Probe("block2") { Output = true };
        Tensor images = BatchCheck.Noise(2, 64, 64);
        Tensor before = Read();
        // In place, by whoever holds the tensor; a measured one; and all of them anew.
        model.Parameters["block1.conv.weight"].mul_(1.5);
        Tensor scaled = Read();
        Assert.True(BatchCheck.Relative(scaled, before) > 1e-2);
        model.Buffers.First(pair => pair.Key.EndsWith("running_mean", StringComparison.Ordinal)).Value.add_(0.5);
        Assert.True(BatchCheck.Relative(Read(), scaled) > 1e-3);
        model.Initialise(9);
        Read();
        // A view of the network sees them too.
        using ModelReader view = model.With(Preprocessing.ImageNet(null, 64)).Reader(probe);
        Close(model.Forward(images, probe)["block2"], view.Run(images)["block2"], "view");

        Tensor Read()
        {
            using ModelReader reader = model.Reader(probe);
            ProbeResult actual = reader.Run(images), expected = model.Forward(images, probe);
            Close(expected["block2"], actual["block2"], "block2");
            Close(expected.Logits, actual.Logits, "logits");
            return actual["block2"];
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Layers_of_tokens_are_grids(bool windows)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var input = new Preprocessing(null, 32, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);
        using ImageModel model = new(windows ? TokenNetworks.Swin() : TokenNetworks.Vit(before: 2, after: 1), input, null, null, null, null);
        foreach (Tensor tensor in model.State.Values)
            if (tensor.is_floating_point()) tensor.copy_(Dictionaries.Samples.Normal(tensor.shape, "tokens", ScalarType.Float32) * 0.3);
        string[] grids = [.. model.Layers.Where(layer => layer.Grid is not null && layer.Name != "turned").Select(layer => layer.Name)];
        Assert.NotEmpty(grids);
        if (!windows) grids = [.. grids, grids[0] + LayerGrid.ClassSuffix];
        var probe = new Probe(grids) { Output = true };
        using ModelReader reader = model.Reader(probe);
        Assert.Null(reader.Engine.Reason);
        Tensor images = BatchCheck.Noise(3, 32, 32);
        ProbeResult expected = model.Forward(images, probe), actual = reader.Run(images);
        foreach (string layer in grids) Close(expected[layer], actual[layer], layer);
        Close(expected.Logits, actual.Logits, "logits");
    }

    [Fact]
    public void Where_it_cannot_read_libtorch_does_and_says_why()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var probe = new Probe("block2");
        using ImageModel model = Make("small_cnn");
        model.Engine = EngineChoice.Torch;
        Says(model, "as was asked for");
        model.Engine = EngineChoice.Auto;
        model.Train();
        Says(model, "in training");
        model.Eval();
        model.ToType(ScalarType.Float64);
        Says(model, "calculates in Float64");
        model.ToType(ScalarType.Float32);
        // NaN, of which a runtime might make numbers.
        model.Parameters["block1.conv.weight"].fill_(float.NaN);
        Says(model, "off libtorch's");
        using ImageModel own = new(WithOwnOperator(), Preprocessing.ImageNet(null, 64));
        own.Initialise(1);
        using (ModelReader reader = own.Reader(new Probe("odd")))
        {
            Assert.Equal(ReadingEngine.Torch, reader.Engine.Name);
            Assert.Contains("an operator of its own", reader.Engine.Reason, StringComparison.Ordinal);
            Tensor images = BatchCheck.Noise(2, 64, 64);
            Assert.True(Same(reader.Run(images)["odd"], own.Forward(images, new Probe("odd"))["odd"]));
        }
        own.Engine = EngineChoice.OnnxRuntime;
        var error = Assert.Throws<FoveaException>(() => own.Reader(new Probe("odd")));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("odd", error.Message, StringComparison.Ordinal);

        void Says(ImageModel one, string reason)
        {
            using ModelReader reader = one.Reader(probe);
            Assert.Equal(ReadingEngine.Torch, reader.Engine.Name);
            Assert.Contains(reason, reader.Engine.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void It_reads_and_does_nothing_else()
    {
        using ImageModel model = Make("small_cnn");
        Assert.Throws<ArgumentException>(() => model.Reader(new Probe().With("block1", value => value)));
        Assert.Throws<ArgumentException>(() => model.Reader(
            new Probe("block1") { Gradient = new ProbeGradient(read => read.Logits.sum(), ["block1"]) }));
        Assert.Throws<FoveaException>(() => model.Reader(new Probe("block9")));
        using ModelReader reader = model.Reader(new Probe("block1"));
        using Tensor other = BatchCheck.Noise(1, 32, 32);
        Assert.Throws<ArgumentException>(() => reader.Run(other));
    }

    [Fact]
    public void Passes_leave_no_tensors_behind()
    {
        using ImageModel model = Make("resnet18");
        var probe = new Probe("layer2", "layer4") { Output = true };
        using ModelReader reader = model.Reader(probe);
        using Tensor images = BatchCheck.Noise(3, 64, 64);
        Once();
        long before = TensorCounts.Settled();
        for (int i = 0; i < 3; i++) Once();
        Assert.Equal(before, TensorCounts.Settled());

        void Once()
        {
            using ProbeResult result = reader.Run(images);
            using ModelReader again = model.Reader(probe);
        }
    }

    internal static void Close(Tensor expected, Tensor actual, string what)
    {
        Assert.Equal(expected.shape, actual.shape);
        double largest = expected.abs().max().item<float>(), difference = (actual - expected).abs().max().item<float>();
        Assert.True(difference <= Math.Max(3e-5 * largest, 2e-7), $"{what}: {difference:E1} where the largest value is {largest:E1}");
    }

    internal static bool Same(Tensor one, Tensor other) => one.eq(other).all().item<bool>();

    private static ImageModel Make(string name, GradientFlow? flow = null)
    {
        ImageModel model = ImageModel.Create(name, 10, flow, Preprocessing.ImageNet(null, 64), seed: 3);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        // Running statistics that are not 0 and 1: a normalisation that is left out shows.
        foreach (var (key, value) in model.Buffers)
        {
            if (!value.is_floating_point()) continue;
            Tensor noise = Dictionaries.Samples.Normal(value.shape, key, ScalarType.Float32);
            value.copy_(key.EndsWith("running_var", StringComparison.Ordinal) ? noise.abs() + 0.5 : noise * 0.2);
        }
        return model;
    }

    private static NetworkGraph WithOwnOperator()
    {
        var turn = new Operator("turn", _ => x => x[0].flip(2));
        var graph = new GraphBuilder();
        string odd = graph.Layer("odd", turn, OperatorAttributes.None, graph.Conv("conv", graph.Input, 3, 4, 3));
        return graph.Build("own", graph.AveragePositions("pool", odd));
    }
}
