using Microsoft.Win32.SafeHandles;

namespace Fovea.Datasets;

/// <summary>
/// The files of an uncompressed tar, read in place: the headers are walked once, contents are read where they lie. Reads run
/// in parallel. Links to files and folders of the same tar are followed; nothing outside of it is ever read.
/// </summary>
public sealed class TarTree : IFileTree
{
    private readonly SafeFileHandle _file;
    private readonly TarFolder _folder;

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
            _folder = new TarFolder(TarIndex.Read(_file, path), path);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public IReadOnlyList<TreeFile> Files => _folder.Files;

    /// <inheritdoc/>
    public IReadOnlyList<string> Folders => _folder.Folders;

    /// <inheritdoc/>
    public int FollowedLinks => _folder.Followed;

    /// <inheritdoc/>
    public IReadOnlyList<BrokenLink> BrokenLinks => _folder.BrokenLinks;

    /// <inheritdoc/>
    public byte[] Read(string name)
    {
        if (!_folder.Contents.TryGetValue(name, out TarEntry entry)) throw FoveaException.BadData($"{Description} has no file {name}.");
        if (entry.Size > Array.MaxLength)
            throw FoveaException.BadData($"{name} in {Description} is too large to read: {entry.Size} bytes.");
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
