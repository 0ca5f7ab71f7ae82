using System.Text;
using System.Text.Json;
using Fovea.Checkpoints;
using Fovea.Models;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Checkpoints;

/// <summary>PyTorch's form of before version 1.6: what PyTorch reads in it, and files in it that lie.</summary>
public sealed class PyTorchStreamTests
{
    public static TheoryData<string> Files =>
    [
        "stream_every_type", "stream_strided", "stream_training_checkpoint", "stream_parameters", "stream_protocol4", "stream_views",
        "stream_first_versions",
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void Reads_what_PyTorch_reads(string name)
    {
        var expected = CheckpointFixtures.Json("streams.json")[name];
        using StateDict weights = StateDict.Load(CheckpointFixtures.Path(name + ".pth"));
        Assert.Equal(expected.Keys, weights.Keys);
        foreach (var (key, row) in expected)
        {
            Assert.Equal(row[0].GetString(), ElementTypes.Of(weights[key].dtype).TorchName());
            Assert.Equal(row[1].Deserialize<long[]>(), weights[key].shape);
            Assert.Equal(row[2].Deserialize<double[]>(), CheckpointFixtures.Values(weights[key]));
        }
    }

    [Fact]
    public void Tensors_of_one_storage_share_it_and_views_are_parts_of_it()
    {
        using StateDict weights = StateDict.Load(CheckpointFixtures.Path("stream_views.pth"));
        using (no_grad()) weights["view"].fill_(1000);
        double[] whole = CheckpointFixtures.Values(weights["whole"]);
        Assert.Equal(6, whole.Count(value => value == 1000));
        Assert.Equal(7, Array.IndexOf(whole, 1000));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Is_inspected_and_converted_bit_for_bit(string name)
    {
        using var folder = new ScratchFolder();
        string path = CheckpointFixtures.Path(name + ".pth");
        WeightsInspection inspection = WeightsInspection.Open(path);
        Assert.Equal(CheckpointFormat.PyTorchStream, inspection.Format);
        WeightsConversion.Convert(path, folder["a.safetensors"]);
        Assert.Equal(CheckpointFormat.PyTorch, WeightsConversion.Convert(path, folder["b.pth"]).Format);
        using StateDict first = StateDict.Load(path), second = StateDict.Load(folder["a.safetensors"]),
            third = StateDict.Load(folder["b.pth"]);
        Assert.Equal(first.Keys, inspection.Tensors.Select(tensor => tensor.Name));
        Assert.Equal(first.Keys, second.Keys);
        foreach (string key in first.Keys)
        {
            Assert.True(first[key].equal(second[key]).all().item<bool>() && first[key].equal(third[key]).all().item<bool>(), key);
            Assert.Equal(first[key].dtype, third[key].dtype);
        }
    }

    [Fact]
    public void A_network_takes_its_weights_from_it()
    {
        using var folder = new ScratchFolder();
        using var source = ImageModel.Create("small_cnn", 3);
        using StateDict weights = StateDict.Of(source.State);
        File.WriteAllBytes(folder["old.pth"], StreamFile.Of(null, weights).ToBytes());
        using var model = ImageModel.Create("small_cnn", 3);
        using StateDict read = StateDict.Load(folder["old.pth"]);
        model.CopyFrom(read, folder["old.pth"]);
        using StateDict now = StateDict.Of(model.State);
        foreach (var (name, tensor) in weights) Assert.True(tensor.equal(now[name]).all().item<bool>(), name);
    }

    [Theory]
    [InlineData("stream_strided")]
    [InlineData("stream_first_versions")]
    public void A_truncated_file_is_refused_wherever_it_ends(string name)
    {
        using var folder = new ScratchFolder();
        byte[] whole = File.ReadAllBytes(CheckpointFixtures.Path(name + ".pth"));
        for (int length = 0; length < whole.Length; length += length > whole.Length - 40 ? 1 : 23)
        {
            File.WriteAllBytes(folder["cut.pth"], whole[..length]);
            Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => StateDict.Load(folder["cut.pth"])).Kind);
        }
    }

    [Fact]
    public void The_file_that_the_others_are_made_from_is_sound()
    {
        using var folder = new ScratchFolder();
        File.WriteAllBytes(folder["sound.pth"], StreamFile.Sound.ToBytes());
        using StateDict weights = StateDict.Load(folder["sound.pth"]);
        Assert.Equal([0.0, 0.0], CheckpointFixtures.Values(weights["weight"]));
        Refused(StreamFile.Sound.ToBytes()[..^1], "beyond the end");
    }

    [Theory]
    [InlineData(5, 16, "5 elements where its tensors say 4")] // the file says one thing, the object another
    [InlineData(4, 12, "beyond the end")]
    [InlineData(-4, 16, "-4 elements")]
    [InlineData(long.MaxValue, 16, "where its tensors say 4")]
    public void A_count_that_lies_is_refused(long count, int bytes, string reason) =>
        Refused((StreamFile.Sound with { Storages = [(count, new byte[bytes])] }).ToBytes(), reason);

