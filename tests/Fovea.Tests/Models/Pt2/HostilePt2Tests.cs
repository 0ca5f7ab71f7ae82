using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Tests.Shared;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Pt2;

/// <summary>Files that are damaged, that lie, or that hold what is not run: each ends in one sentence and a data error.</summary>
public sealed class HostilePt2Tests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-hostile-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void An_unknown_operator_is_refused_with_the_module_where_it_stands()
    {
        string message = Refused(Through("torch.ops.torchvision.roi_align.default", "head.align"));
        Assert.Contains("torch.ops.torchvision.roi_align.default in head.align", message, StringComparison.Ordinal);
        Assert.Contains("run_decompositions", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_of_simple_operators_is_not_told_to_make_them_of_others()
    {
        ProgramFile p = new();
        ProgramFile.Name weight = p.Parameter("conv.weight", [4, 3, 1, 1], SmallPrograms.Numbers(12, 1));
        p.Images(-1, 3, 8, 8);
        ProgramFile.Name x = p.Step("aten.convolution.default", "convolution", [-1, 4, 8, 8], "conv", ("input", new ProgramFile.Name("x")),
            ("weight", weight), ("bias", null), ("stride", new[] { 1L, 1 }), ("padding", new[] { 0L, 0 }), ("dilation", new[] { 1L, 1 }),
            ("transposed", false), ("output_padding", new[] { 0L, 0 }), ("groups", 1));
        p.Output(p.Step("torch.ops.mine.special.default", "y", [-1, 4, 8, 8], "", ("self", x)));
        string message = Refused(p);
        Assert.Contains("mine.special.default", message, StringComparison.Ordinal);
        Assert.DoesNotContain("run_decompositions", message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_answer_does_not_depend_on_may_be_anything()
    {
        ProgramFile p = SmallPrograms.Classifier();
        p.Step("torch.ops.mine.log_something.default", "unused", [-1, 6, 8, 8], "", ("self", new ProgramFile.Name("batch_norm")));
        NetworkFile.Open(p.Save(_root)).Dispose();
    }

    [Fact]
    public void A_program_inside_the_program_is_refused()
    {
        ProgramFile p = new();
        p.Images(-1, 3, 8, 8);
        p.Output(p.Step(
            "torch.ops.higher_order.cond", "y", [-1, 3], "gate", ("pred", true),
                ("true_fn", new ProgramFile.Raw("""{"as_graph":{"name":"a"}}""")),
                    ("operands", ProgramFile.List(new ProgramFile.Name("x")))));
        string message = Refused(p);
        Assert.Contains("higher_order.cond in gate", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2.0)]
    [InlineData(true)]
    [InlineData(new[] { 1L, 2 })]
    [InlineData("x")]
    public void An_argument_that_is_not_known_is_refused_and_never_passed_over(object given)
    {
        ProgramFile p = new();
        p.Images(-1, 3, 8, 8);
        ProgramFile.Name y = p.Step("aten.relu.default", "y", [-1, 3, 8, 8], "gate", ("self", new ProgramFile.Name("x")),
            ("sharpness", given is string name ? new ProgramFile.Name(name) : given));
        p.Output(p.Step("aten.mean.dim", "mean", [-1, 3], "", ("self", y), ("dim", new[] { 2L, 3 })));
        Assert.Contains("aten.relu.default in gate: its argument sharpness is not known here", Refused(p), StringComparison.Ordinal);
    }

    [Fact]
    public void Objects_and_tensors_of_other_classes_are_never_built()
    {
        ProgramFile p = SmallPrograms.Classifier();
        p.ChangeWeights = weights => weights["config"]!["conv.weight"]!["use_pickle"] = true;
        Assert.Contains("conv.weight is a tensor of a class of its own", Refused(p), StringComparison.Ordinal);

        p = SmallPrograms.Classifier();
        p.Change = model =>
        {
            ((JsonArray)model["graph_module"]!["signature"]!["input_specs"]!).Add(
                JsonNode.Parse("""{"custom_obj":{"arg":{"name":"obj","class_fqn":"q"},"custom_obj_name":"packed"}}"""));
            model["graph_module"]!["graph"]!["nodes"]![0]!["inputs"]![0]!["arg"] = JsonNode.Parse("""{"as_tensor":{"name":"obj"}}""");
        };
        Assert.Contains("packed", Refused(p), StringComparison.Ordinal);
    }

    [Fact]
    public void Compiled_code_is_refused_by_name()
    {
        ProgramFile p = SmallPrograms.Classifier();
        p.Extra["models/model.json"] = null;
        p.Extra["data/aotinductor/model/model.so"] = [1, 2, 3];
        string message = Refused(p);
        Assert.Contains("AOTInductor", message, StringComparison.Ordinal);
        Assert.Contains("torch.export.save", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Inputs_that_are_no_images_are_named()
    {
        ProgramFile p = SmallPrograms.Classifier();
        p.Input("mask", 1, 8, 8);
        Assert.Contains("mask", Refused(p), StringComparison.Ordinal);
        var grey = new ProgramFile();
        grey.Images(-1, 1, 8, 8);
        grey.Output(grey.Step("aten.relu.default", "y", [-1, 1, 8, 8], "", ("self", new ProgramFile.Name("x"))));
        Assert.Contains("takes no images", Refused(grey), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_schema_is_refused() =>
        Assert.Contains("schema", Refused(Changed(model => model["schema_version"]!["major"] = 9)), StringComparison.Ordinal);

    [Theory]
    [InlineData("sizes", """[{"as_int":1000000},{"as_int":1000000},{"as_int":1000000},{"as_int":1000000}]""")]
    [InlineData("sizes", """[{"as_int":-6},{"as_int":3},{"as_int":3},{"as_int":3}]""")]
    [InlineData("sizes", """[{"as_int":7},{"as_int":3},{"as_int":3},{"as_int":3}]""")]
    [InlineData("sizes", """[{"as_int":6},{"as_int":3},{"as_int":3},{"as_int":0}]""")]
    [InlineData("sizes", """[{"as_int":6},{"as_int":3},{"as_int":3},{"as_int":2}]""")]
    [InlineData("strides", """[{"as_int":27},{"as_int":9},{"as_int":3},{"as_int":2}]""")]
    [InlineData("strides", """[{"as_int":9223372036854775807},{"as_int":9},{"as_int":3},{"as_int":1}]""")]
    [InlineData("strides", """[{"as_int":27},{"as_int":9},{"as_int":3}]""")]
    [InlineData("storage_offset", """{"as_int":1}""")]
    [InlineData("storage_offset", """{"as_int":-1}""")]
    [InlineData("dtype", "9")]
    [InlineData("layout", "1")]
    public void A_weight_outside_of_its_file_is_refused(string member, string json)
    {
        ProgramFile p = SmallPrograms.Classifier();
        p.ChangeWeights = weights => weights["config"]!["conv.weight"]!["tensor_meta"]![member] = JsonNode.Parse(json);
        Refused(p);
    }

    /// <summary>Weights without strides or with few bytes that unfold to gigabytes.</summary>
    [Fact]
    public void Expanded_weights_cannot_fill_the_memory()
    {
        ProgramFile p = SmallPrograms.Classifier();
        p.ChangeWeights = weights =>
        {
            weights["config"]!["conv.weight"]!["tensor_meta"]!["sizes"] = JsonNode.Parse(
                """[{"as_int":60000},{"as_int":3},{"as_int":300},{"as_int":300}]""");
            weights["config"]!["conv.weight"]!["tensor_meta"]!["strides"] = JsonNode.Parse(
                """[{"as_int":0},{"as_int":0},{"as_int":0},{"as_int":0}]""");
        };
        Assert.Contains("twice its own", Refused(p), StringComparison.Ordinal);
    }

    [Fact]
    public void Constants_that_the_code_would_make_are_bounded()
    {
        ProgramFile p = new();
        p.Images(-1, 3, 8, 8);
        ProgramFile.Name big = p.Step("aten.zeros.default", "big", [100000, 100000], "", ("size", new[] { 100000L, 100000 }));
        p.Output(p.Step("aten.add.Tensor", "y", [-1, 3, 8, 8], "", ("self", new ProgramFile.Name("x")), ("other", big)));
        Assert.Contains("more than any network needs", Refused(p), StringComparison.Ordinal);
    }

    [Fact]
    public void Archives_that_lie_are_refused()
    {
        ProgramFile p = SmallPrograms.Classifier();
        p.Compression = CompressionLevel.SmallestSize;
        Assert.Contains("compressed", Refused(p), StringComparison.Ordinal);

        p = SmallPrograms.Classifier();
        p.Extra["/../../etc/passwd"] = [1];
        Assert.Contains("outside", Refused(p), StringComparison.Ordinal);

        p = SmallPrograms.Classifier();
        p.Extra["byteorder"] = "big"u8.ToArray();
        Assert.Contains("big-endian", Refused(p), StringComparison.Ordinal);

        p = SmallPrograms.Classifier();
        p.Extra["archive_format"] = "ptx"u8.ToArray();
        Refused(p);
    }

    [Fact]
    public void A_program_nested_without_end_is_refused()
    {
        ProgramFile p = SmallPrograms.Classifier();
        p.Extra["models/model.json"] = Encoding.UTF8.GetBytes(new string('[', 5_000_000));
        Assert.Contains("no JSON", Refused(p), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""[]""")]
    [InlineData("""null""")]
    [InlineData("")]
    public void A_program_without_its_parts_is_refused(string json)
    {
        ProgramFile p = SmallPrograms.Classifier();
        p.Extra["models/model.json"] = Encoding.UTF8.GetBytes(json);
        Refused(p);
    }

    [Fact]
    public void Names_that_are_read_before_they_are_made_or_made_twice_are_refused()
    {
        Assert.Contains(
            "nothing before it makes",
                Refused(Changed(model => Node(model, 0)["inputs"]![0]!["arg"] = JsonNode.Parse("""{"as_tensor":{"name":"later"}}"""))),
                    StringComparison.Ordinal);
        Assert.Contains(
            "twice", Refused(Changed(model => Node(model, 1)["outputs"]![0]!["as_tensor"]!["name"] = "conv2d")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stride", """{"as_ints":[0,0]}""")]
    [InlineData("padding", """{"as_ints":[1000000000,1000000000]}""")]
    [InlineData("padding", """{"as_ints":[-1,-1]}""")]
    [InlineData("stride", """{"as_ints":[1,1,1]}""")]
    public void Windows_that_cannot_be_are_refused(string argument, string json)
    {
        Refused(Changed(model =>
        {
            foreach (JsonNode? input in (JsonArray)Node(model, 0)["inputs"]!)
                if ((string)input!["name"]! == argument) input["arg"] = JsonNode.Parse(json);
        }));
    }

    /// <summary>Nothing at all reaches a convolution: libtorch's kernel for it would end the process.</summary>
    [Fact]
    public void A_convolution_of_nothing_is_refused()
    {
        ProgramFile p = new();
        ProgramFile.Name weight = p.Parameter("conv.weight", [6, 3, 3, 3], SmallPrograms.Numbers(162, 1));
        p.Images(-1, 3, 8, 8);
        ProgramFile.Name none = p.Step(
            "aten.slice.Tensor", "none", [-1, 3, 8, 8], "", ("self", new ProgramFile.Name("x")), ("dim", 2), ("start", 3), ("end", 3));
        ProgramFile.Name x = p.Step(
            "aten.conv2d.default", "conv", [-1, 6, 8, 8], "conv", ("input", none), ("weight", weight), ("bias", null),
                ("padding", new[] { 1L, 1 }));
        p.Output(p.Step("aten.mean.dim", "mean", [-1, 6], "", ("self", x), ("dim", new[] { 2L, 3 })));
        Assert.Contains("given nothing", Refused(p), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        byte[] whole = File.ReadAllBytes(SmallPrograms.Classifier().Save(_root));
        string path = Path.Combine(_root, "cut.pt2");
        for (int length = 0; length < whole.Length; length += 997)
        {
            File.WriteAllBytes(path, whole[..length]);
            FoveaException error = Assert.Throws<FoveaException>(() => NetworkFile.Open(path));
            Assert.Equal(FailureKind.Data, error.Kind);
            if (length > 0) Assert.Contains("damaged or truncated", error.Message, StringComparison.Ordinal);
        }
        Assert.Contains("is a folder", Assert.Throws<FoveaException>(() => NetworkFile.Open(_root)).Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => NetworkFile.Open(Path.Combine(_root, "missing.pt2"))).Kind);
    }

    [Fact]
    public void An_operation_that_refuses_its_inputs_is_named_with_their_sizes()
    {
        ProgramFile p = new();
        p.Images(-1, 3, 8, 8);
        p.Output(p.Step("aten.view.default", "rows", [-1, 3, 4, 16], "", ("self", new ProgramFile.Name("x")), ("size", new[] { -1L, 3, 4, 16 })));
        using ImportedNetwork network = NetworkFile.Open(p.Save(_root, "rows"));
        using ImageModel model = network.ToModel(Preprocessing.ImageNet(null, 8));
        using var scope = NewDisposeScope();
        FoveaException error = Assert.Throws<FoveaException>(() => model.Forward(zeros(2, 3, 7, 9)));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains("its operation reshape (rows) does not take [2, 3, 7, 9]", error.Message, StringComparison.Ordinal);
    }

    private static JsonNode Node(JsonObject model, int index) => model["graph_module"]!["graph"]!["nodes"]![index]!;

    private static ProgramFile Changed(Action<JsonObject> change)
    {
        ProgramFile p = SmallPrograms.Classifier();
        p.Change = change;
        return p;
    }

    private static ProgramFile Through(string target, string module)
    {
        ProgramFile p = new();
        p.Images(-1, 3, 8, 8);
        ProgramFile.Name x = p.Step(target, "y", [-1, 3, 8, 8], module, ("input", new ProgramFile.Name("x")));
        p.Output(p.Step("aten.mean.dim", "mean", [-1, 3], "", ("self", x), ("dim", new[] { 2L, 3 })));
        return p;
    }

    private string Refused(ProgramFile file)
    {
        string path = file.Save(_root, "bad");
        FoveaException error = Assert.Throws<FoveaException>(() => NetworkFile.Open(path));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        return error.Message;
    }
}
