using Fovea.Imaging;
using Fovea.Models;
using Fovea.Tests.Models.Onnx;
using Fovea.Tests.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Import;

/// <summary>
/// Files that take images with colours last, or as whole numbers: their answers against ONNX Runtime's on the images as each takes them.
/// Height and width differ, so that axes that changed places would show.
/// </summary>
public sealed class ImageEntryTests : IDisposable
{
    private const int Height = 8, Width = 12, Uint8 = 2, Int32 = 6, Float = 1;
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-entry-").FullName;
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(Float, false, 0)]
    [InlineData(Float, true, 0)]
    [InlineData(Float, true, 2)]
    [InlineData(Uint8, false, 0)]
    [InlineData(Uint8, true, 0)]
    [InlineData(Uint8, true, 2)]
    [InlineData(Int32, true, 0)]
    public void Answers_are_ONNX_Runtimes(int type, bool last, int batch)
    {
        using var quiet = no_grad();
        string path = Net(type, last, batch).Save(_folder);
        Tensor images = Images(type, 2), given = last ? images.permute(0, 2, 3, 1) : images;
        Dictionary<string, Tensor> expected = OrtRun.Of(path, given, ["relu"]);
        using ImportedNetwork network = NetworkFile.Open(path);
        Assert.Equal((last, type != Float, (Height, Width)), (network.ChannelsLast, network.WholeNumbers, network.ImageSize!.Value));
        using ImageModel model = network.ToModel(network.UsualPreprocessing(Height, Width));
        ProbeResult read = model.Forward(images.to(float32), new Probe("relu") { Output = true });
        Assert.True(BatchCheck.Relative(read.Logits, expected["logits"]) < 1e-5);
        Assert.True(BatchCheck.Relative(read["relu"], expected["relu"]) < 1e-5);
        Assert.True(BatchCheck.Difference(model, Height, Width) < BatchCheck.Rounding);
        // What moved the axes back is gone: the graph is that of a file with colours first.
        Assert.DoesNotContain(model.Graph.Nodes, node => node.Operator.Name is "permute" or "to");
        // Engines read it as they read any other.
        using ModelReader reader = model.Reader(new Probe("relu") { Output = true });
        Assert.Equal(ReadingEngine.OnnxRuntime, reader.Engine.Name);
    }

    [Fact]
    public void Numbers_before_and_after_the_maps_may_stand_with_colours_last()
    {
        using var quiet = no_grad();
        // As exports of Keras: colours are scaled as they come, maps are pooled with channels last.
        string path = new OnnxNet(13).Input("x", Float, 0, Height, Width, 3).Tensor("mean", tensor([120f, 110, 100]))
            .Tensor("scale", tensor([0.02f, 0.01f, 0.03f])).Node("Sub", ["x", "mean"], ["centred"])
            .Node("Mul", ["centred", "scale"], ["scaled"])
            .Node("Transpose", "scaled", "first", ("perm", new[] { 0, 3, 1, 2 })).Tensor("conv", Weight(6, 3, 3, 3))
            .Node("Conv", ["first", "conv"], ["maps"], ("auto_pad", "SAME_UPPER"), ("strides", new[] { 2, 2 }))
            .Node("Relu", "maps", "relu").Node("Transpose", "relu", "last", ("perm", new[] { 0, 2, 3, 1 }))
            .Node("ReduceMean", "last", "pooled", ("axes", new[] { 1, 2 }), ("keepdims", 0)).Tensor("head", Weight(6, 5))
            .Node("MatMul", ["pooled", "head"], ["logits"]).Output("logits", 1, 0, 5).Save(_folder);
        Tensor images = Images(Float, 3);
        Tensor expected = OrtRun.Of(path, images.permute(0, 2, 3, 1), [])["logits"];
        using ImportedNetwork network = NetworkFile.Open(path);
        using ImageModel model = network.ToModel(Preprocessing.ImageNet(null, Width));
        Assert.True(BatchCheck.Relative(model.Forward(images), expected) < 1e-5);
        // Axes that move before a layer leave its receptive field what it is with colours first.
        using ImportedNetwork other = NetworkFile.Open(Net(Float, false, 0).Save(_folder, "first"));
        using ImageModel plain = other.ToModel(Preprocessing.ImageNet(null, Width));
        ReceptiveField field = ReceptiveField.Of(model, "relu", Height, Width), same = ReceptiveField.Of(plain, "relu", Height, Width);
        Assert.Equal((4, 6), (field.GridHeight, field.GridWidth));
        Assert.Equal((same.GridHeight, same.GridWidth), (field.GridHeight, field.GridWidth));
        // SAME_UPPER pads the end alone, the other network both sides: the window begins at an even pixel here.
        Assert.Equal(new PixelBox(4, 2, 3, 3), field.Box(1, 2));
        Assert.Equal(new PixelBox(3, 1, 3, 3), same.Box(1, 2));
    }

    [Fact]
    public void Where_all_sizes_are_open_the_first_step_tells()
    {
        using var quiet = no_grad();
        string path = new OnnxNet().Input("x", Float, 0, 0, 0, 0).Node("Transpose", "x", "first", ("perm", new[] { 0, 3, 1, 2 }))
            .Tensor("conv", Weight(6, 3, 3, 3)).Node("Conv", ["first", "conv"], ["maps"]).Node("GlobalAveragePool", "maps", "pooled")
            .Node("Flatten", "pooled", "logits").Output("logits", 1, 0, 6).Save(_folder);
        Tensor images = Images(Float, 2);
        using ImportedNetwork network = NetworkFile.Open(path);
        Assert.True(network.ChannelsLast);
        Assert.Null(network.ImageSize);
        using ImageModel model = network.ToModel(Preprocessing.ImageNet(null, Width));
        Assert.True(BatchCheck.Relative(model.Forward(images), OrtRun.Of(path, images.permute(0, 2, 3, 1), [])["logits"]) < 1e-5);
    }

    [Fact]
    public void A_file_that_calculates_with_sizes_that_it_leaves_open_is_read_for_one_size()
    {
        using var quiet = no_grad();
        // Maps are brought to the images' own size again, as networks of several scales do.
        string path = SmallNets.ColoursLast(0, 0).Save(_folder);
        Assert.Contains("height or width", Assert.Throws<FoveaException>(() => NetworkFile.Open(path)).Message, StringComparison.Ordinal);
        Tensor images = Images(Uint8, 2), expected = OrtRun.Of(path, images.permute(0, 2, 3, 1), [])["logits"];
        using ImportedNetwork network = NetworkFile.Open(path, images: (Height, Width));
        Assert.Equal((true, (Height, Width)), (network.SizeOfImages, network.ImageSize!.Value));
        Assert.Contains(network.Notes, note => note.Contains("8 × 12 alone", StringComparison.Ordinal));
        using ImageModel model = network.ToModel(network.UsualPreprocessing(Height, Width));
        Assert.True(BatchCheck.Relative(model.Forward(images.to(float32)), expected) < 1e-5);
        Assert.Contains("say the size", Assert.Throws<FoveaException>(() => network.RequireSize(model, 16, 16)).Message,
            StringComparison.Ordinal);
        // One that calculates nothing of them stays open.
        using ImportedNetwork free = NetworkFile.Open(
            new OnnxNet().Input("x", Float, 0, 3, 0, 0).Tensor("conv", Weight(6, 3, 3, 3)).Node("Conv", ["x", "conv"], ["maps"])
                .Node("GlobalAveragePool", "maps", "pooled").Node("Flatten", "pooled", "logits").Output("logits", 1, 0, 6)
                    .Save(_folder, "free"), images: (Height, Width));
        Assert.Null(free.ImageSize);
    }

    [Fact]
    public void Whole_numbers_have_gradients()
    {
        using ImportedNetwork network = NetworkFile.Open(Net(Uint8, true, 0).Save(_folder));
        using ImageModel model = network.ToModel(network.UsualPreprocessing(Height, Width));
        Tensor images = Images(Uint8, 1).to(float32), direction = randn_like(images);
        Probe probe = new() { Gradient = new ProbeGradient(pass => pass.Logits.select(1, 2).sum(), [model.Graph.Input]) };
        double along = (model.Forward(images, probe).Gradient(model.Graph.Input) * direction).sum().item<float>();
        using var quiet = no_grad();
        const float Step = 0.02f;
        Tensor difference = model.Forward(images + direction * Step) - model.Forward(images - direction * Step);
        double found = difference[0, 2].item<float>() / (2 * Step);
        Assert.True(Math.Abs(along) > 1e-4);
        Assert.Equal(along, found, 0.02 * Math.Abs(along));
    }

    [Fact]
    public void A_graph_before_may_take_and_give_colours_last()
    {
        using var quiet = no_grad();
        string before = new OnnxNet(13).Input("raw", Uint8, 0, Height, Width, 3).Node("Cast", "raw", "numbers", ("to", Float))
            .Tensor("scale", tensor([0.02f, 0.01f, 0.03f])).Node("Mul", ["numbers", "scale"], ["made"])
            .Output("made", 1, 0, Height, Width, 3).Save(_folder, "before");
        string path = Net(Float, true, 0).Save(_folder);
        Tensor images = Images(Uint8, 2);
        Tensor made = OrtRun.Of(before, images.permute(0, 2, 3, 1), [])["made"], expected = OrtRun.Of(path, made, [])["logits"];
        using ImportedNetwork network = NetworkFile.Open(path, before: before);
        Assert.True(network is { WholeNumbers: true, ChannelsLast: true });
        using ImageModel model = network.ToModel(network.UsualPreprocessing(Height, Width));
        Assert.True(BatchCheck.Relative(model.Forward(images.to(float32)), expected) < 1e-5);
    }

    [Fact]
    public void Calculating_with_whole_numbers_is_refused_and_so_is_changing_them_before()
    {
        string path = new OnnxNet().Input("x", Uint8, 0, 3, Height, Width).Tensor("two", tensor((byte)2))
            .Node("Div", ["x", "two"], ["halves"]).Node("Cast", "halves", "numbers", ("to", Float)).Node("GlobalAveragePool", "numbers", "pooled")
            .Node("Flatten", "pooled", "logits").Output("logits", 1, 0, 3).Save(_folder);
        Assert.Contains("whole numbers", Assert.Throws<FoveaException>(() => NetworkFile.Open(path)).Message, StringComparison.Ordinal);
        using ImportedNetwork network = NetworkFile.Open(Net(Uint8, false, 0).Save(_folder));
        var e = Assert.Throws<FoveaException>(() => network.ToModel(Preprocessing.ImageNet(null, Width)));
        Assert.Equal(FailureKind.Configuration, e.Kind);
        Assert.Contains("leave mean and std out", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Programs_of_PyTorch_too(bool whole)
    {
        using var quiet = no_grad();
        // The same network with colours first and float32 is read as ever.
        ProgramFile Program(bool last)
        {
            var p = new ProgramFile();
            ProgramFile.Name weight = p.Parameter("conv.weight", [6, 3, 3, 3], [.. Weight(6, 3, 3, 3).data<float>()]);
            if (!last) p.Images(-1, 3, Height, Width);
            else if (whole) p.ImagesOf(1, -1, Height, Width, 3);
            else p.Images(-1, Height, Width, 3);
            ProgramFile.Name x = new("x");
            if (last)
            {
                x = p.Step("aten.permute.default", "permute", [-1, 3, Height, Width], "", ("self", x), ("dims", new[] { 0L, -1, 1, 2 }));
                if (whole) p.TypeOf(x, 1);
            }
            x = p.Step("aten.to.dtype", "to", [-1, 3, Height, Width], "", ("self", x), ("dtype", new ProgramFile.Type(7)));
            x = p.Step("aten.conv2d.default", "conv2d", [-1, 6, Height - 2, Width - 2], "conv", ("input", x), ("weight", weight),
                ("bias", null));
            x = p.Step("aten.relu.default", "relu", [-1, 6, Height - 2, Width - 2], "relu", ("self", x));
            p.Output(p.Step("aten.mean.dim", "mean", [-1, 6], "", ("self", x), ("dim", new[] { 2L, 3 })));
            return p;
        }
        using ImportedNetwork network = NetworkFile.Open(Program(true).Save(_folder));
        using ImportedNetwork plain = NetworkFile.Open(Program(false).Save(_folder, "plain"));
        Assert.Equal((true, whole, (Height, Width)), (network.ChannelsLast, network.WholeNumbers, network.ImageSize!.Value));
        using ImageModel model = network.ToModel(network.UsualPreprocessing(Height, Width));
        using ImageModel other = plain.ToModel(Preprocessing.ImageNet(null, Width));
        Tensor images = Images(Uint8, 2).to(float32);
        Assert.True(BatchCheck.Relative(model.Forward(images), other.Forward(images)) == 0);
        Assert.Equal(other.LayerNames, model.LayerNames);
        if (!whole) return;
        var halved = new ProgramFile();
        halved.ImagesOf(1, -1, Height, Width, 3);
        ProgramFile.Name half = halved.Step("aten.div.Tensor_mode", "div", [-1, Height, Width, 3], "", ("self", new ProgramFile.Name("x")),
            ("other", 2), ("rounding_mode", "floor"));
        halved.TypeOf(half, 1);
        halved.Output(halved.Step("aten.mean.dim", "mean", [-1, 3], "", ("self", half), ("dim", new[] { 1L, 2 })));
        Assert.Contains("whole numbers",
            Assert.Throws<FoveaException>(() => NetworkFile.Open(halved.Save(_folder, "halved"))).Message, StringComparison.Ordinal);
    }

    private static Tensor Weight(params long[] shape)
    {
        random.manual_seed(11);
        return randn(shape) * 0.3;
    }

    /// <summary>Whole numbers from 0 to 255 with colours first, of the type that a file takes.</summary>
    private static Tensor Images(int type, int count) => (arange(0, count * 3 * Height * Width) * 37).remainder(256)
        .reshape(count, 3, Height, Width).to(type switch { Uint8 => ScalarType.Byte, Int32 => ScalarType.Int32, _ => ScalarType.Float32 });

    private static OnnxNet Net(int type, bool last, int batch)
    {
        OnnxNet net = new OnnxNet().Input("x", type, last ? [batch, Height, Width, 3] : [batch, 3, Height, Width]);
        string x = "x";
        if (type != Float) net.Node("Cast", x, x = "numbers", ("to", Float));
        if (last) net.Node("Transpose", x, x = "first", ("perm", new[] { 0, 3, 1, 2 }));
        return net.Tensor("conv", Weight(6, 3, 3, 3)).Tensor("head", Weight(6, 5))
            .Node("Conv", [x, "conv"], ["maps"], ("pads", new[] { 1, 1, 1, 1 }), ("strides", new[] { 2, 2 }))
            .Node("Relu", "maps", "relu").Node("GlobalAveragePool", "relu", "pooled").Node("Flatten", "pooled", "flat")
            .Node("MatMul", ["flat", "head"], ["logits"]).Output("logits", 1, batch, 5);
    }
}
