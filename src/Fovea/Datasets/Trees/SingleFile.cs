using Fovea.IO;

namespace Fovea.Datasets;

/// <summary>One image as a tree of one file.</summary>
public sealed class SingleFile : IFileTree
{
    private readonly string _path;

    /// <summary>The file.</summary>
    /// <exception cref="FoveaException">It cannot be looked at.</exception>
    public SingleFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = Path.GetFullPath(path);
        try
        {
            Files = [new TreeFile(Path.GetFileName(_path), new FileInfo(_path).Length)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.BadData($"Cannot read {path}: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public string Description => _path;

    /// <inheritdoc/>
    public string Kind => "image";

    /// <inheritdoc/>
    public IReadOnlyList<TreeFile> Files { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Folders => [];

    /// <inheritdoc/>
    public int FollowedLinks => 0;

    /// <inheritdoc/>
    public IReadOnlyList<BrokenLink> BrokenLinks => [];

    /// <inheritdoc/>
    public byte[] Read(string name)
    {
        if (name != Files[0].Name) throw FoveaException.BadData($"{Description} has no file {name}.");
        try
        {
            return PlainFile.ReadAllBytes(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.BadData($"Cannot read {_path}: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
