using Fovea.Models;
using Fovea.Models.Onnx;
using Fovea.Tests.Dictionaries;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>Files that are damaged, that lie, or that hold what is not run: each ends in one sentence and a data error.</summary>
public sealed class HostileOnnxTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-hostile-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void An_empty_file_a_folder_and_a_missing_one_are_said()
    {
        Assert.Contains("empty", Refused([]), StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<FoveaException>(() => NetworkFile.Open(_root)).Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => NetworkFile.Open(Path.Combine(_root, "no.onnx"))).Kind);
        Refused("%PDF-1.4 this is something else altogether"u8.ToArray());
    }

    [Fact]
    public void A_weight_that_is_no_number_is_refused()
    {
        using var scope = NewDisposeScope();
        Tensor weight = zeros(4, 4);
        weight[1, 2] = float.NaN;
        Assert.Contains("its tensor w holds NaN", Refused(SmallNets.WithWeight(OnnxNet.TensorOf("w", weight))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void An_infinite_weight_is_refused_where_it_is_multiplied(float infinite)
    {
        using var scope = NewDisposeScope();
        Tensor weight = zeros(4, 4);
        weight[1, 2] = infinite;
        Assert.Contains(
            "its tensor w holds infinite numbers", Refused(SmallNets.WithWeight(OnnxNet.TensorOf("w", weight))), StringComparison.Ordinal);
        // A mask is added.
        string path = new OnnxNet().Images(0, 8, 8).Tensor("mask", full([1, 3, 1, 1], infinite)).Node("Add", ["x", "mask"], ["a"])
            .Node("Sigmoid", "a", "b").Node("GlobalAveragePool", "b", "c").Node("Flatten", "c", "y").Output("y").Save(_root);
        NetworkFile.Open(path).Dispose();
    }

    /// <summary>What an operator does is told by the version alone.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(27)]
    [InlineData(99)]
    public void Operators_of_a_version_that_is_not_known_are_refused(long opset)
    {
        Assert.Contains(
            $"says opset {opset}", Refused(new OnnxNet(opset).Images(0, 8, 8).Node("Relu", "x", "a").Output("a")), StringComparison.Ordinal);
        OnnxBytes function = new OnnxBytes().Text(1, "Mine").Text(4, "a").Text(5, "b").Text(10, "mine")
            .Message(9, new OnnxBytes().Whole(2, opset)).Message(7, OnnxNet.NodeOf("Relu", ["a"], ["b"], []));
        Assert.Contains($"says opset {opset}", Refused(Net().Function(function).Add(1, OnnxNet.NodeOf("Mine", ["x"], ["y"], [], domain: "mine"))
            .Output("y")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(24)]
    [InlineData(OnnxVersions.LastOpset)]
    public void Those_up_to_the_newest_are_read(long opset) =>
        NetworkFile.Open(new OnnxNet(opset).Images(0, 8, 8).Node("Sigmoid", "x", "a").Output("a").Save(_root)).Dispose();

    [Fact]
    public void A_version_of_the_format_that_is_not_known_is_said_and_one_that_is_too_old_refused()
    {
        Assert.Contains("(IR)", Refused(new OnnxNet(17, 2).Images(0, 8, 8).Node("Relu", "x", "a").Output("a")), StringComparison.Ordinal);
        foreach (var (version, notes) in new[] { (3, 0), (13, 0), (14, 1), (99, 1) })
        {
            using ImportedNetwork read = NetworkFile.Open(new OnnxNet(17, version).Images(0, 8, 8).Node("Relu", "x", "a").Output("a").Save(_root));
            Assert.Equal(notes, read.Notes.Count(note => note.Contains($"version {version} of the format", StringComparison.Ordinal)));
        }
    }

    /// <summary>A link is as much a way out of the folder as "..".</summary>
    [Fact]
    public void Weights_behind_a_link_out_of_the_folder_are_not_read()
    {
        if (OperatingSystem.IsWindows()) return; // links need rights there
        string inside = Directory.CreateDirectory(Path.Combine(_root, "in")).FullName, store = Directory.CreateDirectory(
            Path.Combine(_root, "store")).FullName;
        File.WriteAllBytes(Path.Combine(store, "weights.bin"), new byte[64]);
        File.WriteAllBytes(Path.Combine(inside, "own.bin"), new byte[64]);
        File.CreateSymbolicLink(Path.Combine(inside, "out.bin"), Path.Combine(store, "weights.bin"));
        File.CreateSymbolicLink(Path.Combine(inside, "round.bin"), Path.Combine(inside, "round.bin"));
        File.CreateSymbolicLink(Path.Combine(inside, "near.bin"), "own.bin");
        Directory.CreateSymbolicLink(Path.Combine(inside, "folder"), store);
        string path = Path.Combine(inside, "net.onnx");
        foreach (var (location, read) in new[] { ("out.bin", false), ("round.bin", false), ("folder/weights.bin", false), ("near.bin", true) })
        {
            File.WriteAllBytes(path, SmallNets.WithWeight(SmallNets.Outside("w", location, ("length", "64"))));
            if (read) NetworkFile.Open(path).Dispose();
            else Assert.Contains("a link out of its folder", Assert.Throws<FoveaException>(() => NetworkFile.Open(path)).Message,
                StringComparison.Ordinal);
        }
        // As stores of downloads have them: both are links, and what they lead to lies in one folder.
        File.WriteAllBytes(Path.Combine(store, "net"), SmallNets.WithWeight(SmallNets.Outside("w", "out.bin", ("length", "64"))));
        string linked = Path.Combine(inside, "linked.onnx");
        File.CreateSymbolicLink(linked, Path.Combine(store, "net"));
        NetworkFile.Open(linked).Dispose();
    }

    [Theory]
    [InlineData("net.onnx")]
    [InlineData("net.pt2")]
    public void A_pointer_in_the_place_of_the_file_is_said(string name)
    {
        string path = Path.Combine(_root, name);
        File.WriteAllText(path, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 46838023\n");
        Assert.Contains("git lfs pull", Assert.Throws<FoveaException>(() => NetworkFile.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        byte[] whole = SmallNets.Classifier().Bytes();
        for (int length = 0; length < whole.Length - 20; length += 13) Refused(whole[..length]);
    }

    [Theory]
    [InlineData(new byte[] { 0x3a, 0xff, 0xff, 0xff, 0xff, 0x7f })]
    [InlineData(new byte[] { 0x3a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20 })]
    [InlineData(new byte[] { 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01 })]
    [InlineData(new byte[] { 0x3b, 0x3c })]
    [InlineData(new byte[] { 0x00, 0x01 })]
    public void Lengths_and_numbers_that_cannot_be_are_refused(byte[] bytes) => Refused(bytes);

    [Fact]
    public void Graphs_nested_without_end_are_refused()
    {
        OnnxBytes graph = new();
        for (int i = 0; i < 200; i++)
            graph = new OnnxBytes().Message(
                1, OnnxNet.NodeOf("If", ["c"], ["y"], [("then_branch", graph), ("else_branch", new OnnxBytes())]));
        Assert.Contains("nested", Refused(new OnnxBytes().Whole(1, 8).Message(7, graph).ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1L << 62, 4L)]
    [InlineData(-1L, 4L)]
    [InlineData(1L << 36, 1L)]
    [InlineData(7L, 4L)]
    [InlineData(0L, 4L)]
    public void Tensors_must_be_as_large_as_their_numbers(long rows, long columns)
    {
        OnnxBytes tensor = new OnnxBytes().Whole(1, rows).Whole(1, columns).Whole(2, 1).Text(8, "w").Bytes(9, new byte[64]);
        Refused(SmallNets.WithWeight(tensor));
    }

    /// <summary>Found by changed bytes: a million channels before the three took a minute and gigabytes until the convolution refused them.</summary>
    [Theory]
    [InlineData("reflect", 1, 1 << 20)]
    [InlineData("constant", 1, 1 << 20)]
    [InlineData("edge", 3, 1 << 19)]
    public void A_padding_that_is_no_frame_is_refused(string mode, int axis, long before)
    {
        using var scope = NewDisposeScope();
        var pads = new long[8];
        pads[axis] = before;
        Assert.Contains("A padding makes", Refused(new OnnxNet().Images(0, 8, 8).Tensor("pads", tensor(pads)).Tensor("conv", ones(4, 3, 1, 1))
            .Node("Pad", ["x", "pads"], ["padded"], ("mode", mode)).Node("Conv", ["padded", "conv"], ["a"])
            .Node("GlobalAveragePool", "a", "b").Node("Flatten", "b", "y").Output("y")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_without_numbers_may_not_be_of_any_size_in_other_directions() =>
        Assert.Contains("impossible sizes", Refused(SmallNets.WithWeight(
            new OnnxBytes().Whole(1, 0).Whole(1, 1L << 40).Whole(1, 1L << 40).Whole(2, 1).Text(8, "w"))), StringComparison.Ordinal);

    [Fact]
    public void Numbers_in_lists_of_another_type_or_count_are_refused()
    {
        Refused(SmallNets.WithWeight(new OnnxBytes().Whole(1, 4).Whole(1, 4).Whole(2, 1).Text(8, "w").Bytes(7, new byte[64])));
        Refused(SmallNets.WithWeight(new OnnxBytes().Whole(1, 4).Whole(1, 4).Whole(2, 1).Text(8, "w").Bytes(4, new byte[60])));
        Refused(SmallNets.WithWeight(new OnnxBytes().Whole(1, 4).Whole(1, 4).Whole(2, 1).Text(8, "w")));
        Assert.Contains("int4", Refused(SmallNets.WithWeight(new OnnxBytes().Whole(1, 4).Whole(1, 4).Whole(2, 22).Text(8, "w"))),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../outside.bin")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../outside.bin")]
    [InlineData("..\\outside.bin")]
    [InlineData("C:outside.bin")]
    [InlineData("")]
    [InlineData("missing.bin")]
    [InlineData("short.bin")]
    public void Weights_outside_of_the_folder_or_too_short_are_refused(string location)
    {
        Directory.CreateDirectory(Path.Combine(_root, "in"));
        File.WriteAllBytes(Path.Combine(_root, "outside.bin"), new byte[64]);
        File.WriteAllBytes(Path.Combine(_root, "in", "short.bin"), new byte[60]);
        string path = Path.Combine(_root, "in", "net.onnx");
        File.WriteAllBytes(path, SmallNets.WithWeight(SmallNets.Outside("w", location, ("length", "64"))));
        FoveaException error = Assert.Throws<FoveaException>(() => NetworkFile.Open(path));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains("tensor w", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("offset", "-4")]
    [InlineData("offset", "9223372036854775807")]
    [InlineData("offset", "99999999999999999999")]
    [InlineData("length", "60")]
    [InlineData("length", "x")]
    public void Places_in_the_file_of_weights_that_cannot_be_are_refused(string key, string value)
    {
        File.WriteAllBytes(Path.Combine(_root, "weights.bin"), new byte[128]);
        Refused(SmallNets.WithWeight(SmallNets.Outside("w", "weights.bin", (key, value))));
    }

    [Fact]
    public void Weights_in_a_file_beside_it_are_read()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(5);
        Tensor weight = randn(4, 4), x = Samples.Normal([2, 3, 8, 8], "images", float32);
        string inside = Path.Combine(_root, "inside.onnx"), beside = Path.Combine(_root, "beside.onnx");
        File.WriteAllBytes(inside, SmallNets.WithWeight(OnnxNet.TensorOf("w", weight)));
        File.WriteAllBytes(Path.Combine(_root, "weights.bin"), [1, 2, 3, .. weight.bytes.ToArray(), 4]);
        File.WriteAllBytes(beside, SmallNets.WithWeight(SmallNets.Outside("w", "weights.bin", ("offset", "3"), ("length", "64"))));
        Assert.True(Answer(inside, x).equal(Answer(beside, x)).all().item<bool>());
    }

    [Fact]
    public void Names_that_are_read_before_they_are_made_or_made_twice_are_refused()
    {
        Assert.Contains("nothing before it makes", Refused(
            Net().Node("Relu", "later", "a").Node("Relu", "x", "later").Output("a")), StringComparison.Ordinal);
        Assert.Contains("nothing before it makes", Refused(
            Net().Node("Add", ["x", "b"], ["a"]).Node("Relu", "a", "b").Output("a")), StringComparison.Ordinal);
        Assert.Contains("twice", Refused(Net().Node("Relu", "x", "a").Node("Relu", "x", "a").Output("a")), StringComparison.Ordinal);
        Assert.Contains(
            "twice", Refused(Net().Tensor("t", ones(1)).Tensor("t", ones(1)).Node("Relu", "x", "a").Output("a")), StringComparison.Ordinal);
        Assert.Contains("nothing makes its output", Refused(Net().Node("Relu", "x", "a").Output("b")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_attribute_without_a_name_is_refused() => Assert.Contains("has no name", Refused(Net().Add(1,
        OnnxNet.NodeOf("Relu", ["x"], ["a"], []).Message(5, new OnnxBytes().Whole(3, 1))).Output("a")), StringComparison.Ordinal);

    [Fact]
    public void Functions_that_call_themselves_are_refused()
    {
        OnnxBytes function = new OnnxBytes().Text(1, "Again").Text(4, "a").Text(5, "b").Text(10, "mine")
            .Message(7, OnnxNet.NodeOf("Again", ["a"], ["b"], [], domain: "mine"));
        Assert.Contains("nested deeper", Refused(Net().Function(function).Add(1, OnnxNet.NodeOf("Again", ["x"], ["y"], [], domain: "mine"))
            .Output("y")), StringComparison.Ordinal);
        // Each of twenty calls the next one twice.
        OnnxNet net = Net();
        for (int i = 0; i < 25; i++)
        {
            OnnxBytes twice = new OnnxBytes().Text(1, $"F{i}").Text(4, "a").Text(5, "c").Text(10, "mine")
                .Message(9, new OnnxBytes().Whole(2, 17));
            string next = i == 24 ? "Relu" : $"F{i + 1}", domain = i == 24 ? "" : "mine";
            net.Function(twice.Message(7, OnnxNet.NodeOf(next, ["a"], ["b"], [], domain: domain))
                .Message(7, OnnxNet.NodeOf(next, ["b"], ["c"], [], domain: domain)));
        }
        Assert.Contains("operations", Refused(net.Add(1, OnnxNet.NodeOf("F0", ["x"], ["y"], [], domain: "mine")).Output("y")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_loop_without_end_is_refused()
    {
        OnnxBytes body = new OnnxNet().Input("i", 7, 1).Input("c", 9, 1).Input("v", 1, 1).Node("Identity", "c", "d")
            .Node("Identity", "v", "w").Output("d", 9).Output("w").Graph;
        Assert.Contains("rounds", Refused(Net().Tensor("n", tensor(long.MaxValue)).Tensor("c", tensor(true)).Node(
            "Loop", ["n", "c", "x"], ["y"], ("body", body)).Output("y")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_loop_of_more_operations_than_any_network_has_is_refused()
    {
        // 2,000 rounds of 40: a kilobyte of file, and every one of them a step of the network.
        OnnxNet round = new OnnxNet().Input("i", 7, 1).Input("c", 9, 1).Input("v0", 1, 1).Node("Identity", "c", "d");
        for (int i = 0; i < 40; i++) round = round.Node("Relu", $"v{i}", $"v{i + 1}");
        Assert.Contains("operations", Refused(Net().Tensor("n", tensor(2000L)).Tensor("c", tensor(true)).Node(
            "Loop", ["n", "c", "x"], ["y"], ("body", round.Output("d", 9).Output("v40").Graph)).Output("y")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_operator_is_refused_where_it_stands_and_only_if_it_is_needed()
    {
        OnnxNet net = new() { Producer = "pytorch" };
        net.Images(0, 8, 8).Add(1, OnnxNet.NodeOf("Frobnicate", ["x"], ["y"], [], "/head/head.1/align/Frobnicate")).Output("y");
        string message = Refused(net);
        Assert.Contains("Frobnicate in head.1.align", message, StringComparison.Ordinal);
        string path = SmallNets.Classifier().Node("Frobnicate", "x", "unused").Save(_root);
        NetworkFile.Open(path).Dispose();
    }

    [Fact]
    public void Inputs_that_are_no_images_are_named()
    {
        Assert.Contains("mask", Refused(SmallNets.Classifier().Input("mask", 1, 1, 8, 8)), StringComparison.Ordinal);
        Assert.Contains("takes no images",
            Refused(new OnnxNet().Input("x", 1, 1, 8, 8, 5).Node("Relu", "x", "y").Output("y")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("strides", 0)]
    [InlineData("strides", -1)]
    [InlineData("pads", 1000000000)]
    [InlineData("pads", -1)]
    [InlineData("group", 2)]
    [InlineData("group", 0)]
    [InlineData("dilations", 1000)]
    public void Windows_that_cannot_be_are_refused(string attribute, int value)
    {
        object given = attribute == "group" ? value : Enumerable.Repeat((long)value, attribute == "pads" ? 4 : 2).ToArray();
        Refused(Net().Tensor("w", zeros(4, 3, 3, 3)).Node("Conv", ["x", "w"], ["y"], (attribute, given)).Output("y"));
    }

    [Fact]
    public void Values_larger_than_any_network_needs_are_refused_before_they_are_made()
    {
        Assert.Contains("more numbers than any network needs", Refused(Net().Tensor("a", zeros(1 << 16, 1)).Tensor("b", zeros(1, 1 << 16))
            .Node("MatMul", ["a", "b"], ["c"]).Node("Add", ["x", "c"], ["y"]).Output("y")), StringComparison.Ordinal);
    }

    private static OnnxNet Net() => new OnnxNet().Images(0, 8, 8);

    private static Tensor Answer(string path, Tensor images)
    {
        using ImportedNetwork network = NetworkFile.Open(path);
        using ImageModel model = network.ToModel(Fovea.Imaging.Preprocessing.ImageNet(null, 8));
        using var quiet = no_grad();
        return model.Forward(images);
    }

    private string Refused(OnnxNet net) => Refused(net.Bytes());

    private string Refused(byte[] bytes)
    {
        string path = Path.Combine(_root, "bad.onnx");
        File.WriteAllBytes(path, bytes);
        FoveaException error = Assert.Throws<FoveaException>(() => NetworkFile.Open(path));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        return error.Message;
    }
}
