using System.Text;
using Fovea.Checkpoints;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Checkpoints;

[Collection(TensorCounts.Name)]
public sealed class VectorFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-vectors-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_of_numpy_is_read_byte_for_byte()
    {
        // numpy.save("x.npy", numpy.array([1, -2.5, 3], dtype="float32")): a header of 0x76 bytes, padded with spaces to a multiple of 64
        // in all.
        byte[] file =
        [
            0x93, .. "NUMPY"u8, 1, 0, 0x76, 0,
                .. Encoding.ASCII.GetBytes("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }".PadRight(117) + "\n"),
            0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0, 0, 0, 0x40, 0x40,
        ];
        Assert.Equal(140, file.Length);
        using Tensor vectors = VectorFile.Read(Write("x.npy", file));
        Assert.Equal([1, 3], vectors.shape);
        Assert.Equal([1f, -2.5f, 3f], vectors.data<float>().ToArray());
    }

    [Theory]
    [InlineData(1, "False", new double[] { 1, 2, 3, 4, 5, 6 })]
    [InlineData(2, "False", new double[] { 1, 2, 3, 4, 5, 6 })]
    [InlineData(3, "True", new double[] { 1, 4, 2, 5, 3, 6 })] // column by column
    public void Rows_stay_rows_in_either_order(int version, string columns, double[] stored)
    {
        using Tensor vectors = VectorFile.Read(
            Write("m.npy", Numpy(version, "<f8", columns, "(2, 3)", [.. stored.SelectMany(BitConverter.GetBytes)])));
        Assert.Equal([2, 3], vectors.shape);
        Assert.Equal(float64, vectors.dtype);
        Assert.Equal([1, 2, 3, 4, 5, 6], vectors.data<double>().ToArray());
    }

    [Fact]
    public void Integers_become_floats()
    {
        using Tensor vectors = VectorFile.Read(Write("i.npy", Numpy(1, "<i2", "False", "(1, 2)", [7, 0, 0xFE, 0xFF])));
        Assert.Equal([7f, -2f], vectors.data<float>().ToArray());
    }

    [Fact]
    public void The_only_tensor_of_a_safetensors_file_is_taken_or_the_one_named()
    {
        using var scope = NewDisposeScope();
        Tensor a = arange(4, dtype: float32), b = arange(6, dtype: float32).reshape(2, 3);
        string one = Path.Combine(_folder, "one.safetensors"), two = Path.Combine(_folder, "two.safetensors");
        Safetensors.Write(one, new Dictionary<string, Tensor> { ["a"] = a });
        Safetensors.Write(two, new Dictionary<string, Tensor> { ["a"] = a, ["b"] = b });
        Assert.Equal([1, 4], VectorFile.Read(one).shape);
        Assert.Equal([3f, 4f, 5f], VectorFile.Read(two + "#b")[1].data<float>().ToArray());
        var error = Assert.Throws<FoveaException>(() => VectorFile.Read(two));
        Assert.Contains("two.safetensors#NAME (a, b)", error.Message, StringComparison.Ordinal);
        Assert.Contains("no tensor c", Assert.Throws<FoveaException>(() => VectorFile.Read(two + "#c")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'>f4'", "False", "(1,)", 4, "of the type >f4")]
    [InlineData("'|O'", "False", "(1,)", 4, "of the type |O")]
    [InlineData("'<f4'", "False", "(2,)", 4, "but 4 bytes follow")]
    [InlineData("'<f4'", "False", "(999999999999, 999999999999, 999999999999)", 4, "but 4 bytes follow")]
    [InlineData("[('x', '<f4')]", "False", "(1,)", 4, "One array of plain numbers")]
    [InlineData("'<f4'", "False", "(1, 1, 1)", 4, "a vector [C] or a matrix [N, C]")]
    [InlineData("'<f4'", "False", "()", 4, "a vector [C] or a matrix [N, C]")]
    [InlineData("'<f4'", "False", "(0,)", 0, "a vector [C] or a matrix [N, C]")]
    public void What_is_no_array_of_numbers_is_refused(string type, string columns, string shape, int bytes, string says)
    {
        string path = Write("bad.npy", Numpy(1, type.Trim('\''), columns, shape, new byte[bytes], quoted: type[0] == '\''));
        long before = TensorCounts.Settled();
        var error = Assert.Throws<FoveaException>(() => VectorFile.Read(path));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Equal(before, TensorCounts.Settled());
    }

    [Fact]
    public void Damage_is_bad_data()
    {
        byte[] whole = Numpy(1, "<f4", "False", "(2,)", new byte[8]);
        for (int length = 0; length < whole.Length; length++)
            Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => VectorFile.Read(Write("cut.npy", whole[..length]))).Kind);
        Assert.Contains(
            "does not begin", Assert.Throws<FoveaException>(() => VectorFile.Read(Write("png.npy", [.. "\u0089PNG and so on"u8]))).Message,
                StringComparison.Ordinal);
        Assert.Contains(
            ".npy and .safetensors", Assert.Throws<FoveaException>(() => VectorFile.Read("x.txt")).Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => VectorFile.Read(Path.Combine(_folder, "absent.npy"))).Kind);
    }

    private string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>As NumPy writes it: everything before the numbers fills a multiple of 64 bytes.</summary>
    private static byte[] Numpy(int version, string type, string columns, string shape, byte[] numbers, bool quoted = true)
    {
        string header = $"{{'descr': {(quoted ? $"'{type}'" : type)}, 'fortran_order': {columns}, 'shape': {shape}, }}";
        int before = version == 1 ? 10 : 12, length = (before + header.Length + 1 + 63) / 64 * 64 - before;
        byte[] size = BitConverter.GetBytes(length)[..(before - 8)];
        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. size, .. Encoding.ASCII.GetBytes(header.PadRight(length - 1) + "\n"), .. numbers];
    }
}
