using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Fovea.Datasets;

/// <summary>One Parquet file of images: where its pages lie, and of each row the name and the class.</summary>
internal sealed class ParquetShard
{
    /// <summary>The class of a row that has none.</summary>
    public const int NoLabel = -1;

    private const int LongestName = 60;

    private readonly ParquetPages _images;

    private ParquetShard(string stem, string path, ParquetFooter footer, ParquetPages images, ImageColumns columns)
    {
        (Stem, Path, Rows, Classes, _images) = (stem, path, footer.Rows, columns.Classes, images);
        HasLabels = columns.Label >= 0;
        Labels = new int[HasLabels ? Rows : 0];
        Names = new string?[Rows];
        Sizes = [.. footer.Groups.Select(group => (group.Rows, group.Chunks.First(chunk => chunk.Column == columns.Image).Unpacked))];
    }

    /// <summary>Its name in the source, without its ending.</summary>
    public string Stem { get; }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>The names of the classes, where the file says them.</summary>
    public IReadOnlyList<string>? Classes { get; }

    /// <summary>Whether it has a column of classes.</summary>
    public bool HasLabels { get; }

    /// <summary>Each row's class as a number; <see cref="NoLabel"/> where it has none. Empty where the classes are texts.</summary>
    public int[] Labels { get; private set; }

    /// <summary>Each row's class as a text, where they are texts.</summary>
    public string?[]? Texts { get; private set; }

    /// <summary>Each row's name, where the file has one; of a path the last part.</summary>
    public string?[] Names { get; }

    /// <summary>Rows without an image.</summary>
    public HashSet<int> Missing { get; } = [];

    /// <summary>Of each group of rows their number and the bytes of their images.</summary>
    public IReadOnlyList<(int Rows, long Bytes)> Sizes { get; }

    /// <summary>Reads what there is to know without the images: the headers of their pages, names and classes.</summary>
    /// <exception cref="FormatException">The file cannot be used.</exception>
    public static ParquetShard Open(SafeFileHandle file, string stem, string path)
    {
        ParquetFooter footer = ParquetFooter.Read(file);
        ImageColumns columns = ImageColumns.Of(footer);
        var shard = new ParquetShard(stem, path, footer, new ParquetPages(file, footer, columns.Image), columns);
        if (columns.Path >= 0) shard.Each(file, footer, columns.Path, (row, page, i) => shard.Names[row] = Name(page.Bytes(i)));
        if (columns.Label >= 0)
        {
            if (footer.Columns[columns.Label].Type == ParquetColumn.ByteArray)
            {
                var texts = new string?[shard.Rows];
                var known = new Dictionary<string, string>(StringComparer.Ordinal);
                shard.Each(file, footer, columns.Label, (row, page, i) => texts[row] = page.IsMissing(i) ? null : Shared(known, page.Bytes(i)));
                (shard.Texts, shard.Labels) = (texts, []);
            }
            else shard.Each(file, footer, columns.Label, (row, page, i) => shard.Labels[row] = Label(page.Number(i), row));
        }
        if (shard._images.MissingUnknown) shard.FindMissing(file);
        return shard;
    }

    /// <summary>The bytes of a row's image.</summary>
    /// <exception cref="FormatException">A page is damaged, or the row has none.</exception>
    public byte[] Read(Func<SafeFileHandle> open, int number, int row, PageCache cache)
    {
        int at = _images.PageOf(row);
        PagePlace place = _images.Pages[at];
        ParquetPage? dictionary = place.Dictionary < 0 ? null
            : cache.Get(number, -1 - place.Dictionary, () => _images.Dictionary(open(), place.Dictionary));
        ParquetPage page = cache.Get(number, at, () => _images.Read(open(), at, dictionary));
        return page.IsMissing(row - place.First) ? throw new FormatException($"row {row} has no image") : page.Bytes(row - place.First).ToArray();
    }

    private void Each(SafeFileHandle file, ParquetFooter footer, int column, Action<int, ParquetPage, int> take)
    {
        var pages = new ParquetPages(file, footer, column);
        (int number, ParquetPage? dictionary) = (-1, null);
        for (int p = 0; p < pages.Pages.Count; p++)
        {
            PagePlace place = pages.Pages[p];
            if (place.Dictionary >= 0 && place.Dictionary != number)
                (number, dictionary) = (place.Dictionary, pages.Dictionary(file, place.Dictionary));
            ParquetPage page = pages.Read(file, p, dictionary);
            for (int i = 0; i < place.Rows; i++) take(place.First + i, page, i);
        }
    }

    private void FindMissing(SafeFileHandle file)
    {
        for (int p = 0; p < _images.Pages.Count; p++)
        {
            ParquetPage page = _images.Read(file, p);
            for (int i = 0; i < page.Rows; i++)
            {
                if (page.IsMissing(i)) Missing.Add(_images.Pages[p].First + i);
            }
        }
    }

    private static int Label(long? label, int row) => label is null or -1 ? NoLabel
        : label is >= 0 and < int.MaxValue ? (int)label
        : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"row {row} is of class {label}, which cannot be"));

    private static string Shared(Dictionary<string, string> known, ReadOnlySpan<byte> bytes)
    {
        string text = System.Text.Encoding.UTF8.GetString(bytes);
        return known.TryGetValue(text, out string? same) ? same : known[text] = text;
    }

    // Only what cannot be taken for a folder, a hidden file or another ending.
    private static string? Name(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return null;
        string path = System.Text.Encoding.UTF8.GetString(bytes);
        string last = path[(path.LastIndexOfAny(['/', '\\']) + 1)..];
        string name = new([.. last.Take(LongestName).Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_')]);
        return name.Length > 0 ? name : null;
    }
}
