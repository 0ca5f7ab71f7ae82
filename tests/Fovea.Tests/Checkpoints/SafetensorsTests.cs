using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Fovea.Checkpoints;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Checkpoints;

public sealed class SafetensorsTests
{
    [Fact]
    public void A_file_is_laid_out_as_the_format_says()
    {
        using var folder = new ScratchFolder();
        Safetensors.Write(folder["f"],
            [SafetensorsEntry.Of("half", new Half[] { (Half)1 }), SafetensorsEntry.Of("long", [7L, -8L], 2, 1),
                SafetensorsEntry.Of("byte", new byte[] { 3, 4, 5 })],
            new Dictionary<string, string> { ["z"] = "ä\"\n", ["a"] = "1" });
        byte[] bytes = File.ReadAllBytes(folder["f"]);
        long length = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.Equal(0, length % 8);
        Assert.Equal(8 + length + 2 + 16 + 3, bytes.Length);
        using JsonDocument header = JsonDocument.Parse(bytes.AsMemory(8, (int)length));
        Assert.Equal(["__metadata__", "half", "long", "byte"], header.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal("ä\"\n", header.RootElement.GetProperty("__metadata__").GetProperty("z").GetString());
        Assert.Equal("""{"dtype":"I64","shape":[2,1],"data_offsets":[0,16]}""", header.RootElement.GetProperty("long").GetRawText());
        Assert.Equal("""{"dtype":"F16","shape":[1],"data_offsets":[16,18]}""", header.RootElement.GetProperty("half").GetRawText());
        Assert.Equal([7, 0, 0, 0, 0, 0, 0, 0, 0xF8, 0xFF], bytes.AsSpan(8 + (int)length, 10).ToArray());
        Assert.Equal([0x00, 0x3C, 3, 4, 5], bytes[^5..]);
    }

    [Fact]
    public void Reads_spans_and_tensors_of_every_type()
    {
        using var folder = new ScratchFolder();
        using (StateDict weights = PyTorchFile.Read(CheckpointFixtures.Path("every_type.pth"))) Safetensors.Write(folder["f"], weights);
        using var file = SafetensorsFile.Open(folder["f"]);
        var expected = CheckpointFixtures.Json("expected.json")["every_type"];
        Assert.Equal(expected.Keys, file.Tensors.Keys);
        foreach (var (name, row) in expected)
        {
            using Tensor tensor = file.ToTensor(name);
            Assert.Equal(row[0].GetString(), ElementTypes.Of(tensor.dtype).TorchName());
            Assert.Equal(row[1].Deserialize<long[]>(), tensor.shape);
            Assert.Equal(row[2].Deserialize<double[]>(), CheckpointFixtures.Values(tensor));
        }
        Assert.Equal(-3f, file.Span<float>("float32")[0]);
        Assert.Equal([-2.25f, -1.5f], file.Span<float>("float32", 1, 2).ToArray());
        Assert.Equal((Half)(-3), file.Span<Half>("float16")[0]);
        Assert.Equal(0xC040, file.Span<ushort>("bfloat16")[0]); // −3 as bfloat16
        Assert.Equal(42, Assert.Single(file.Span<long>("scalar").ToArray()));
        Assert.Empty(file.Span<float>("empty").ToArray());
        Assert.Throws<ArgumentException>(() => { file.Span<int>("float32"); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { file.Span<float>("float32", 14, 2); });
        Assert.Contains("float32", Assert.Throws<FoveaException>(() => { file.Span<int>("absent"); }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_that_are_not_contiguous_are_written_row_major()
    {
        using var folder = new ScratchFolder();
        using var scope = NewDisposeScope();
        Tensor matrix = arange(6, dtype: ScalarType.Float32).reshape(2, 3);
        Safetensors.Write(folder["f"], new Dictionary<string, Tensor> { ["t"] = matrix.t(), ["g"] = matrix.clone().requires_grad_() });
        using var file = SafetensorsFile.Open(folder["f"]);
        Assert.Equal([0, 3, 1, 4, 2, 5], file.Span<float>("t").ToArray());
        Assert.Equal([3, 2], file.Tensors["t"].Shape);
        Assert.Equal([0, 1, 2, 3, 4, 5], file.Span<float>("g").ToArray());
    }

    [Fact]
    public void Types_without_tensors_are_stored_and_read_as_arrays()
    {
        using var folder = new ScratchFolder();
        Safetensors.Write(folder["f"], [SafetensorsEntry.Of("u", new uint[] { uint.MaxValue })]);
        using var file = SafetensorsFile.Open(folder["f"]);
        Assert.Equal([uint.MaxValue], file.Span<uint>("u").ToArray());
        Assert.Contains("uint32", Assert.Throws<FoveaException>(() => file.ToTensor("u")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_of_no_tensors_is_sound()
    {
        using var folder = new ScratchFolder();
        Safetensors.Write(folder["f"], []);
        using var file = SafetensorsFile.Open(folder["f"]);
        Assert.Empty(file.Tensors);
    }

    [Fact]
    public void A_writer_that_lies_leaves_nothing_behind()
    {
        using var folder = new ScratchFolder();
        Assert.Throws<ArgumentException>(
            () => Safetensors.Write(folder["f"], [new SafetensorsEntry("x", ElementType.F32, [2], stream => stream.Write(new byte[7]))]));
        Assert.Throws<ArgumentException>(
            () => Safetensors.Write(folder["f"], [SafetensorsEntry.Of("x", [1f]), SafetensorsEntry.Of("x", [2f])]));
        Assert.Throws<ArgumentException>(() => SafetensorsEntry.Of("x", [1f], 2));
        Assert.Throws<ArgumentException>(() => SafetensorsEntry.Of("__metadata__", [1f]));
        Assert.Empty(folder.Files);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8,
        null)] // sound, so that the others differ from it in one thing
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}    """, 8, null)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 7, "only 7 are there")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, "describes 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "needs 12 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "belong to no tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12,
        "overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", 16,
        "twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "8 to 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", 8, "-8 to 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "cannot have the shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "cannot have the shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0,4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "cannot have the shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2305843009213693951],"data_offsets":[0,9223372036854775804]}}""", 8, "only 8 are there")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", 8, "not an integer")]
    [InlineData("""{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}""", 8, "not an integer")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}""", 8, "F8_E4M3")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", 8, "lacks")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", 8, "lacks")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}""", 8, "field x")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "field dtype")]
    [InlineData("""{"a":[1]}""", 0, "StartObject is expected")]
    [InlineData("""{"__metadata__":{"x":1}}""", 0, "String is expected")]
    [InlineData("""{"__metadata__":{"x":"1","x":"2"}}""", 0, "twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""", 8, "not JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} x""", 8, "not JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[[[[[[[[2]]]]]]]],"data_offsets":[0,8]}}""", 8, "")]
    public void A_header_that_lies_is_refused(string header, int dataLength, string? reason)
    {
        using var folder = new ScratchFolder();
        byte[] json = Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(folder["f"], [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[dataLength]]);
        if (reason is null)
        {
            SafetensorsFile.Open(folder["f"]).Dispose();
            return;
        }
        var error = Assert.Throws<FoveaException>(() => StateDict.Load(folder["f"]));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains(folder["f"], error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3L)] // ends inside the JSON
    [InlineData(long.MaxValue)]
    [InlineData(-1L)] // 2⁶⁴ − 1
    [InlineData(100_000_001L)]
    [InlineData(0L)]
    public void A_header_length_that_lies_is_refused(long length)
    {
        using var folder = new ScratchFolder();
        File.WriteAllBytes(folder["f"], [.. BitConverter.GetBytes(length), .. "{}      "u8]);
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => StateDict.Load(folder["f"])).Kind);
    }

    [Fact]
    public void Files_shorter_than_the_length_itself_are_refused()
    {
        using var folder = new ScratchFolder();
        for (int length = 0; length < 8; length++)
        {
            File.WriteAllBytes(folder["f"], new byte[length]);
            Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => SafetensorsFile.Open(folder["f"])).Kind);
        }
    }
}