    [Theory]
    [InlineData(-1, "-1 elements")]
    [InlineData(1L << 61, "beyond the end")]
    [InlineData(long.MaxValue, "beyond the end")]
    public void A_count_that_both_say_and_that_is_not_there_is_refused(long count, string reason) =>
        Refused((StreamFile.Sound with
        {
            Root = StreamFile.StateDict(StreamFile.TensorCode("0", count, "N")),
            Storages = [(count, new byte[16])]
        }).ToBytes(), reason);

    [Theory]
    [InlineData(3, 2, 0, 1, "outside of it")]
    [InlineData(-1, 2, 0, 1, "outside of it")]
    [InlineData(1, long.MaxValue, 0, 1, "outside of it")]
    [InlineData(1, 2, -1, 1, "outside of its view")]
    [InlineData(1, 2, 3, 1, "outside of its view")]
    [InlineData(1, 2, 1, 2, "reaches to element 4 of a storage of 3")] // past its view, inside its storage
    [InlineData(0, 1, 0, 2, "reaches to element 2 of a storage of 1")]
    public void A_view_that_lies_outside_is_refused(long start, long length, long offset, long size, string reason) =>
        Refused((StreamFile.Sound with
        {
            Root = StreamFile.StateDict(StreamFile.TensorCode("0", 4, StreamFile.View(start, length), size, offset))
        }).ToBytes(), reason);

    [Fact]
    public void Parts_that_are_not_what_they_should_be_are_refused()
    {
        StreamFile sound = StreamFile.Sound;
        Refused((sound with { Head = sound.Head.Replace("M\xE9\x03", "M\xE8\x03", StringComparison.Ordinal) }).ToBytes(),
            "protocol is not 1001");
        Refused((sound with
        {
            Head = sound.Head.Replace(StreamFile.System(true), StreamFile.System(false),
            StringComparison.Ordinal)
        }).ToBytes(),
            "big-endian");
        Refused((sound with { Head = sound.Head.Replace(StreamFile.System(true), "\x80\x02}.", StringComparison.Ordinal) }).ToBytes(),
            "does not say what machine");
        Refused((sound with { Keys = "\x80\x02N." }).ToBytes(), "no list of storages");
        Refused((sound with { Keys = "\x80\x02]K\x01" + "a." }).ToBytes(), "nothing uses");
        Refused((sound with { Keys = "\x80\x02]" + StreamFile.Text("1") + "a." }).ToBytes(), "nothing uses");
        Refused((sound with { Keys = "\x80\x02]." }).ToBytes(), "no storage 0");
        string twice = StreamFile.Text("0") + "a";
        Refused((sound with { Keys = "\x80\x02]" + twice + twice + ".", Storages = [(4, new byte[16]), (4, new byte[16])] }).ToBytes(),
            "twice");
        string other = StreamFile.TensorCode("0", 4, "N").Replace("FloatStorage", "LongStorage", StringComparison.Ordinal);
        Refused((sound with
        {
            Root = "\x80\x02" + StreamFile.Dictionary + "(" + StreamFile.Text("a") + StreamFile.TensorCode("0", 4, "N")
                + StreamFile.Text("b") + other + "u."
        }).ToBytes(), "two types");
    }

    [Fact]
    public void Nothing_in_any_of_its_pickles_is_executed()
    {
        using var folder = new ScratchFolder();
        string call = "\x80\x02" + "cos\nsystem\n" + StreamFile.Text($"touch {folder["executed"]}") + "\x85R.";
        foreach (StreamFile hostile in (StreamFile[])[StreamFile.Sound with { Root = call }, StreamFile.Sound with { Keys = call },
            StreamFile.Sound with { Head = StreamFile.Sound.Head.Replace(StreamFile.System(true), call, StringComparison.Ordinal) }])
            Refused(hostile.ToBytes(), "os.system");
        Assert.False(File.Exists(folder["executed"]));
    }

    [Fact]
    public void What_is_near_to_it_is_refused_by_its_name_and_keeps_its_file()
    {
        byte[] tar = new byte[1024];
        "sys_info"u8.CopyTo(tar);
        "ustar"u8.CopyTo(tar.AsSpan(257));
        Refused(tar, "tar archive");
        string pickle = "\x80\x02}" + StreamFile.Text("weight") + "K\x01s.";
        string said = Refused(Encoding.Latin1.GetBytes(pickle), "torch.save did not write");
        Assert.Contains("new name", said, StringComparison.Ordinal);
    }

    private static string Refused(byte[] bytes, string reason)
    {
        using var folder = new ScratchFolder();
        File.WriteAllBytes(folder["hostile.pth"], bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<FoveaException>(() => StateDict.Load(folder["hostile.pth"]));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("hostile.pth", error.Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4 << 20);
        return error.Message;
    }
}
