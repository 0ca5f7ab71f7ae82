using Microsoft.Win32.SafeHandles;

namespace Fovea.Datasets;

/// <summary>
/// The files of an uncompressed tar, read in place: the headers are walked once, contents are read where they lie. Reads run
/// in parallel. Links to files and folders of the same tar are followed; nothing outside of it is ever read. Tars in it are folders.
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
        _file = TarContent.Open(path);
        try
        {
            _folder = new TarFolder(TarContent.Entries(_file, path), path);
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
    public string Kind => "tar";

    /// <inheritdoc/>
    public IReadOnlyList<TreeFile> Files => _folder.Files;

    /// <inheritdoc/>
    public IReadOnlyList<string> Folders => _folder.Folders;

    /// <inheritdoc/>
    public int FollowedLinks => _folder.Followed;

    /// <inheritdoc/>
    public IReadOnlyList<BrokenLink> BrokenLinks => _folder.BrokenLinks;

    /// <inheritdoc/>
    public IReadOnlyList<string> Twice => _folder.Twice;

    /// <inheritdoc/>
    public byte[] Read(string name) => _folder.Contents.TryGetValue(name, out TarEntry entry)
        ? TarContent.Read(_file, entry, name, Description) : throw FoveaException.BadData($"{Description} has no file {name}.");

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
