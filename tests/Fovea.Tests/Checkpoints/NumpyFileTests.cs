using System.Text;
using Fovea.Checkpoints;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Checkpoints;

/// <summary>NumPy's files: what is written is read, and what lies about itself is refused.</summary>
public sealed class NumpyFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Rows_and_columns_may_come_first()
    {
        using var scope = NewDisposeScope();
        Write("'<f4'", "False", "(2, 3)", 6 * sizeof(float), i => i);
        Assert.Equal([0, 1, 2, 3, 4, 5], NumpyFile.Read(_path).data<float>().ToArray());
        Write("'<f4'", "True", "(2, 3)", 6 * sizeof(float), i => i);
        Assert.Equal([0, 2, 4, 1, 3, 5], NumpyFile.Read(_path).data<float>().ToArray());
    }

    /// <summary>NumPy's own: one byte each, 1 is true; any other byte but 0 is read as true as well.</summary>
    [Fact]
    public void Flags_are_written_as_NumPy_has_them()
    {
        using var scope = NewDisposeScope();
        NumpyFile.Write(_path, tensor([true, false, true]));
        byte[] bytes = File.ReadAllBytes(_path);
        Assert.Contains("'descr': '|b1'", Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
        Assert.Equal([1, 0, 1], bytes[^3..]);
        bytes[^2] = 255;
        File.WriteAllBytes(_path, bytes);
        Tensor read = NumpyFile.Read(_path);
        Assert.Equal([1, 1, 1], read.to(uint8).data<byte>().ToArray());
        Assert.Equal(ScalarType.Bool, read.dtype);
    }

    [Theory]
    [InlineData("(2, 4)")]
    [InlineData("(0, 1099511627776, 1099511627776)")]
    [InlineData("(999999999999999, 999999999999999)")]
    public void Sizes_that_cannot_be_are_refused(string shape)
    {
        Write("'<f4'", "False", shape, shape.StartsWith("(0", StringComparison.Ordinal) ? 0 : 6 * sizeof(float), i => i);
        Assert.Contains("bytes follow", Assert.Throws<FoveaException>(() => NumpyFile.Read(_path)).Message, StringComparison.Ordinal);
    }

    /// <summary>Digits that are no sizes: each way to part them was tried once.</summary>
    [Fact]
    public void A_shape_that_is_none_is_refused_at_once()
    {
        Write("'<f4'", "False", $"({new string('1', 30)}x)", 0, i => i);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Contains("its header is", Assert.Throws<FoveaException>(() => NumpyFile.Read(_path)).Message, StringComparison.Ordinal);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(1), $"{clock.Elapsed}");
    }

    private void Write(string type, string columns, string shape, int bytes, Func<int, float> number)
    {
        byte[] header = Encoding.ASCII.GetBytes($"{{'descr': {type}, 'fortran_order': {columns}, 'shape': {shape}, }}\n");
        float[] numbers = [.. Enumerable.Range(0, bytes / sizeof(float)).Select(number)];
        File.WriteAllBytes(_path,
            [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header, .. numbers.SelectMany(BitConverter.GetBytes)]);
    }
}
