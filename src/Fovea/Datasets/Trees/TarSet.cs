using Microsoft.Win32.SafeHandles;

namespace Fovea.Datasets;

/// <summary>
/// A folder with tars, each of which is taken for the folder of its name: the shards of a WebDataset, ImageNet as it is downloaded. The
/// folder's other files are there as well. Thread-safe.
/// </summary>
public sealed class TarSet : IFileTree
{
    // More shards than this are opened for each read: a process may hold some 1,000 files open.
    private const int MostOpen = 200;

    private readonly FolderTree _folder;
    private readonly string[] _paths;
    private readonly SafeFileHandle[] _open;
    private readonly TarFolder _inside;

    private TarSet(FolderTree folder, string[] tars)
    {
        _folder = folder;
        _paths = [.. tars.Select(name => Path.Combine(folder.Description, name))];
        _open = new SafeFileHandle[_paths.Length <= MostOpen ? _paths.Length : 0];
        try
        {
            for (int i = 0; i < _open.Length; i++) _open[i] = TarContent.Open(_paths[i]);
            _inside = new TarFolder(tars.SelectMany(Entries), folder.Description);
        }
        catch
        {
            Dispose();
            throw;
        }
        var looked = tars.ToHashSet(StringComparer.Ordinal);
        Tars = tars;
        Files = Ordered(folder.Files.Where(file => !looked.Contains(file.Name)).Concat(_inside.Files), file => file.Name);
        Folders = Ordered(folder.Folders.Concat(_inside.Folders).Distinct(StringComparer.Ordinal), name => name);
        BrokenLinks = Ordered(folder.BrokenLinks.Concat(_inside.BrokenLinks), link => link.Name);
    }

    /// <summary>The folder's tars, by name.</summary>
    public IReadOnlyList<string> Tars { get; }

    /// <inheritdoc/>
    public string Description => _folder.Description;

    /// <inheritdoc/>
    public string Kind => "folder of tars";

    /// <inheritdoc/>
    public IReadOnlyList<TreeFile> Files { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Folders { get; }

    /// <inheritdoc/>
    public int FollowedLinks => _folder.FollowedLinks + _inside.Followed;

    /// <inheritdoc/>
    public IReadOnlyList<BrokenLink> BrokenLinks { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Twice => _inside.Twice;

    /// <summary>
    /// The folder with its tars looked into where no images lie beside them, or where they are ImageNet's; else the folder as it is.
    /// </summary>
    /// <exception cref="FoveaException">A tar is damaged or cut short.</exception>
    public static IFileTree Of(FolderTree folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        bool images = folder.Files.Any(file => ImageFiles.IsImage(file.Name));
        string[] tars = [.. folder.Files.Select(file => file.Name).Where(TarContent.IsTar).Where(name => !images || IsImageNet(name))];
        return tars.Length == 0 ? folder : new TarSet(folder, tars);
    }

    /// <inheritdoc/>
    public byte[] Read(string name)
    {
        if (!_inside.Contents.TryGetValue(name, out TarEntry entry)) return _folder.Read(name);
        string path = _paths[entry.Archive];
        if (_open.Length > 0) return TarContent.Read(_open[entry.Archive], entry, name, path);
        using SafeFileHandle file = TarContent.Open(path);
        return TarContent.Read(file, entry, name, path);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SafeFileHandle? file in _open) file?.Dispose();
        _folder.Dispose();
    }

    private IEnumerable<TarEntry> Entries(string name, int archive)
    {
        string prefix = TarContent.FolderOf(name) + "/";
        yield return new TarEntry(prefix, 0, 0, TarKind.Folder, null, archive);
        if (_open.Length > 0)
        {
            foreach (TarEntry entry in TarContent.Entries(_open[archive], _paths[archive], prefix, archive)) yield return entry;
            yield break;
        }
        using SafeFileHandle file = TarContent.Open(_paths[archive]);
        foreach (TarEntry entry in TarContent.Entries(file, _paths[archive], prefix, archive)) yield return entry;
    }

    private static bool IsImageNet(string name) =>
        Path.GetFileName(name).StartsWith("ILSVRC2012_img_", StringComparison.OrdinalIgnoreCase);

    private static T[] Ordered<T>(IEnumerable<T> all, Func<T, string> name) => [.. all.OrderBy(name, StringComparer.Ordinal)];
}
