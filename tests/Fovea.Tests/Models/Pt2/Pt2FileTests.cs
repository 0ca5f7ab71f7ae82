using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Tests.Dictionaries;
using Fovea.Tests.Shared;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Pt2;

/// <summary>What the reader makes of small programs, with the arithmetic written out in the test.</summary>
public sealed class Pt2FileTests : IDisposable
{
    private static readonly Preprocessing Input = new(null, 8, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-pt2-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("""{"type":"builtins.dict","context":"[\"logits\", \"maps\"]","children_spec":[LEAF,LEAF]}""", "logits", "maps")]
    [InlineData("""{"type":"builtins.dict","context":"[\"maps\"]","children_spec":[{"type":"builtins.list","context":"null","children_spec":[LEAF,LEAF]}]}""", "maps.0", "maps.1")]
    [InlineData("""{"type":"builtins.tuple","context":"null","children_spec":[LEAF,LEAF]}""", "output0", "output1")]
    [InlineData("""{"type":"builtins.dict","context":"[\"same\", \"same\"]","children_spec":[LEAF,LEAF]}""", "output0", "output1")]
    [InlineData("""{"type":"builtins.dict","context":"[\"logits\"]","children_spec":[LEAF]}""", "output0", "output1")]
    public void Several_values_have_the_names_of_what_the_network_returns(string returned, params string[] names)
    {
        ProgramFile p = new();
        p.Images(-1, 3, 8, 8);
        ProgramFile.Name x = p.Step("aten.relu.default", "relu", [-1, 3, 8, 8], "", ("self", new ProgramFile.Name("x")));
        p.Output(p.Step("aten.mean.dim", "mean", [-1, 3], "", ("self", x), ("dim", new[] { 2L, 3 })));
        p.Output(x);
        string spec = $"[1, {returned.Replace("LEAF", """{"type":null,"context":null,"children_spec":[]}""", StringComparison.Ordinal)}]";
        p.Change = model => model["graph_module"]!["module_call_graph"] = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject
        {
            ["fqn"] = "",
            ["signature"] = new System.Text.Json.Nodes.JsonObject { ["out_spec"] = spec },
        });
        using ImportedNetwork network = NetworkFile.Open(p.Save(_root));
        Assert.Equal(names, network.Outputs.Select(one => one.Name));
    }

    [Fact]
    public void Layers_have_the_modules_names_and_weights_the_files()
    {
        using ImportedNetwork network = NetworkFile.Open(SmallPrograms.Classifier().Save(_root));
        Assert.Equal(
            ["conv", "bn", "relu", "sub", "relu@1", "add_", "avgpool", "drop", "fc"], network.Graph.Layers.Select(layer => layer.Name));
        Assert.Equal(
            ["conv2d", "batch_norm", "relu", "sub", "relu", "add", "adaptive_avg_pool2d", "dropout", "linear"],
                network.Graph.Layers.Select(layer => layer.Kind));
        Assert.Equal(
            ["conv.weight", "bn.weight", "bn.bias", "fc.weight", "fc.bias", "bn.running_mean", "bn.running_var", "bn.num_batches_tracked"],
                network.Graph.Weights.Select(weight => weight.Name));
        Assert.Equal(WeightKind.Counter, network.Graph.Weights[^1].Kind);
        Assert.Equal((8, 8), network.ImageSize);
        using ImageModel model = network.ToModel(Input);
        Assert.Equal((4, "fc"), (model.Outputs, model.Head));
        Assert.Equal("torch.export, PyTorch 2.14.1", network.Source);
    }

    /// <summary>Every value that is changed in place afterwards stays what it was, also when all are read in one pass.</summary>
    [Fact]
    public void A_tap_is_not_changed_by_what_works_in_place()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using ImportedNetwork network = NetworkFile.Open(SmallPrograms.Classifier().Save(_root));
        using ImageModel model = network.ToModel(Input);
        Tensor x = Samples.Normal([3, 3, 8, 8], "images 3", ScalarType.Float32), before = x.clone();
        ProbeResult read = model.Forward(x, new Probe(model.LayerNames) { Output = true });
        Tensor conv = TorchSharp.torch.nn.functional.conv2d(x, model.State["conv.weight"], null, [1, 1], [1, 1]);
        Tensor bn = (conv - Row("bn.running_mean")) / (Row("bn.running_var") + 1e-5).sqrt() * Row("bn.weight") + Row("bn.bias");
        Tensor relu = bn.clamp_min(0), second = (relu - 0.25).clamp_min(0), sum = second + relu;
        Tensor logits = sum.mean([2L, 3]).matmul(model.State["fc.weight"].t()) + model.State["fc.bias"];
        foreach (var (layer, expected) in new[] { ("conv", conv), ("bn", bn), ("relu", relu), ("sub", relu - 0.25), ("relu@1", second),
            ("add_", sum), ("fc", logits) })
            Assert.True(BatchCheck.Relative(read[layer], expected) < 1e-5, layer);
        Assert.True(x.equal(before).all().item<bool>());
        Assert.True(read["bn"].lt(0).any().item<bool>());

        Tensor Row(string name) => model.State[name].reshape(1, -1, 1, 1);
    }

    [Fact]
    public void Exported_in_training_mode_it_is_the_evaluations_network()
    {
        using var scope = NewDisposeScope();
        using ImportedNetwork evaluation = NetworkFile.Open(SmallPrograms.Classifier().Save(_root)), training = NetworkFile.Open(
            SmallPrograms.Classifier(training: true).Save(_root, "training"));
        using ImageModel one = evaluation.ToModel(Input), other = training.ToModel(Input);
        Tensor x = Samples.Normal([2, 3, 8, 8], "images 3", ScalarType.Float32);
        Assert.True(one.Forward(x).equal(other.Forward(x)).all().item<bool>());
        Assert.Contains(training.Notes, note => note.Contains("training mode", StringComparison.Ordinal));
        Assert.DoesNotContain(evaluation.Notes, note => note.Contains("training mode", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_number_of_images_that_the_exporter_fixed_is_taken_out(int batch)
    {
        using var scope = NewDisposeScope();
        using ImportedNetwork any = NetworkFile.Open(SmallPrograms.Classifier().Save(_root)), baked = NetworkFile.Open(
            SmallPrograms.Classifier(batch).Save(_root, "baked"));
        Assert.Equal((batch, (int?)null), (baked.ExportedBatch!.Value, baked.Graph.FixedBatch));
        Assert.Contains(baked.Notes, note => note.Contains("was taken out", StringComparison.Ordinal));
        using ImageModel one = any.ToModel(Input), other = baked.ToModel(Input);
        Tensor x = Samples.Normal([5, 3, 8, 8], "images 3", ScalarType.Float32);
        Assert.True(one.Forward(x).equal(other.Forward(x)).all().item<bool>());
        Assert.True(other.CanContinueAfter("avgpool"));
    }

    /// <summary>Its answer holds for any number of images, another output for one alone.</summary>
    [Fact]
    public void Every_output_has_to_bear_out_that_the_number_is_taken_out()
    {
        using var scope = NewDisposeScope();
        ProgramFile p = new();
        p.Images(1, 3, 8, 8);
        ProgramFile.Name images = new("x"), mean = p.Step("aten.mean.dim", "mean", [1, 3], "", ("self", images), ("dim", new[] { 2L, 3 }));
        p.Output(mean);
        p.Output(p.Step("aten.cumsum.default", "sums", [1, 3], "", ("self", mean), ("dim", 0)));
        using ImportedNetwork network = NetworkFile.Open(p.Save(_root));
        using ImageModel model = network.ToModel(Input);
        Tensor x = Samples.Normal([3, 3, 8, 8], "images 3", ScalarType.Float32), means = x.mean([2L, 3]);
        string sums = network.Outputs[1].Value;
        Assert.True((model.Forward(x, new Probe([sums]))[sums] - means).abs().max().item<float>() < 1e-6);
        Assert.Equal(1, network.Graph.FixedBatch);
    }

    [Fact]
    public void Places_along_a_dimension_are_repeated_where_the_value_has_more()
    {
        using var scope = NewDisposeScope();
        ProgramFile p = new();
        p.Images(-1, 3, 8, 8);
        ProgramFile.Name places = p.Buffer("places", [1, 1, 2, 1], [0L, 5]);
        p.Output(p.Step("aten.take_along_dim.default", "taken", [-1, 3, 2, 8], "", ("self", new ProgramFile.Name("x")), ("indices", places), ("dim", 2)));
        using ImportedNetwork network = NetworkFile.Open(p.Save(_root));
        using ImageModel model = network.ToModel(Input);
        Tensor x = Samples.Normal([2, 3, 8, 8], "images 3", ScalarType.Float32);
        Assert.True(model.Forward(x).equal(x.index_select(2, tensor([0L, 5]))).all().item<bool>());
    }

    /// <summary>
    /// A reshape whose first size is the batch only by chance: images cannot be run together otherwise than the file says.
    /// </summary>
    [Theory]
    [InlineData(5)]
    [InlineData(4)]
    [InlineData(1)]
    public void Where_it_cannot_be_taken_out_images_run_so_many_at_a_time(int count)
    {
        using var scope = NewDisposeScope();
        using ImportedNetwork network = NetworkFile.Open(Mixing().Save(_root));
        Assert.Equal(2, network.Graph.FixedBatch);
        Assert.Contains(network.Notes, note => note.Contains("2 at a time", StringComparison.Ordinal));
        using ImageModel model = network.ToModel(Input);
        Tensor x = Samples.Normal([count, 3, 8, 8], "images 4", ScalarType.Float32), direction = Samples.Normal(
            [count, 3, 8, 8], "images 5", ScalarType.Float32);
        Tensor pooled = x.mean([2L, 3]);
        ProbeResult read = model.Forward(
            x, new Probe("pool")
            {
                Output = true,
                Gradient = new ProbeGradient(result => (result.Logits * result.Logits).sum(), ["input", "pool"])
            });
        Assert.Equal([count, 4], read.Logits.shape);
        Assert.True(BatchCheck.Relative(read["pool"], pooled) < 1e-6);
        // Each image's answer is its own pooled channels times the weights: the reshape turns two images at a time and turns them back.
        Tensor expected = pooled.matmul(model.State["fc.weight"].t());
        Assert.True(BatchCheck.Relative(read.Logits, expected) < 1e-5);
        Assert.True(BatchCheck.Relative(read.Gradient("pool"), (expected * 2).matmul(model.State["fc.weight"])) < 1e-5);
        Assert.Equal(x.shape, read.Gradient("input").shape);
        Tensor edited = model.Forward(x, new Probe().With("pool", value => value * 2)).Logits;
        Assert.True(BatchCheck.Relative(edited, expected * 2) < 1e-5);
        Assert.True(BatchCheck.Relative(model.ContinueAfter("pool", pooled * 3), expected * 3) < 1e-5);
    }

    [Fact]
    public void Sizes_that_depend_on_the_batch_leave_no_trace_in_what_follows()
    {
        using var scope = NewDisposeScope();
        var p = new ProgramFile();
        ProgramFile.Name token = p.Parameter("token", [1, 1, 3], [1, 2, 3]), weight = p.Parameter(
            "fc.weight", [4, 3], SmallPrograms.Numbers(12, 1));
        p.Images(-1, 3, 8, 8);
        ProgramFile.Name images = new("x"), n = p.Step("aten.sym_size.int", "n", null, "", ("self", images), ("dim", 0));
        ProgramFile.Name many = p.Step(
            "_operator.mul", "many", null, "", ("a", new ProgramFile.Raw("""{"as_sym_int":{"as_name":"n"}}""")), ("b", 2));
        ProgramFile.Name rows = p.Step(
            "aten.reshape.default", "rows", [-1, 3, 64], "patch", ("self", images), ("shape", new object[] { n, 3, 64 }));
        ProgramFile.Name halves = p.Step(
            "aten.reshape.default", "halves", [-1, 3, 32], "patch", ("self", rows), ("shape", new object[] { many, 3, 32 }));
        ProgramFile.Name back = p.Step(
            "aten.reshape.default", "back", [-1, 64, 3], "patch", ("self", halves), ("shape", new object[] { n, 64, -1 }));
        ProgramFile.Name first = p.Step(
            "aten.expand.default", "first", [-1, 1, 3], "", ("self", token), ("size", new object[] { n, -1, -1 }));
        ProgramFile.Name tokens = p.Step(
            "aten.cat.default", "tokens", [-1, 65, 3], "", ("tensors", ProgramFile.List(first, back)), ("dim", 1));
        ProgramFile.Name mean = p.Step("aten.mean.dim", "mean", [-1, 3], "", ("self", tokens), ("dim", new[] { 1L }));
        p.Output(p.Step("aten.linear.default", "linear", [-1, 4], "fc", ("input", mean), ("weight", weight)));
        using ImportedNetwork network = NetworkFile.Open(p.Save(_root));
        using ImageModel model = network.ToModel(Input);
        Tensor x = Samples.Normal([3, 3, 8, 8], "images 3", ScalarType.Float32);
        Tensor expected = (x.reshape(3, 64, 3).sum(1) + tensor(new float[] { 1, 2, 3 })) / 65;
        Assert.True(BatchCheck.Relative(model.Forward(x), expected.matmul(model.State["fc.weight"].t())) < 1e-5);
        Assert.Equal([1, 4], model.Forward(x.narrow(0, 0, 1)).shape);
        Assert.True(model.CanContinueAfter("patch"));
        Assert.True(BatchCheck.Relative(model.ContinueAfter("patch", x.reshape(3, 64, 3)), model.Forward(x)) < 1e-6);
    }

    /// <summary>
    /// Kernels made for each image (dynamic convolution): a convolution with as many groups as images. Open, or exported for one image, it is
    /// run one at a time.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Groups_that_are_the_images_are_run_one_image_at_a_time(bool open)
    {
        using var scope = NewDisposeScope();
        var p = new ProgramFile();
        long any = open ? -1 : 1;
        p.Images(any, 3, 8, 8);
        ProgramFile.Name images = new("x"), n = new("n"), weight = p.Parameter("w", [6, 3, 3, 3], SmallPrograms.Numbers(162, 4));
        if (open) p.Step("aten.sym_size.int", "n", null, "", ("self", images), ("dim", 0));
        object count = open ? n : 1, three = open ? new ProgramFile.Name("three") : 3;
        if (open) p.Step("_operator.mul", "three", null, "", ("a", new ProgramFile.Raw("""{"as_sym_int":{"as_name":"n"}}""")), ("b", 3));
        ProgramFile.Name means = p.Step(
            "aten.mean.dim", "means", [any, 1, 1, 1], "", ("self", images), ("dim", new[] { 1L, 2, 3 }), ("keepdim", true));
        // Of one image [6, 3, 3, 3]; of N they would be 6 N.
        ProgramFile.Name kernels = p.Step(
            "aten.mul.Tensor", "kernels", [open ? -1 : 6, 3, 3, 3], "", ("self", weight), ("other", means));
        ProgramFile.Name side = p.Step(
            "aten.reshape.default", "side", [1, open ? -1 : 3, 8, 8], "", ("self", images), ("shape", new object[] { 1, three, 8, 8 }));
        object groups = open ? new ProgramFile.Raw("""{"as_sym_int":{"as_name":"n"}}""") : 1;
        ProgramFile.Name maps = p.Step(
            "aten.conv2d.default", "maps", [1, open ? -1 : 6, 6, 6], "conv", ("input", side), ("weight", kernels), ("bias", null),
            ("groups", groups));
        maps = p.Step("aten.reshape.default", "back", [any, 6, 6, 6], "", ("self", maps), ("shape", new object[] { count, 6, 6, 6 }));
        p.Output(p.Step("aten.mean.dim", "mean", [any, 6], "", ("self", maps), ("dim", new[] { 2L, 3 })));
        using ImportedNetwork network = NetworkFile.Open(p.Save(_root));
        Assert.Contains(network.Notes, note => note.Contains(open ? "leaves the number of images open" : "holds the number of images", StringComparison.Ordinal));
        Assert.Equal(1, network.Graph.FixedBatch);
        using ImageModel model = network.ToModel(Input);
        Tensor x = Samples.Normal([3, 3, 8, 8], "images 3", ScalarType.Float32) + 0.5;
        Tensor expected = cat([.. Enumerable.Range(0, 3).Select(i => nn.functional.conv2d(
            x.narrow(0, i, 1), model.State["w"] * x[i].mean()).mean([2, 3]))]);
        Assert.True(BatchCheck.Relative(model.Forward(x), expected) < 1e-5);
    }

    /// <summary>A mask that the code makes by writing into slices, as shifted windows do, is calculated while reading.</summary>
    [Fact]
    public void What_depends_on_the_code_alone_is_calculated_once()
    {
        using var scope = NewDisposeScope();
        var p = new ProgramFile();
        ProgramFile.Name weight = p.Parameter("fc.weight", [4, 3], SmallPrograms.Numbers(12, 1)), two = p.Constant("two", [], [2]);
        p.Images(-1, 3, 8, 8);
        ProgramFile.Name images = new("x");
        ProgramFile.Name mask = p.Step("aten.new_zeros.default", "mask", [8, 8], "win", ("self", images), ("size", new[] { 8L, 8 }));
        ProgramFile.Name seen = p.Step("aten.add.Tensor", "seen", [8, 8], "win", ("self", mask), ("other", 1.0));
        ProgramFile.Name part = p.Step("aten.slice.Tensor", "part", [3, 8], "win", ("self", mask), ("dim", 0), ("start", 1), ("end", 4));
        ProgramFile.Name corner = p.Step(
            "aten.slice.Tensor", "corner", [3, 2], "win", ("self", part), ("dim", 1), ("start", 6), ("end", 100));
        ProgramFile.Name fresh = p.Step("aten.lift_fresh_copy.default", "fresh", [], "win", ("self", two));
        p.Step("aten.fill_.Tensor", "filled", [3, 2], "win", ("self", corner), ("value", fresh));
        ProgramFile.Name is0 = p.Step("aten.eq.Scalar", "is0", [8, 8], "win", ("self", mask), ("other", 0));
        ProgramFile.Name masked = p.Step("aten.masked_fill.Scalar", "masked", [8, 8], "win", ("self", mask), ("mask", is0), ("value", 0.5));
        ProgramFile.Name times = p.Step("aten.mul.Tensor", "times", [-1, 3, 8, 8], "win", ("self", images), ("other", masked));
        ProgramFile.Name plus = p.Step("aten.add.Tensor", "plus", [-1, 3, 8, 8], "win", ("self", times), ("other", seen));
        ProgramFile.Name mean = p.Step("aten.mean.dim", "mean", [-1, 3], "", ("self", plus), ("dim", new[] { -1L, -2 }));
        p.Output(p.Step("aten.linear.default", "linear", [-1, 4], "fc", ("input", mean), ("weight", weight)));
        using ImportedNetwork network = NetworkFile.Open(p.Save(_root));
        Assert.True(network.Folded > 5);
        Assert.Equal(["mul", "add", "mean", "linear"], network.Graph.Nodes.Select(node => node.Operator.Name));
        Assert.Equal(2, network.Graph.Weights.Count(one => one.Kind == WeightKind.Constant));
        using ImageModel model = network.ToModel(Input);
        Tensor x = Samples.Normal([2, 3, 8, 8], "images 3", ScalarType.Float32), expected = full(8, 8, 0.5f);
        expected[TensorIndex.Slice(1, 4), TensorIndex.Slice(6, 8)] = 2f;
        Tensor answer = (x * expected + 1).mean([2L, 3]).matmul(model.State["fc.weight"].t());
        Assert.True(BatchCheck.Relative(model.Forward(x), answer) < 1e-5);
    }

    [Fact]
    public void Tied_and_strided_weights_are_read_as_they_are_meant()
    {
        using var scope = NewDisposeScope();
        var p = new ProgramFile();
        float[] values = SmallPrograms.Numbers(9, 2);
        ProgramFile.Name one = p.Parameter("one.weight", [3, 3], values, file: "shared"), two = p.Parameter(
            "two.weight", [3, 3], [], file: "shared");
        ProgramFile.Name turned = p.Parameter("three.weight", [4, 3], SmallPrograms.Numbers(12, 3), strides: [1, 4]);
        p.Images(-1, 3, 8, 8);
        ProgramFile.Name x = p.Step("aten.mean.dim", "mean", [-1, 3], "", ("self", new ProgramFile.Name("x")), ("dim", new[] { 2L, 3 }));
        x = p.Step("aten.linear.default", "l1", [-1, 3], "one", ("input", x), ("weight", one));
        x = p.Step("aten.linear.default", "l2", [-1, 3], "two", ("input", x), ("weight", two));
        // As run_decompositions writes a linear layer.
        ProgramFile.Name turn = p.Step("aten.permute.default", "turn", [3, 4], "three", ("self", turned), ("dims", new[] { 1L, 0 }));
        p.Output(p.Step("aten.mm.default", "mm", [-1, 4], "three", ("self", x), ("mat2", turn)));
        using ImportedNetwork network = NetworkFile.Open(p.Save(_root));
        Assert.Equal(["one.weight", "three.weight"], network.Graph.Weights.Select(weight => weight.Name));
        Assert.Equal(["mean", "linear", "linear", "linear"], network.Graph.Nodes.Select(node => node.Operator.Name));
        using ImageModel model = network.ToModel(Input);
        Tensor w = tensor(values, [3, 3]), last = tensor(SmallPrograms.Numbers(12, 3), [3, 4]).t();
        Assert.True(model.State["three.weight"].equal(last).all().item<bool>());
        Tensor images = Samples.Normal([2, 3, 8, 8], "images 3", ScalarType.Float32);
        Assert.True(BatchCheck.Relative(model.Forward(images), images.mean([2L, 3]).matmul(w.t()).matmul(w.t()).matmul(last.t())) < 1e-5);
    }

    [Theory]
    [InlineData("a,b")]
    [InlineData("a;b")]
    [InlineData("a,b,a,b")]
    public void A_module_may_be_called_anything(string name)
    {
        var p = new ProgramFile();
        p.Module(name);
        p.Images(-1, 3, 8, 8);
        ProgramFile.Name x = p.Step("aten.relu.default", "y", [-1, 3, 8, 8], name, ("self", new ProgramFile.Name("x")));
        p.Output(p.Step("aten.mean.dim", "mean", [-1, 3], "", ("self", x), ("dim", new[] { 2L, 3 })));
        using ImportedNetwork network = NetworkFile.Open(p.Save(_root));
        Assert.Equal([name, "mean"], network.Graph.Layers.Select(layer => layer.Name));
    }

    /// <summary>A layer and a value of the file may have one name and be two things.</summary>
    [Fact]
    public void A_value_never_hides_a_layer()
    {
        using var scope = NewDisposeScope();
        var p = new ProgramFile();
        p.Images(-1, 3, 8, 8);
        ProgramFile.Name x = p.Step("aten.sub.Tensor", "input", [-1, 3, 8, 8], "", ("self", new ProgramFile.Name("x")), ("other", 0.5));
        x = p.Step("aten.relu.default", "relu", [-1, 3, 8, 8], "", ("self", x));
        x = p.Step("aten.neg.default", "relu_1", [-1, 3, 8, 8], "relu", ("self", x));
        p.Output(p.Step("aten.mean.dim", "mean", [-1, 3], "", ("self", x), ("dim", new[] { 2L, 3 })));
        using ImportedNetwork network = NetworkFile.Open(p.Save(_root));
        using ImageModel model = network.ToModel(Input);
        Tensor images = Samples.Normal([2, 3, 8, 8], "images 3", ScalarType.Float32);
        ProbeResult read = model.Forward(images, new Probe(model.LayerNames));
        Assert.True(BatchCheck.Relative(read["relu"], -(images - 0.5).relu()) < 1e-6);
        foreach (GraphNode node in model.Graph.Nodes)
            foreach (string value in node.Outputs) Assert.Equal(value, model.Graph.Layer(value).Value);
    }

    /// <summary>Privacy: what the file says of its maker's machine stays in it.</summary>
    [Fact]
    public void Nothing_of_the_exporters_machine_is_kept()
    {
        using ImportedNetwork network = NetworkFile.Open(SmallPrograms.Classifier().Save(_root));
        string all = string.Join(
            '\n', [.. network.Notes, network.Source, .. network.Graph.Nodes.SelectMany(node => node.Outputs),
                .. network.Graph.Layers.Select(layer => layer.ToString())]);
        Assert.DoesNotContain("secret", all, StringComparison.Ordinal);
    }

    /// <summary>Reads two images as one of twice the channels and back: with another batch the first size is not the images'.</summary>
    private static ProgramFile Mixing()
    {
        var p = new ProgramFile();
        ProgramFile.Name weight = p.Parameter("fc.weight", [4, 3], SmallPrograms.Numbers(12, 1));
        p.Images(2, 3, 8, 8);
        ProgramFile.Name x = p.Step("aten.mean.dim", "mean", [2, 3], "pool", ("self", new ProgramFile.Name("x")), ("dim", new[] { 2L, 3 }));
        x = p.Step("aten.t.default", "t", [3, 2], "", ("self", x));
        x = p.Step("aten.reshape.default", "r", [6], "", ("self", x), ("shape", new[] { 6L }));
        x = p.Step("aten.reshape.default", "s", [3, 2], "", ("self", x), ("shape", new[] { 3L, 2 }));
        x = p.Step("aten.t.default", "u", [2, 3], "", ("self", x));
        p.Output(p.Step("aten.linear.default", "linear", [2, 4], "fc", ("input", x), ("weight", weight)));
        return p;
    }
}
