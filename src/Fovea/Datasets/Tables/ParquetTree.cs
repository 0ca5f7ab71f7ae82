using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Fovea.Datasets;

/// <summary>
/// The images of Parquet files, one or a folder of them, each row a file: <c>train-00000-of-00002/00000017-tench.jpg</c>. The footers, the
/// headers of pages, names and classes are read once; an image is read with the page that holds it. Thread-safe.
/// </summary>
public sealed class ParquetTree : IFileTree
{
    private const string Ending = ".parquet";
    private const int MostOpen = 200;

    private readonly ParquetShard[] _shards;
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly SafeFileHandle?[] _open;
    private readonly PageCache _cache = new();

    private ParquetTree(string description, IEnumerable<(string Stem, string Path)> files)
    {
        Description = description;
        (string Stem, string Path)[] all = [.. files.OrderBy(file => file.Stem + "/", StringComparer.Ordinal)];
        _open = new SafeFileHandle?[all.Length];
        _shards = new ParquetShard[all.Length];
        try
        {
            for (int i = 0; i < all.Length; i++)
            {
                SafeFileHandle file = TarContent.Open(all[i].Path);
                _open[i] = file;
                _shards[i] = Guarded(all[i].Path, () => ParquetShard.Open(file, all[i].Stem, all[i].Path));
                _numbers[all[i].Stem] = i;
                if (all.Length <= MostOpen) continue;
                file.Dispose();
                _open[i] = null;
            }
        }
        catch
        {
            Dispose();
            throw;
        }
        var rows = new List<(TreeFile File, int Shard, int Row)>();
        for (int i = 0; i < _shards.Length; i++) rows.AddRange(Listed(i));
        Files = [.. rows.Select(row => row.File)];
        Rows = [.. rows.Select(row => (row.Shard, row.Row))];
        Folders = [.. _shards.Select(shard => shard.Stem)];
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public string Kind => "parquet";

    /// <inheritdoc/>
    public IReadOnlyList<TreeFile> Files { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Folders { get; }

    /// <inheritdoc/>
    public int FollowedLinks => 0;

    /// <inheritdoc/>
    public IReadOnlyList<BrokenLink> BrokenLinks => [];

    /// <summary>The files.</summary>
    internal IReadOnlyList<ParquetShard> Shards => _shards;

    /// <summary>Of which file, and which row of it, each of <see cref="Files"/> is.</summary>
    internal IReadOnlyList<(int Shard, int Row)> Rows { get; }

    /// <summary>How often a page was read.</summary>
    internal int PageReads => _cache.Reads;

    /// <summary>Whether a file of this name is such a table.</summary>
    public static bool IsParquet(string name) =>
        name is not null && name.EndsWith(Ending, StringComparison.OrdinalIgnoreCase) && name.Length > Ending.Length;

    /// <summary>One file.</summary>
    /// <exception cref="FoveaException">It is missing, cut short, damaged, or holds no images.</exception>
    public static ParquetTree OfFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new ParquetTree(path, [(Stem(Path.GetFileName(path)), path)]);
    }

    /// <summary>The Parquet files of a folder.</summary>
    /// <exception cref="FoveaException">One of them is cut short, damaged, or holds no images.</exception>
    public static ParquetTree OfFolder(FolderTree folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return new ParquetTree(folder.Description, folder.Files.Where(file => IsParquet(file.Name))
            .Select(file => (Stem(file.Name), Path.Combine(folder.Description, file.Name))));
    }

    /// <inheritdoc/>
    public bool IsImage(string name) => true;

    /// <inheritdoc/>
    public byte[] Read(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        int slash = name.LastIndexOf('/'), end = slash + 1;
        while (end < name.Length && char.IsAsciiDigit(name[end])) end++;
        if (slash < 0 || !_numbers.TryGetValue(name[..slash], out int number)
            || !int.TryParse(name.AsSpan(slash + 1, end - slash - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int row)
            || row >= _shards[number].Rows)
            throw FoveaException.BadData($"{Description} has no image {name}.");
        ParquetShard shard = _shards[number];
        if (_open[number] is { } open) return Guarded(shard.Path, () => shard.Read(() => open, number, row, _cache));
        using SafeFileHandle file = TarContent.Open(shard.Path);
        return Guarded(shard.Path, () => shard.Read(() => file, number, row, _cache));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SafeFileHandle? file in _open) file?.Dispose();
    }

    private IEnumerable<(TreeFile, int, int)> Listed(int number)
    {
        ParquetShard shard = _shards[number];
        string format = "D" + Math.Max(8, shard.Rows.ToString(CultureInfo.InvariantCulture).Length).ToString(CultureInfo.InvariantCulture);
        int row = 0;
        foreach ((int rows, long bytes) in shard.Sizes)
        {
            for (int i = 0; i < rows; i++, row++)
            {
                if (shard.Missing.Contains(row)) continue;
                string name = $"{shard.Stem}/{row.ToString(format, CultureInfo.InvariantCulture)}";
                if (shard.Names[row] is { } own) name += "-" + own;
                yield return (new TreeFile(name, bytes / Math.Max(1, rows)), number, row);
            }
        }
    }

    private static string Stem(string name) => name[..^Ending.Length];

    private static T Guarded<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is FormatException or IOException or OverflowException)
        {
            throw FoveaException.BadData($"Cannot read {path}: {e.Message}.", e);
        }
    }
}
