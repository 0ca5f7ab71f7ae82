using System.Buffers.Binary;

namespace Fovea.Datasets;

/// <summary>
/// The values of a page, row by row: byte strings as places in one buffer, or whole numbers. A dictionary is such a page too.
/// </summary>
internal sealed class ParquetPage
{
    private const int Plain = 0, PlainDictionary = 2, DeltaBinaryPacked = 5, DeltaLengthByteArray = 6, RleDictionary = 8;

    private readonly byte[] _bytes;
    private readonly ParquetPage? _dictionary;
    private readonly int[] _rows;
    private readonly int[] _places;
    private readonly long[] _numbers;

    // Rows hold the number of their value, or −1; values are places (start and end), numbers, or numbers of the dictionary's values.
    private ParquetPage(byte[] bytes, int[] rows, int[] places, long[] numbers, ParquetPage? dictionary) =>
        (_bytes, _rows, _places, _numbers, _dictionary) = (bytes, rows, places, numbers, dictionary);

    /// <summary>Number of rows.</summary>
    public int Rows => _rows.Length;

    /// <summary>Bytes that it keeps in memory, its dictionary apart.</summary>
    public long Memory => _bytes.Length + (long)sizeof(int) * (_rows.Length + _places.Length) + (long)sizeof(long) * _numbers.Length;

    /// <summary>Whether a row has no value.</summary>
    public bool IsMissing(int row) => _rows[row] < 0;

    /// <summary>A row's bytes; none where it has no value.</summary>
    public ReadOnlySpan<byte> Bytes(int row)
    {
        if (_rows[row] is not (>= 0 and var value)) return default;
        if (_dictionary is { } dictionary) return dictionary.Bytes((int)_numbers[value]);
        return _bytes.AsSpan(_places[2 * value], _places[2 * value + 1]);
    }

    /// <summary>A row's number, or null.</summary>
    public long? Number(int row) => _rows[row] is not (>= 0 and var value) ? null
        : _dictionary is { } dictionary ? dictionary.Number((int)_numbers[value]) : _numbers[value];

    /// <summary>Reads a dictionary's values.</summary>
    /// <param name="bytes">Its bytes, unpacked.</param>
    /// <param name="count">How many values.</param>
    /// <param name="column">The column.</param>
    /// <exception cref="FormatException">It is damaged.</exception>
    public static ParquetPage Dictionary(byte[] bytes, int count, ParquetColumn column) =>
        OfValues(bytes, 0, [.. Enumerable.Range(0, RequireFit(count, bytes))], Plain, column, null);

    /// <summary>Reads a page.</summary>
    /// <param name="bytes">Its bytes, unpacked, levels first.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="levels">Bytes of the levels; null where their length stands before them.</param>
    /// <param name="encoding">How its values are written.</param>
    /// <param name="column">The column.</param>
    /// <param name="dictionary">The dictionary of its group of rows, if any.</param>
    /// <exception cref="FormatException">It is damaged, or written in a way that is not read.</exception>
    public static ParquetPage Read(byte[] bytes, int rows, int? levels, int encoding, ParquetColumn column, ParquetPage? dictionary)
    {
        int start = 0;
        var numbers = new int[rows];
        if (column.Present == 0) for (int i = 0; i < rows; i++) numbers[i] = i;
        else
        {
            int length = levels ?? (bytes.Length >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : -1);
            start = levels is null ? 4 : 0;
            if (length < 0 || length > bytes.Length - start) throw new FormatException("a page is cut short");
            int width = 32 - int.LeadingZeroCount(column.Present);
            new PageBits(bytes.AsSpan(start, length)).Hybrid(numbers, width);
            start += length;
            int value = 0;
            for (int i = 0; i < rows; i++) numbers[i] = numbers[i] == column.Present ? value++ : -1;
        }
        return OfValues(bytes, start, numbers, encoding, column, dictionary);
    }

    private static ParquetPage OfValues(
        byte[] bytes, int start, int[] rows, int encoding, ParquetColumn column, ParquetPage? dictionary)
    {
        int count = rows.Count(row => row >= 0);
        if (count == 0) return new ParquetPage([], rows, [], [], null);
        ReadOnlySpan<byte> values = bytes.AsSpan(start);
        switch (encoding)
        {
            case PlainDictionary or RleDictionary:
                if (dictionary is null || values.Length == 0) throw new FormatException("a page refers to a dictionary that is not there");
                var indices = new int[count];
                new PageBits(values[1..]).Hybrid(indices, values[0]);
                if (indices.Any(index => (uint)index >= (uint)dictionary.Rows)) throw new FormatException("a page refers beyond its dictionary");
                return new ParquetPage([], rows, [], [.. indices.Select(index => (long)index)], dictionary);
            case Plain when column.Type == ParquetColumn.ByteArray:
                return new ParquetPage(bytes, rows, Places(bytes, start, count), [], null);
            case DeltaLengthByteArray when column.Type == ParquetColumn.ByteArray:
                var bits = new PageBits(values);
                long[] lengths = bits.Differences(count);
                return new ParquetPage(bytes, rows, Places(bytes, start + bits.Position, lengths, count), [], null);
            case Plain when column.Type is ParquetColumn.Int32 or ParquetColumn.Int64:
                return new ParquetPage([], rows, [], Numbers(values, count, column.Type == ParquetColumn.Int32 ? 4 : 8), null);
            case DeltaBinaryPacked when column.Type is ParquetColumn.Int32 or ParquetColumn.Int64:
                long[] numbers = new PageBits(values).Differences(count);
                return numbers.Length == count ? new ParquetPage([], rows, [], numbers, null) : throw new FormatException("a page is cut short");
            default:
                throw new FormatException($"the column {column.Name} is written in encoding {encoding} of type {column.Type}, which is not read");
        }
    }

    private static int[] Places(byte[] bytes, int at, int count)
    {
        var places = new int[2 * RequireFit(count, bytes)];
        for (int i = 0; i < count; i++)
        {
            int length = at <= bytes.Length - 4 ? BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at)) : -1;
            if (length < 0 || length > bytes.Length - at - 4) throw new FormatException("a page is cut short");
            (places[2 * i], places[2 * i + 1]) = (at + 4, length);
            at += 4 + length;
        }
        return places;
    }

    private static int[] Places(byte[] bytes, int at, long[] lengths, int count)
    {
        if (lengths.Length != count) throw new FormatException("a page is cut short");
        var places = new int[2 * count];
        for (int i = 0; i < count; i++)
        {
            if (lengths[i] < 0 || lengths[i] > bytes.Length - at) throw new FormatException("a page is cut short");
            (places[2 * i], places[2 * i + 1]) = (at, (int)lengths[i]);
            at += (int)lengths[i];
        }
        return places;
    }

    private static long[] Numbers(ReadOnlySpan<byte> values, int count, int size)
    {
        if ((long)count * size > values.Length) throw new FormatException("a page is cut short");
        var numbers = new long[count];
        for (int i = 0; i < count; i++)
        {
            numbers[i] = size == 4 ? BinaryPrimitives.ReadInt32LittleEndian(values[(4 * i)..])
                : BinaryPrimitives.ReadInt64LittleEndian(values[(8 * i)..]);
        }
        return numbers;
    }

    // A value takes four bytes or more: a number of them that the bytes cannot hold is refused before anything is made.
    private static int RequireFit(int count, byte[] bytes) =>
        count <= bytes.Length / 4 ? count : throw new FormatException("a page is cut short");
}
