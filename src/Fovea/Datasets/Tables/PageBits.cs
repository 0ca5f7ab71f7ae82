using Fovea.IO;

namespace Fovea.Datasets;

/// <summary>
/// Numbers as Parquet packs them: runs and bit-packed groups (levels, indices into dictionaries), and differences
/// (<c>DELTA_BINARY_PACKED</c>). Format: Apache Parquet, "Encodings".
/// </summary>
internal ref struct PageBits(ReadOnlySpan<byte> bytes)
{
    /// <summary>Groups of eight that a run may have: no page holds more numbers, and sizes made of more would overflow.</summary>
    private const ulong MostGroups = int.MaxValue / 32;

    private CompactReader _bytes = new(bytes);

    /// <summary>Bytes read so far.</summary>
    public readonly int Position => _bytes.Position;

    /// <summary>Fills <paramref name="values"/> from runs and bit-packed groups of numbers of <paramref name="width"/> bits.</summary>
    /// <exception cref="FormatException">The page is damaged.</exception>
    /// <exception cref="EndOfStreamException">There are fewer.</exception>
    public void Hybrid(Span<int> values, int width)
    {
        if (width is < 0 or > 32) throw new FormatException("a page packs numbers in more than 32 bits");
        while (values.Length > 0)
        {
            ulong head = _bytes.Unsigned();
            if ((head & 1) == 0)
            {
                int count = (int)Math.Min(head >> 1, (ulong)values.Length);
                if (count == 0) throw new FormatException("a page holds an empty run");
                int value = 0;
                for (int i = 0; i < (width + 7) / 8; i++) value |= _bytes.Byte() << (8 * i);
                values[..count].Fill(value);
                values = values[count..];
                continue;
            }
            ulong groups = head >> 1;
            if (groups is 0 or > MostGroups || groups * (ulong)width > (ulong)_bytes.Left)
                throw new FormatException("a page has not the packed numbers that it announces");
            int taken = (int)Math.Min(groups * 8, (ulong)values.Length);
            Unpack(_bytes.Take((int)groups * width), width, values[..taken]);
            values = values[taken..];
        }
    }

    /// <summary>Numbers from their differences.</summary>
    /// <param name="most">More than so many cannot be.</param>
    /// <exception cref="FormatException">The page is damaged.</exception>
    /// <exception cref="EndOfStreamException">There are fewer.</exception>
    public long[] Differences(int most)
    {
        ulong block = _bytes.Unsigned(), parts = _bytes.Unsigned(), count = _bytes.Unsigned();
        long value = _bytes.Signed();
        if (count > (ulong)most || block == 0 || block > 1 << 20 || parts == 0 || parts > 512 || block % parts != 0 || block / parts % 8 != 0)
            throw new FormatException("a page of differences is damaged");
        var values = new long[count];
        if (count > 0) values[0] = value;
        int each = (int)(block / parts), done = 1;
        Span<byte> widths = stackalloc byte[(int)parts];
        while (done < values.Length)
        {
            long least = _bytes.Signed();
            for (int i = 0; i < widths.Length; i++) widths[i] = _bytes.Byte();
            for (int part = 0; part < widths.Length && done < values.Length; part++)
            {
                int width = widths[part];
                if (width > 64) throw new FormatException("a page packs numbers in more than 64 bits");
                ReadOnlySpan<byte> bits = _bytes.Take(each / 8 * width);
                for (int i = 0; i < each && done < values.Length; i++, done++)
                    values[done] = unchecked(values[done - 1] + least + Bits(bits, (long)i * width, width));
            }
        }
        return values;
    }

    private static void Unpack(ReadOnlySpan<byte> bits, int width, Span<int> values)
    {
        for (int i = 0; i < values.Length; i++) values[i] = (int)Bits(bits, (long)i * width, width);
    }

    // The lowest bit of a byte comes first.
    private static long Bits(ReadOnlySpan<byte> bits, long at, int width)
    {
        ulong value = 0;
        for (int got = 0; got < width;)
        {
            int inside = (int)(at & 7), take = Math.Min(8 - inside, width - got);
            value |= (ulong)((bits[(int)(at >> 3)] >> inside) & ((1 << take) - 1)) << got;
            got += take;
            at += take;
        }
        return (long)value;
    }
}
