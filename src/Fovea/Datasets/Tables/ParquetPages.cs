using Fovea.IO;
using Microsoft.Win32.SafeHandles;

namespace Fovea.Datasets;

/// <summary>Where a page lies, found by walking the pages' headers: what is read of an image source before its images are.</summary>
/// <param name="Start">Where its bytes begin, behind its header.</param>
/// <param name="Packed">Its bytes in the file.</param>
/// <param name="Unpacked">Its bytes unpacked.</param>
/// <param name="First">The number of its first row in the file.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="Encoding">How its values are written.</param>
/// <param name="Levels">Bytes of the levels before the values, which are never compressed; null where they are part of the page (version
/// 1).</param>
/// <param name="Codec">How it is compressed.</param>
/// <param name="Dictionary">The place of its dictionary among the dictionaries; −1 for none.</param>
internal readonly record struct PagePlace(
    long Start, int Packed, int Unpacked, int First, int Rows, int Encoding, int? Levels, int Codec, int Dictionary);

/// <summary>The pages of one column of a file: their places, and their values page by page. Thread-safe.</summary>
internal sealed class ParquetPages
{
    private const int DataPage = 0, DictionaryPage = 2, DataPageV2 = 3, FirstLook = 1 << 10, LongestHeader = 16 << 20;

    private readonly ParquetColumn _column;
    private readonly List<PagePlace> _pages = [], _dictionaries = [];

    /// <summary>Walks the headers of a column's pages.</summary>
    /// <exception cref="FormatException">They are damaged, or written in a way that is not read.</exception>
    public ParquetPages(SafeFileHandle file, ParquetFooter footer, int column)
    {
        _column = footer.Columns[column];
        if (_column.Repeated) throw new FormatException($"the column {_column.Name} holds lists");
        int row = 0;
        foreach ((int rows, IReadOnlyList<ParquetChunk> chunks) in footer.Groups)
        {
            ParquetChunk chunk = chunks.FirstOrDefault(one => one.Column == column)
                ?? throw new FormatException($"a group of rows lacks the column {_column.Name}");
            PageCodec.Require(chunk.Codec);
            Walk(file, chunk, row, rows);
            MissingUnknown |= chunk.Missing is null or > 0;
            row += rows;
        }
    }

    /// <summary>The pages.</summary>
    public IReadOnlyList<PagePlace> Pages => _pages;

    /// <summary>Whether values may be missing: the file says so, or does not say.</summary>
    public bool MissingUnknown { get; private set; }

    /// <summary>Reads a page with its dictionary.</summary>
    /// <exception cref="FormatException">It is damaged.</exception>
    public ParquetPage Read(SafeFileHandle file, int page, ParquetPage? dictionary = null)
    {
        PagePlace place = _pages[page];
        if (place.Dictionary >= 0) dictionary ??= Dictionary(file, place.Dictionary);
        byte[] packed = Bytes(file, place);
        if (place.Levels is not { } levels)
        {
            byte[] whole = PageCodec.Unpack(place.Codec, packed, place.Unpacked);
            return ParquetPage.Read(whole, place.Rows, null, place.Encoding, _column, dictionary);
        }
        byte[] values = PageCodec.Unpack(place.Codec, packed[levels..], place.Unpacked - levels);
        return ParquetPage.Read([.. packed[..levels], .. values], place.Rows, levels, place.Encoding, _column, dictionary);
    }

    /// <summary>Reads a dictionary.</summary>
    /// <exception cref="FormatException">It is damaged.</exception>
    public ParquetPage Dictionary(SafeFileHandle file, int number)
    {
        PagePlace place = _dictionaries[number];
        return ParquetPage.Dictionary(PageCodec.Unpack(place.Codec, Bytes(file, place), place.Unpacked), place.Rows, _column);
    }

    /// <summary>The page that a row of the file is in.</summary>
    public int PageOf(int row)
    {
        int low = 0, high = _pages.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_pages[middle].First <= row) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    private static byte[] Bytes(SafeFileHandle file, PagePlace place)
    {
        var packed = new byte[place.Packed];
        TarIndex.ReadExactly(file, packed, place.Start);
        return packed;
    }

    private void Walk(SafeFileHandle file, ParquetChunk chunk, int first, int rows)
    {
        long at = chunk.Start, end = chunk.Start + chunk.Bytes;
        int done = 0, dictionary = -1;
        while (done < rows)
        {
            (ThriftStruct header, int length) = Header(file, at, end);
            int kind = (int)header.Number(1, 0, 100), packed = (int)header.Number(3, 0, end - at - length);
            var place = new PagePlace(
                at + length, packed, (int)header.Number(2, 0, int.MaxValue), first + done, 0, 0, null, chunk.Codec, dictionary);
            at += length + packed;
            if (kind == DictionaryPage)
            {
                ThriftStruct about = Inner(header, 7);
                if (about.Number(2) is not (0 or 2)) throw new FormatException("a dictionary is written in a way that is not read");
                dictionary = _dictionaries.Count;
                _dictionaries.Add(place with { Rows = (int)about.Number(1, 0, int.MaxValue) });
                continue;
            }
            if (kind is not (DataPage or DataPageV2)) continue;
            ThriftStruct page = Inner(header, kind == DataPage ? 5 : 8);
            int count = (int)page.Number(1, 0, rows - done);
            if (kind == DataPageV2)
            {
                int levels = (int)page.Number(5, 0, packed);
                if (page.Number(6) is > 0) throw new FormatException($"the column {_column.Name} holds lists");
                place = place with { Levels = levels, Codec = page.Truth(7) == false ? 0 : chunk.Codec };
                if (place.Unpacked < levels) throw new FormatException("a page states a size that it cannot have");
            }
            else if (_column.Present > 0 && page.Number(3) is not 3)
                throw new FormatException("a page packs its levels in a way that is not read");
            if (count > 0) _pages.Add(place with { Rows = count, Encoding = (int)page.Number(kind == DataPage ? 2 : 4, 0, 100) });
            done += count;
        }
    }

    private static ThriftStruct Inner(ThriftStruct header, int field) =>
        header.Inner(field) ?? throw new FormatException("the header of a page is damaged");

    private static (ThriftStruct Header, int Length) Header(SafeFileHandle file, long at, long end)
    {
        for (int look = FirstLook; ; look *= 8)
        {
            int length = (int)Math.Min(look, end - at);
            if (length <= 0) throw new FormatException("a column has fewer rows than its group");
            var bytes = new byte[length];
            TarIndex.ReadExactly(file, bytes, at);
            try
            {
                ThriftStruct header = ThriftStruct.Read(bytes, out int used);
                return (header, used);
            }
            catch (EndOfStreamException) when (length < end - at && look < LongestHeader)
            {
                // A header may carry the least and the largest value.
            }
            catch (EndOfStreamException e)
            {
                throw new FormatException("the header of a page is damaged", e);
            }
        }
    }
}
