using System.Buffers.Binary;
using Fovea.IO;

namespace Fovea.Documents;

/// <summary>
/// Looks at what a table says of itself before Parquet.Net believes it: a description that is cut short is read there without an end, and memory
/// is taken for whatever a page claims. Format: Apache Parquet, "File Format" and "Data Pages".
/// </summary>
internal static class TableCheck
{
    private const int Tail = 8, DataPage = 0, DictionaryPage = 2, DataPageV2 = 3, FirstLook = 1 << 10, LongestHeader = 1 << 20, Snappy = 1, LongestLength = 5;

    // Tables are packed with Snappy, which makes 21 bytes of one at most; the columns of a row take some bytes together.
    private const int MostUnpacked = 64, LeastRows = 4096;

    /// <summary>Throws where the file cannot hold what it says; the place in it is the start afterwards.</summary>
    /// <exception cref="FormatException">It cannot.</exception>
    /// <exception cref="EndOfStreamException">Its description is cut short.</exception>
    public static void Require(Stream file)
    {
        long length = file.Length;
        if (length < Tail + 4) throw new FormatException("It is too short for a table.");
        byte[] tail = Bytes(file, length - Tail, Tail);
        long size = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        if (!tail.AsSpan(4).SequenceEqual("PAR1"u8) || size > length - Tail - 4) throw new FormatException("It does not end as a table does.");
        ThriftStruct footer = ThriftStruct.Read(Bytes(file, length - Tail - size, (int)size), out _);
        TableForms.Footer.Require(footer);
        long most = Math.Max(LeastRows, length), rows = footer.Number(3, 0, most);
        foreach (ThriftStruct group in footer.Structs(4))
        {
            group.Number(3, 0, rows);
            foreach (ThriftStruct chunk in group.Structs(1)) Chunk(file, chunk.Inner(3) ?? throw new FormatException("A column is not described."), length, most);
        }
        file.Position = 0;
    }

    private static void Chunk(Stream file, ThriftStruct chunk, long length, long most)
    {
        long at = chunk.Number(9, 4, length), values = chunk.Number(5, 0, most * MostUnpacked), bytes = chunk.Number(7, 0, length);
        if (chunk.Number(11) is > 0 and { } first) at = Math.Min(at, first);
        long end = at + bytes;
        bool snappy = chunk.Number(4) == Snappy;
        if (end > length) throw new FormatException("A column reaches beyond the file.");
        while (values > 0)
        {
            (ThriftStruct page, int header) = Header(file, at, end);
            TableForms.Page.Require(page);
            int kind = (int)page.Number(1, 0, DataPageV2);
            long levels = 0;
            long packed = page.Number(3, 0, end - at - header);
            long unpacked = page.Number(2, 0, Math.Max(LeastRows, MostUnpacked * packed));
            if (kind is DataPage or DataPageV2)
            {
                ThriftStruct about = page.Inner(kind == DataPage ? 5 : 8) ?? throw new FormatException("A page is not described.");
                // A page of nothing would be followed by itself without an end.
                values -= about.Number(1, 1, values);
                if (kind == DataPageV2) levels = about.Number(5, 0, Math.Min(packed, unpacked)) + about.Number(6, 0, Math.Min(packed, unpacked));
                if (about.Truth(7) == false && kind == DataPageV2) levels = packed;
            }
            else if (kind == DictionaryPage)
            {
                ThriftStruct about = page.Inner(7) ?? throw new FormatException("A dictionary is not described.");
                about.Number(1, 0, Math.Max(LeastRows, MostUnpacked * packed));
            }
            if (snappy && levels < packed) Snappied(Bytes(file, at + header + levels, (int)Math.Min(LongestLength, packed - levels)), unpacked - levels);
            at += header + packed;
        }
    }

    // A block of Snappy begins with its length, and room is made for that.
    private static void Snappied(byte[] start, long length)
    {
        long said = 0;
        for (int i = 0; i < start.Length; i++)
        {
            said |= (long)(start[i] & 127) << (7 * i);
            if (start[i] < 128) break;
        }
        if (said != length) throw new FormatException("A page has not the size that it states.");
    }

    private static (ThriftStruct Header, int Length) Header(Stream file, long at, long end)
    {
        for (int look = FirstLook; ; look *= 8)
        {
            int length = (int)Math.Min(look, end - at);
            if (length <= 0) throw new FormatException("A column has fewer values than it says.");
            try
            {
                return (ThriftStruct.Read(Bytes(file, at, length), out int used), used);
            }
            catch (EndOfStreamException) when (length < end - at && look < LongestHeader)
            {
                // A header carries the least and the largest value.
            }
        }
    }

    private static byte[] Bytes(Stream file, long at, int count)
    {
        var bytes = new byte[count];
        file.Position = at;
        file.ReadExactly(bytes);
        return bytes;
    }
}
