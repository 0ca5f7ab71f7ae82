using System.Buffers.Binary;
using System.Text;
using static TorchSharp.torch;

namespace Fovea.Tests.Checkpoints;

/// <summary>A checkpoint in PyTorch's form of before 1.6, put together part by part, so that each part can lie.</summary>
internal sealed record StreamFile
{
    public const string Dictionary = "ccollections\nOrderedDict\n)R";

    /// <summary>The first three pickles of a sound file.</summary>
    public string Head { get; init; } = "\x80\x02\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19." + "\x80\x02M\xE9\x03." + System(true);

    /// <summary>The pickle of the object.</summary>
    public required string Root { get; init; }

    /// <summary>The pickle of the list of storages.</summary>
    public string Keys { get; init; } = "\x80\x02]" + Text("0") + "a.";

    /// <summary>Elements that each storage says it has, and its bytes.</summary>
    public (long Count, byte[] Bytes)[] Storages { get; init; } = [(4, new byte[16])];

    /// <summary>A state dict of one tensor over storage 0 of four floats.</summary>
    public static StreamFile Sound { get; } = new() { Root = StateDict(TensorCode("0", 4, "N")) };

    /// <summary>A state dict of these tensors; with a key, one under it.</summary>
    public static StreamFile Of(string? under, IReadOnlyDictionary<string, Tensor> tensors)
    {
        var (code, keys) = (new StringBuilder(), new StringBuilder());
        List<(long, byte[])> storages = [];
        foreach (var (name, tensor) in tensors)
        {
            string key = $"{storages.Count + 100}", kind = tensor.dtype == ScalarType.Int64 ? "Long" : "Float";
            long[] strides = [.. tensor.shape.Select((_, i) => tensor.shape[(i + 1)..].Aggregate(1L, (product, size) => product * size))];
            code.Append(Text(name) + "ctorch._utils\n_rebuild_tensor_v2\n((" + Text("storage") + $"ctorch\n{kind}Storage\n" + Text(key)
                + Text("cpu")
                + Number(tensor.numel()) + "NtQ" + Number(0) + "(" + string.Concat(tensor.shape.Select(Number)) + "t("
                + string.Concat(strides.Select(Number)) + "t\x89" + Dictionary + "tR");
            keys.Append(Text(key) + "a");
            storages.Add((tensor.numel(), tensor.contiguous().bytes.ToArray()));
        }
        string state = Dictionary + "(" + code + "u";
        return new StreamFile
        {
            Root = "\x80\x02" + (under is null ? state : "}" + Text(under) + state + "s") + ".",
            Keys = "\x80\x02]" + keys + ".",
            Storages = [.. storages],
        };
    }

    public static string System(bool little) => "\x80\x02}" + Text("little_endian") + (little ? "\x88" : "\x89") + "s.";

    public static string StateDict(string tensor) => "\x80\x02" + Dictionary + Text("weight") + tensor + "s.";

    public static string TensorCode(string key, long stored, string view, long size = 2, long offset = 0) =>
        "ctorch._utils\n_rebuild_tensor_v2\n((" + Text("storage") + "ctorch\nFloatStorage\n" + Text(key) + Text("cpu") + Number(stored)
            + view + "tQ"
        + Number(offset) + "(" + Number(size) + "t(" + Number(1) + "t\x89" + Dictionary + "tR";

    public static string View(long start, long length) => "(" + Text("9") + Number(start) + Number(length) + "t";

    public static string Number(long value) => "\x8A\x08" + Bytes(value);

    public static string Text(string text) => "U" + (char)text.Length + text;

    public byte[] ToBytes() => Encoding.Latin1.GetBytes(
        Head + Root + Keys + string.Concat(Storages.Select(one => Bytes(one.Count) + Encoding.Latin1.GetString(one.Bytes))));

    private static string Bytes(long value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Encoding.Latin1.GetString(bytes);
    }
}
