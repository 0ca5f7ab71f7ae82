using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Fovea.IO;
using static TorchSharp.torch;

namespace Fovea.Checkpoints;

/// <summary>
/// NumPy's <c>.npy</c>: the byte 93 (hexadecimal), <c>NUMPY</c>, a version, the header's length, a header such as
/// <c>{'descr': '&lt;f4', 'fortran_order': False, 'shape': (2, 512), }</c>, then the numbers. Real numbers, or flags, in little-endian order, by rows
/// or by columns; pickled objects are refused.
/// </summary>
public static partial class NumpyFile
{
    private static readonly Dictionary<string, ScalarType> Types = new(StringComparer.Ordinal)
    {
        ["<f2"] = ScalarType.Float16,
        ["<f4"] = ScalarType.Float32,
        ["<f8"] = ScalarType.Float64,
        ["|b1"] = ScalarType.Bool,
        ["|u1"] = ScalarType.Byte,
        ["|i1"] = ScalarType.Int8,
        ["<i2"] = ScalarType.Int16,
        ["<i4"] = ScalarType.Int32,
        ["<i8"] = ScalarType.Int64,
    };

    /// <summary>The array of a file, in main memory; the caller owns it.</summary>
    /// <exception cref="FoveaException">The file is missing or truncated, is no .npy, or holds other things than real numbers and flags.</exception>
    public static Tensor Read(string path)
    {
        try
        {
            using FileStream stream = PlainFile.OpenRead(path);
            return Read(stream, path);
        }
        catch (EndOfStreamException e)
        {
            throw Unsound(path, "it ends too early. Copy it again", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.BadData($"Cannot open {path}: {e.Message}", e);
        }
    }

    /// <summary>Writes a tensor of any device as one array, by rows; the file is replaced whole.</summary>
    /// <exception cref="FoveaException">The type of its numbers has no form in such files, or the place cannot be written.</exception>
    public static void Write(string path, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        string type = Types.FirstOrDefault(pair => pair.Value == tensor.dtype).Key
            ?? throw FoveaException.BadData(
                $"{path}: numbers of the type {tensor.dtype} are not written as .npy: convert them to float32 first.");
        string shape = string.Create(CultureInfo.InvariantCulture, $"({string.Join(", ", tensor.shape)}{(tensor.dim() == 1 ? "," : "")})");
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}";
        // Six bytes of opening, two of version and two of length; all together and the header a multiple of 64, closed by a line's end.
        header = header.PadRight((header.Length + 11 + 63) / 64 * 64 - 11) + "\n";
        AtomicFile.Write(path, stream =>
        {
            stream.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8)]);
            stream.Write(Encoding.Latin1.GetBytes(header));
            TensorBytes.Write(tensor, stream);
        });
    }

    private static Tensor Read(Stream stream, string path)
    {
        byte[] opening = Bytes(stream, 8);
        if (opening[0] != 0x93 || !opening.AsSpan(1, 5).SequenceEqual("NUMPY"u8))
            throw Unsound(path, "it does not begin as one. Write it with numpy.save");
        // Version 1 has a header of 64 KB at most.
        long length = opening[6] == 1
            ? BinaryPrimitives.ReadUInt16LittleEndian(Bytes(stream, 2)) : BinaryPrimitives.ReadUInt32LittleEndian(Bytes(stream, 4));
        if (length > stream.Length - stream.Position)
            throw Unsound(path, $"it announces a header of {length} bytes and ends before. Copy it again");
        string header = Encoding.UTF8.GetString(Bytes(stream, (int)length)).Trim();
        Match match = Header().Match(header);
        if (!match.Success) throw Unsound(path, $"its header is {header}. One array of plain numbers is needed");
        string type = match.Groups["type"].Value;
        if (!Types.TryGetValue(type, out ScalarType scalar))
            throw Unsound(path, $"its numbers are of the type {type}. Save it as float32 or float64");
        long[] shape = [.. match.Groups["size"].Captures.Select(size => long.Parse(size.Value, CultureInfo.InvariantCulture))];
        long left = stream.Length - stream.Position;
        if (!SafetensorsHeader.TryCountBytes(ElementTypes.Of(scalar), shape, out long bytes) || bytes != left)
            throw Unsound(path, $"its shape is ({string.Join(", ", shape)}) of {type}, but {left} bytes follow. Copy it again");

        using var scope = NewDisposeScope();
        bool columns = match.Groups["order"].Value == "True";
        bool flags = scalar == ScalarType.Bool;
        Tensor array = empty(columns ? [.. Enumerable.Reverse(shape)] : shape, dtype: flags ? ScalarType.Byte : scalar);
        TensorBytes.Read(array, stream);
        // Any byte but 0 is true; libtorch counts on 1.
        if (flags) array = array.ne(0);
        if (columns) array = array.permute([.. Enumerable.Range(1, shape.Length).Select(i => (long)shape.Length - i)]).contiguous();
        return array.MoveToOuterDisposeScope();
    }

    private static byte[] Bytes(Stream stream, int count)
    {
        var bytes = new byte[count];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static FoveaException Unsound(string path, string why, Exception? inner = null) =>
        FoveaException.BadData($"{path} is not a sound .npy file: {why}.", inner);

    [GeneratedRegex(@"^\{'descr': '(?<type>[^']+)', 'fortran_order': (?<order>True|False), 'shape': \((?:(?<size>\d{1,15})(?:, ?(?<size>\d{1,15}))*,?)?\), ?\}$")]
    private static partial Regex Header();
}
