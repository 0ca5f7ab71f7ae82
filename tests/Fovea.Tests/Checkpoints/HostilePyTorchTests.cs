using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Fovea.Checkpoints;
using Xunit;

namespace Fovea.Tests.Checkpoints;

/// <summary>
/// Checkpoints that attack their reader: each is refused by name, at once, with nothing executed and little memory taken.
/// </summary>
public sealed class HostilePyTorchTests
{
    private const string Tensor = "ctorch._utils\n_rebuild_tensor_v2\n";
    private const string Dictionary = "ccollections\nOrderedDict\n)R";

    [Fact]
    public void A_call_of_the_system_is_refused_by_name_and_not_made()
    {
        using var folder = new ScratchFolder();
        string pickle = $"\x80\x02" + "cos\nsystem\n" + Text($"touch {folder["executed"]}") + "\x85R.";
        var error = Refused(Latin1(pickle));
        Assert.Contains("os.system", error.Message, StringComparison.Ordinal);
        Assert.Contains("nothing was executed", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["executed"]));
    }

    [Theory]
    [InlineData("posix\nsystem\n", "posix.system")]
    [InlineData("builtins\neval\n", "builtins.eval")]
    [InlineData("builtins\ngetattr\n", "builtins.getattr")]
    [InlineData("torch.storage\n_load_from_bytes\n", "torch.storage._load_from_bytes")]
    [InlineData("torch._utils\n_rebuild_sparse_tensor\n", "torch._utils._rebuild_sparse_tensor")]
    [InlineData("numpy.core.multiarray\nscalar\n", "numpy.core.multiarray.scalar")]
    [InlineData("collections.OrderedDict\n__reduce__\n", "collections.OrderedDict.__reduce__")]
    public void Any_name_off_the_list_is_refused(string global, string name) =>
        Assert.Contains(name + " ", Refused(Latin1("\x80\x02" + "c" + global + ".")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_name_hidden_in_the_later_protocol_is_refused() =>
        Assert.Contains("nt.system", Refused(Latin1("\x80\x04\x8C\x02nt\x8C\x06system\x93.")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("(S'x'\nios\nsystem\n.", "STRING")]
    [InlineData("(ios\nsystem\n.", "INST")]
    [InlineData("ccollections\nOrderedDict\n)\x81.", "NEWOBJ")]
    [InlineData("ctorch\nFloatTensor\nN\x85\x81.", "NEWOBJ")]
    [InlineData("(cos\nsystem\no.", "os.system")]
    [InlineData("\x82\x01.", "EXT1")]
    [InlineData("P12\n.", "PERSID")]
    [InlineData("N2.", "DUP")]
    [InlineData("I01\n.", "INT")]
    [InlineData("\xFF.", "0xFF")]
    public void Any_instruction_off_the_list_is_refused_by_name(string code, string name) =>
        Assert.Contains(name, Refused(Latin1("\x80\x02" + code)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", "ends too early")] // nothing at all
    [InlineData("\x80\x02", "ends too early")] // no STOP
    [InlineData("\x80\x02.", "stack is empty")]
    [InlineData("\x80\x02(t0.", "stack is empty")]
    [InlineData("\x80\x02t.", "mark is missing")]
    [InlineData("\x80\x02}(s.", "stack is empty")] // pops below its mark
    [InlineData("\x80\x02h\x05.", "memo 5")]
    [InlineData("\x80\x02X\xFF\xFF\xFF\x7F" + "a.", "ends too early")] // a string of 2 GiB in ten bytes
    [InlineData("\x80\x04\x8D\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF.", "ends too early")]
    [InlineData("\x80\x02X\x02\0\0\0\xC3\x28.", "not UTF-8")]
    [InlineData("\x80\x02}]N s.", "instruction")] // an unknown opcode (space)
    [InlineData("\x80\x02}]Ns.", "key")] // a list as a key
    [InlineData("\x80\x02}(Nu.", "without a value")]
    [InlineData("\x80\x02K\x01K\x02s.", "stack is empty")]
    [InlineData("\x80\x02NK\x01K\x02s.", "dictionary is")]
    [InlineData("\x80\x02NNR.", "callable")]
    [InlineData("\x80\x02NNb.", "BUILD")]
    [InlineData("\x80\x02NQ.", "storage")]
    [InlineData("\x80\x02" + "ctorch\nFloatStorage\n)R.", "called with 0")]
    [InlineData("\x80\x02" + "ctorch._utils\n_rebuild_tensor_v2\n)R.", "called with 0")]
    [InlineData("\x80\x02" + "coneline", "inside a name")]
    [InlineData("\x80\x09N.", "protocol 9")]
    [InlineData("\x80\x02K\x07.", "state dict")]
    [InlineData("\x80\x02}.", "no tensors")]
    public void A_damaged_pickle_is_refused_with_its_reason(string code, string reason) =>
        Assert.Contains(reason, Refused(Latin1(code)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(4, 0, new long[] { 5 }, new long[] { 1 }, "reaches to element 5")]
    [InlineData(4, 2, new long[] { 3 }, new long[] { 1 }, "reaches to element 5")]
    [InlineData(4, 0, new long[] { 2, 2 }, new long[] { 3, 1 }, "reaches to element 5")]
    [InlineData(4, -1, new long[] { 2 }, new long[] { 1 }, "offset -1")]
    [InlineData(4, 5, new long[] { 0 }, new long[] { 1 }, "reaches")]
    [InlineData(4, 0, new long[] { -1 }, new long[] { 1 }, "impossible sizes")]
    [InlineData(4, 0, new long[] { 2 }, new long[] { -1 }, "impossible sizes")]
    [InlineData(4, 0, new long[] { 1L << 62, 4 }, new long[] { 0, 0 }, "impossible sizes")] // product is 2⁶⁴ = 0
    [InlineData(4, 0, new long[] { 3 }, new long[] { long.MaxValue }, "reaches")] // 2 × stride wraps
    [InlineData(4, 0, new long[] { 1L << 40, 0, 1L << 40 }, new long[] { 0, 0, 0 }, "impossible sizes")]
    [InlineData(4, 0, new long[] { 2, 2 }, new long[] { 1 }, "2 sizes and 1 strides")]
    [InlineData(4, 0, new long[] { 1L << 40 }, new long[] { 0 }, "unfold")] // 4 TiB from one element
    [InlineData(1000, 0, new long[] { 4 }, new long[] { 1 }, "should hold 1000")] // more than the entry has
    [InlineData(-4, 0, new long[] { 0 }, new long[] { 1 }, "should hold -4")]
    public void Sizes_strides_and_offsets_outside_the_storage_are_refused(
        long stored, long offset, long[] sizes, long[] strides, string reason) =>
        Assert.Contains(
            reason, Refused(StateDictOf(TensorCode("0", stored, offset, sizes, strides)), ("data/0", new byte[16])).Message,
                StringComparison.Ordinal);

    [Fact]
    public void A_storage_that_is_not_there_or_would_leave_the_archive_is_refused()
    {
        foreach (string key in new[] { "7", "../../../etc/passwd", "/etc/passwd", "" })
            Assert.Contains(
                "has no entry", Refused(StateDictOf(TensorCode(key, 4, 0, [4], [1])), ("data/0", new byte[16])).Message,
                    StringComparison.Ordinal);
    }

    [Fact]
    public void Many_expanded_tensors_do_not_fill_the_memory()
    {
        // 1000 tensors of 1 MiB from one element: each is small, together they are not.
        var code = new StringBuilder();
        for (int i = 0; i < 1000; i++) code.Append(Text($"t{i}")).Append(TensorCode("0", 1, 0, [1 << 18], [0]));
        byte[] pickle = Latin1("\x80\x02" + Dictionary + "(" + code + "u.");
        Assert.Contains("unfold", Refused(pickle, ("data/0", new byte[4])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_nothing_but_transposed_tensors_is_not_taken_for_a_bomb()
    {
        using var folder = new ScratchFolder();
        var code = new StringBuilder();
        for (int i = 0; i < 4; i++) code.Append(Text($"t{i}")).Append(TensorCode($"{i}", 1 << 19, 0, [512, 1024], [1, 512]));
        using (var zip = ZipFile.Open(folder["transposed.pth"], ZipArchiveMode.Create))
        {
            Add(zip, "a/data.pkl", Latin1("\x80\x02" + Dictionary + "(" + code + "u."), CompressionLevel.NoCompression);
            for (int i = 0; i < 4; i++) Add(zip, $"a/data/{i}", new byte[1 << 21], CompressionLevel.NoCompression);
        }
        using StateDict weights = StateDict.Load(folder["transposed.pth"]);
        Assert.Equal(4, weights.Count);
    }

    [Fact]
    public void A_memo_bomb_stays_as_small_as_its_pickle()
    {
        // Nine lists, each of ten times the one before: a thousand million leaves if anything copied or walked them.
        var code = new StringBuilder("\x80\x02]q\0");
        for (char level = '\x01'; level <= '\x09'; level++)
            code.Append("](").Insert(code.Length, $"h{(char)(level - 1)}", 10).Append('e').Append('q').Append(level);
        Assert.Contains("state dict", Refused(Latin1(code + ".")).Message, StringComparison.Ordinal);

        // The same through the one call that copies: a dictionary made again and again from a long list of pairs.
        code = new StringBuilder("\x80\x02](");
        for (int i = 0; i < 2000; i++) code.Append("NN\x86");
        code.Append("eq\x01");
        for (int i = 0; i < 2000; i++) code.Append("ccollections\nOrderedDict\nh\x01\x85R0");
        Assert.Contains("copies more than it holds", Refused(Latin1(code + "N.")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_that_holds_itself_is_harmless() => Refused(Latin1("\x80\x02]q\0h\0a."));

    [Fact]
    public void A_compressed_entry_is_refused()
    {
        using var folder = new ScratchFolder();
        using (var zip = ZipFile.Open(folder["bomb.pth"], ZipArchiveMode.Create))
        {
            Add(zip, "a/data.pkl", StateDictOf(TensorCode("0", 1 << 17, 0, [1 << 17], [1])), CompressionLevel.NoCompression);
            Add(zip, "a/data/0", new byte[1 << 19], CompressionLevel.SmallestSize);
        }
        Assert.Contains("compressed", Refused(folder["bomb.pth"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Big_endian_files_and_archives_without_or_with_two_pickles_are_refused()
    {
        byte[] sound = StateDictOf(TensorCode("0", 4, 0, [4], [1]));
        Assert.Contains(
            "big-endian", Refused(sound, ("data/0", new byte[16]), ("byteorder", "big"u8.ToArray())).Message, StringComparison.Ordinal);
        Assert.Contains(
            "two entries", Refused(sound, ("data/0", new byte[16]), ("data/0", new byte[16])).Message, StringComparison.Ordinal);
        using var folder = new ScratchFolder();
        using (var zip = ZipFile.Open(folder["empty.pth"], ZipArchiveMode.Create)) Add(zip, "readme", [1], CompressionLevel.NoCompression);
        Assert.Contains("0 entries data.pkl", Refused(folder["empty.pth"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Changed_bytes_are_noticed()
    {
        using var folder = new ScratchFolder();
        byte[] bytes = File.ReadAllBytes(CheckpointFixtures.Path("parameters.pth"));
        int at = bytes.AsSpan().IndexOf(BitConverter.GetBytes(-2.25f)); // the second weight
        Assert.True(at > 0);
        bytes[at] ^= 1;
        File.WriteAllBytes(folder["changed.pth"], bytes);
        Assert.Contains("checksum", Refused(folder["changed.pth"]).Message, StringComparison.Ordinal);
    }

    private static FoveaException Refused(byte[] pickle, params (string Name, byte[] Content)[] entries)
    {
        using var folder = new ScratchFolder();
        using (var zip = ZipFile.Open(folder["hostile.pth"], ZipArchiveMode.Create))
        {
            Add(zip, "a/data.pkl", pickle, CompressionLevel.NoCompression);
            foreach (var (name, content) in entries) Add(zip, "a/" + name, content, CompressionLevel.NoCompression);
        }
        return Refused(folder["hostile.pth"]);
    }

    private static FoveaException Refused(string path)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<FoveaException>(() => StateDict.Load(path));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 64 << 20);
        return error;
    }

    private static void Add(ZipArchive zip, string name, byte[] content, CompressionLevel level)
    {
        using Stream stream = zip.CreateEntry(name, level).Open();
        stream.Write(content);
    }

    private static byte[] StateDictOf(string tensor) => Latin1("\x80\x02" + Dictionary + Text("weight") + tensor + "s.");

    private static string TensorCode(string key, long stored, long offset, long[] sizes, long[] strides) =>
        Tensor + "((" + Text("storage") + "ctorch\nFloatStorage\n" + Text(key) + Text("cpu") + Integer(stored) + "tQ" + Integer(offset)
        + Tuple(sizes) + Tuple(strides) + "\x89" + Dictionary + "tR";

    private static string Tuple(long[] values) => "(" + string.Concat(values.Select(Integer)) + "t";

    private static string Integer(long value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return "\x8A\x08" + Encoding.Latin1.GetString(bytes);
    }

    private static string Text(string text)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        return "X" + Encoding.Latin1.GetString(length) + text;
    }

    private static byte[] Latin1(string code) => Encoding.Latin1.GetBytes(code);
}
