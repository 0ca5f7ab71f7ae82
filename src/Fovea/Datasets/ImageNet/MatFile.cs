using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Fovea.Datasets;

/// <summary>
/// Reads an array of structs from a MATLAB file of version 5 as data: of each field a text or a number, null for anything else. Format:
/// "MAT-File Format", MathWorks, chapter 1 (header, data elements, compressed elements, <c>miMATRIX</c>).
/// </summary>
internal static class MatFile
{
    // ImageNet's description of 1,860 synsets unfolds to 3 MB.
    private const int MostBytes = 4 << 20, HeaderBytes = 128, MostNesting = 8;
    private const int MatrixType = 14, CompressedType = 15, StructClass = 2, CharClass = 4, LastNumericClass = 15;

    /// <summary>The structs of the variable, in the order of the file.</summary>
    /// <exception cref="FormatException">The file is no such file, damaged, or has no such variable.</exception>
    public static IReadOnlyList<IReadOnlyDictionary<string, object?>> Structs(ReadOnlySpan<byte> file, string variable)
    {
        if (file.Length < HeaderBytes || !file[126..128].SequenceEqual("IM"u8)
            || BinaryPrimitives.ReadUInt16LittleEndian(file[124..]) != 0x0100)
            throw new FormatException("it is no MATLAB file of version 5 with the low byte first");
        ReadOnlySpan<byte> rest = file[HeaderBytes..];
        while (rest.Length > 0)
        {
            (int type, byte[] content) = Next(ref rest);
            if (type != MatrixType) continue;
            if (Matrix(content, 0, variable) is List<IReadOnlyDictionary<string, object?>> structs) return structs;
        }
        throw new FormatException($"it has no variable {variable} that is an array of structs");
    }

    /// <summary>The next element, unpacked; what is read moves past it.</summary>
    private static (int Type, byte[] Content) Next(ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < 8) throw new FormatException("it is cut short");
        int type = BinaryPrimitives.ReadInt32LittleEndian(rest), size = type >>> 16;
        if (size != 0)
        {
            // Up to four bytes lie in the tag itself.
            if (size > 4) throw new FormatException("an element is damaged");
            byte[] small = rest.Slice(4, size).ToArray();
            rest = rest[8..];
            return (type & 0xFFFF, small);
        }
        size = BinaryPrimitives.ReadInt32LittleEndian(rest[4..]);
        rest = rest[8..];
        if (size < 0 || size > rest.Length) throw new FormatException("it is cut short");
        byte[] content = rest[..size].ToArray();
        rest = rest[(type == CompressedType ? size : Math.Min(rest.Length, (size + 7) & ~7))..];
        if (type != CompressedType) return (type, content);
        // What a compressed element holds is not compressed again.
        ReadOnlySpan<byte> unpacked = Unpack(content);
        if (unpacked.Length >= 4 && BinaryPrimitives.ReadInt32LittleEndian(unpacked) == CompressedType)
            throw new FormatException("a compressed element holds another");
        return Next(ref unpacked);
    }

    private static byte[] Unpack(byte[] content)
    {
        using var zlib = new ZLibStream(new MemoryStream(content), CompressionMode.Decompress);
        var buffer = new byte[1 << 16];
        using var unpacked = new MemoryStream();
        try
        {
            for (int read; (read = zlib.Read(buffer)) > 0;)
            {
                if (unpacked.Length + read > MostBytes) throw new FormatException($"it unfolds to more than {MostBytes >> 20} MB");
                unpacked.Write(buffer, 0, read);
            }
        }
        // A stream that asks for a dictionary of its own ends as ZLibException, which is an IOException.
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new FormatException("a compressed element is damaged", e);
        }
        return unpacked.ToArray();
    }

    // A text, a number, a list of structs, or null for what is neither; a variable of another name is null as well.
    private static object? Matrix(ReadOnlySpan<byte> content, int depth, string? variable)
    {
        if (content.IsEmpty) return null;
        if (depth > MostNesting) throw new FormatException("its arrays lie too deep in each other");
        byte[] flags = Next(ref content).Content, dimensions = Next(ref content).Content;
        if (flags.Length < 8 || dimensions.Length % 4 != 0) throw new FormatException("an array is damaged");
        byte[] name = Next(ref content).Content;
        if (variable is not null && Encoding.ASCII.GetString(name) != variable) return null;
        long count = 1;
        for (int i = 0; i < dimensions.Length; i += 4)
        {
            int side = BinaryPrimitives.ReadInt32LittleEndian(dimensions.AsSpan(i));
            if (side < 0 || (count *= side) > MostBytes) throw new FormatException("an array states a size that it cannot have");
        }
        int kind = flags[0];
        if (kind == StructClass) return Struct(content, count, depth);
        if (count == 0 || kind < CharClass || kind > LastNumericClass) return kind == CharClass ? "" : null;
        (int type, byte[] values) = Next(ref content);
        return kind == CharClass ? Text(type, values) : count == 1 ? Number(type, values) : null;
    }

    private static List<IReadOnlyDictionary<string, object?>> Struct(ReadOnlySpan<byte> content, long count, int depth)
    {
        byte[] lengths = Next(ref content).Content, names = Next(ref content).Content;
        int length = lengths.Length == 4 ? BinaryPrimitives.ReadInt32LittleEndian(lengths) : 0;
        if (length <= 0 || names.Length % length != 0) throw new FormatException("the names of a struct's fields are damaged");
        string[] fields =
            [.. names.Chunk(length).Select(one => Encoding.ASCII.GetString(one).Split('\0')[0])];
        // Each field takes at least the eight bytes of its tag.
        if (count * fields.Length * 8 > content.Length) throw new FormatException("it is cut short");
        var structs = new List<IReadOnlyDictionary<string, object?>>();
        for (long i = 0; i < count; i++)
        {
            var one = new Dictionary<string, object?>(StringComparer.Ordinal);
            foreach (string field in fields)
            {
                (int type, byte[] value) = Next(ref content);
                one[field] = type == MatrixType ? Matrix(value, depth + 1, null) : null;
            }
            structs.Add(one);
        }
        return structs;
    }

    private static string Text(int type, byte[] values) => type switch
    {
        4 or 17 => Encoding.Unicode.GetString(values),
        1 or 2 => Encoding.Latin1.GetString(values),
        16 => Encoding.UTF8.GetString(values),
        _ => throw new FormatException($"it holds text of type {type}"),
    };

    private static double Number(int type, ReadOnlySpan<byte> values)
    {
        int size = type switch { 1 or 2 => 1, 3 or 4 => 2, 5 or 6 or 7 => 4, 9 or 12 or 13 => 8, _ => 0 };
        if (size == 0 || values.Length < size) throw new FormatException($"it holds a number of type {type}");
        return type switch
        {
            1 => (sbyte)values[0],
            2 => values[0],
            3 => BinaryPrimitives.ReadInt16LittleEndian(values),
            4 => BinaryPrimitives.ReadUInt16LittleEndian(values),
            5 => BinaryPrimitives.ReadInt32LittleEndian(values),
            6 => BinaryPrimitives.ReadUInt32LittleEndian(values),
            7 => BinaryPrimitives.ReadSingleLittleEndian(values),
            12 => BinaryPrimitives.ReadInt64LittleEndian(values),
            13 => BinaryPrimitives.ReadUInt64LittleEndian(values),
            _ => BinaryPrimitives.ReadDoubleLittleEndian(values),
        };
    }
}
