namespace Fovea.IO;

/// <summary>
/// Whole numbers as Thrift's compact protocol and Parquet's pages write them: seven bits a byte, the lowest first; with a sign, folded so that
/// small ones of either side are short ("ZigZag").
/// </summary>
internal ref struct CompactReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>Bytes that are left.</summary>
    public readonly int Left => _bytes.Length - Position;

    /// <summary>The next byte without reading it; 0 at the end.</summary>
    public readonly byte Ahead => Left > 0 ? _bytes[Position] : (byte)0;

    /// <summary>The next byte.</summary>
    /// <exception cref="EndOfStreamException">There is none.</exception>
    public byte Byte() => Left > 0 ? _bytes[Position++] : throw CutShort();

    /// <summary>The next bytes.</summary>
    /// <exception cref="EndOfStreamException">There are fewer.</exception>
    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > Left) throw CutShort();
        ReadOnlySpan<byte> taken = _bytes.Slice(Position, count);
        Position += count;
        return taken;
    }

    /// <summary>A number without a sign.</summary>
    /// <exception cref="FormatException">It does not end.</exception>
    /// <exception cref="EndOfStreamException">The bytes do.</exception>
    public ulong Unsigned()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte part = Byte();
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }
        throw new FormatException("a number has no end");
    }

    /// <summary>A number with a sign.</summary>
    /// <exception cref="FormatException">It does not end.</exception>
    /// <exception cref="EndOfStreamException">The bytes do.</exception>
    public long Signed()
    {
        ulong value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    private static EndOfStreamException CutShort() => new("it is cut short");
}
