using Microsoft.Win32.SafeHandles;

namespace Fovea.Datasets;

/// <summary>
/// The files of an uncompressed tar, read in place: the headers are walked once, contents are read where they lie. Reads run
/// in parallel.
/// </summary>
public sealed class TarTree : IFileTree
{
    private readonly SafeFileHandle _file;
    private readonly Dictionary<string, TarEntry> _entries = new(StringComparer.Ordinal);

    /// <summary>Opens a tar and checks that it is whole.</summary>
    /// <exception cref="FoveaException">The file is missing, compressed, no tar, damaged or cut short.</exception>
    public TarTree(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Description = path;
        try
        {
            _file = File.OpenHandle(path, options: FileOptions.RandomAccess);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.BadData($"Cannot open {path}: {e.Message}", e);
        }
        try
        {
            // Of a name that stands twice the later entry counts, as when unpacking.
            foreach (TarEntry entry in TarIndex.Read(_file, path)) _entries[entry.Name] = entry;
        }
        catch
        {
            _file.Dispose();
            throw;
        }
        Files =
        [
            .. _entries.Values.Where(entry => !FolderTree.IsHidden(entry.Name))
                .Select(entry => new TreeFile(entry.Name, entry.Size))
                .OrderBy(file => file.Name, StringComparer.Ordinal),
        ];
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public IReadOnlyList<TreeFile> Files { get; }

    /// <inheritdoc/>
    public byte[] Read(string name)
    {
        if (!_entries.TryGetValue(name, out TarEntry entry)) throw FoveaException.BadData($"{Description} has no file {name}.");
        if (entry.Size > Array.MaxLength) throw FoveaException.BadData($"{name} in {Description} is too large to read: {entry.Size} bytes.");
        var content = GC.AllocateUninitializedArray<byte>((int)entry.Size);
        try
        {
            TarIndex.ReadExactly(_file, content, entry.Offset);
        }
        catch (IOException e)
        {
            throw FoveaException.BadData($"Cannot read {name} from {Description}: {e.Message}", e);
        }
        return content;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
