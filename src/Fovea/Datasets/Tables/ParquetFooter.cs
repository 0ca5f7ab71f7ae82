using System.Buffers.Binary;
using Fovea.IO;
using Microsoft.Win32.SafeHandles;

namespace Fovea.Datasets;

/// <summary>A column of a Parquet file, down to what is stored.</summary>
/// <param name="Path">Its names from the root on.</param>
/// <param name="Type">Its physical type: 1 INT32, 2 INT64, 6 BYTE_ARRAY …</param>
/// <param name="Present">The definition level of a value that is there: how many of its parts may be missing.</param>
/// <param name="Repeated">Whether a row may hold several values.</param>
internal sealed record ParquetColumn(IReadOnlyList<string> Path, int Type, int Present, bool Repeated)
{
    public const int Int32 = 1, Int64 = 2, ByteArray = 6;

    /// <summary>For messages.</summary>
    public string Name => string.Join('.', Path);
}

/// <summary>Where the values of a column lie in a group of rows.</summary>
/// <param name="Column">The column's place among the columns.</param>
/// <param name="Start">Where its first page begins.</param>
/// <param name="Bytes">How many bytes its pages take.</param>
/// <param name="Unpacked">How many they take unpacked.</param>
/// <param name="Values">How many values it has, those that are missing too.</param>
/// <param name="Codec">How its pages are compressed.</param>
/// <param name="Missing">How many values are missing; null where the file does not say.</param>
internal sealed record ParquetChunk(int Column, long Start, long Bytes, long Unpacked, long Values, int Codec, long? Missing);

/// <summary>
/// What a Parquet file says of itself at its end: columns, groups of rows, and words of who wrote it. Format: Apache Parquet, "File Format"
/// and <c>parquet.thrift</c>.
/// </summary>
/// <param name="Columns">The columns.</param>
/// <param name="Groups">Of each group of rows its number of rows and the places of its columns.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Words">Keys and values of who wrote it.</param>
internal sealed record ParquetFooter(
    IReadOnlyList<ParquetColumn> Columns, IReadOnlyList<(int Rows, IReadOnlyList<ParquetChunk> Chunks)> Groups, int Rows,
    IReadOnlyDictionary<string, string> Words)
{
    private const int TailBytes = 8, MostColumns = 100_000, MostEmptyRows = 1 << 16;
    private const long MostFooter = 1 << 30;

    /// <summary>Reads it; every place lies inside the file.</summary>
    /// <exception cref="FormatException">The file is no Parquet file, cut short or damaged.</exception>
    public static ParquetFooter Read(SafeFileHandle file)
    {
        long length = RandomAccess.GetLength(file);
        Span<byte> tail = stackalloc byte[TailBytes], head = stackalloc byte[4];
        if (length < TailBytes + 4) throw new FormatException("it is too short for a Parquet file");
        TarIndex.ReadExactly(file, head, 0);
        TarIndex.ReadExactly(file, tail, length - TailBytes);
        if (!head.SequenceEqual("PAR1"u8)) throw new FormatException("it is no Parquet file");
        if (tail[4..].SequenceEqual("PARE"u8)) throw new FormatException("it is encrypted");
        if (!tail[4..].SequenceEqual("PAR1"u8)) throw new FormatException("it is cut short: it does not end as a Parquet file does");
        long size = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        if (size > length - TailBytes - 4 || size > MostFooter) throw new FormatException("its description does not fit into it");
        var bytes = new byte[size];
        TarIndex.ReadExactly(file, bytes, length - TailBytes - size);
        try
        {
            ParquetFooter footer = Of(ThriftStruct.Read(bytes, out _), length - TailBytes - size);
            // Rows without a value take no bytes, and here each takes some: a file of a kilobyte could state a billion.
            return footer.Rows <= Math.Max(length, MostEmptyRows) ? footer
                : throw new FormatException($"it states {footer.Rows} rows in {length} bytes");
        }
        catch (EndOfStreamException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static ParquetFooter Of(ThriftStruct all, long end)
    {
        ParquetColumn[] columns = Schema([.. all.Structs(2)]);
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < columns.Length; i++) places.TryAdd(string.Join('\n', columns[i].Path), i);
        var groups = new List<(int, IReadOnlyList<ParquetChunk>)>();
        long rows = 0;
        foreach (ThriftStruct group in all.Structs(4))
        {
            int count = (int)group.Number(3, 0, int.MaxValue);
            rows += count;
            groups.Add((count, [.. group.Structs(1).Select(one => Chunk(one, places, end))]));
        }
        if (rows != all.Number(3, 0, int.MaxValue)) throw new FormatException("its groups of rows are not all its rows");
        var words = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (ThriftStruct pair in all.Structs(5))
        {
            if (pair.Text(1) is { } key && pair.Text(2) is { } value) words[key] = value;
        }
        return new ParquetFooter(columns, groups, (int)rows, words);
    }

    private static ParquetChunk Chunk(ThriftStruct chunk, Dictionary<string, int> places, long end)
    {
        if (chunk.Text(1) is not null) throw new FormatException("its columns lie in other files");
        ThriftStruct about = chunk.Inner(3) ?? throw new FormatException("a column is not described, or encrypted");
        if (!places.TryGetValue(string.Join('\n', about.Texts(3)), out int column)) throw new FormatException("a column is not in its schema");
        long start = about.Number(9, 4, end);
        // Some writers leave 0 where there is no dictionary.
        if (about.Number(11) is > 0 and var dictionary && dictionary < start) start = dictionary;
        long bytes = about.Number(7, 0, end - start);
        return new ParquetChunk(
            column, start, bytes, about.Number(6, 0, long.MaxValue), about.Number(5, 0, int.MaxValue), (int)about.Number(4, 0, 100),
                about.Inner(12)?.Number(3));
    }

    // The schema is a tree, written from the root on, each part before its children.
    private static ParquetColumn[] Schema(ThriftStruct[] parts)
    {
        if (parts.Length is 0 or > MostColumns) throw new FormatException("it has no schema");
        var columns = new List<ParquetColumn>();
        int at = 1;
        Children((int)parts[0].Number(5, 0, parts.Length), [], 0, false);
        return [.. columns];

        void Children(int count, IReadOnlyList<string> path, int present, bool repeated)
        {
            if (path.Count > 100) throw new FormatException("its columns lie too deep in each other");
            for (int i = 0; i < count; i++)
            {
                if (at >= parts.Length) throw new FormatException("its schema is cut short");
                ThriftStruct part = parts[at++];
                IReadOnlyList<string> own = [.. path, part.Text(4) ?? ""];
                long repetition = part.Number(3) ?? 0;
                int level = present + (repetition == 0 ? 0 : 1);
                bool several = repeated || repetition == 2;
                if (part.Number(5) is > 0 and var children) Children((int)Math.Min(children, parts.Length), own, level, several);
                else columns.Add(new ParquetColumn(own, (int)(part.Number(1) ?? -1), level, several));
            }
        }
    }
}
