namespace Fovea.Datasets;

/// <summary>The files of a folder and the folders in it. Links to files and folders are followed.</summary>
public sealed class FolderTree : IFileTree
{
    private readonly string _root;

    /// <summary>Lists the folder.</summary>
    /// <exception cref="FoveaException">The folder cannot be read.</exception>
    public FolderTree(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _root = Path.GetFullPath(folder);
        try
        {
            var root = new DirectoryInfo(_root);
            var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.System, IgnoreInaccessible = false };
            Files =
            [
                .. root.EnumerateFiles("*", options)
                    .Select(file => (File: file, Name: Path.GetRelativePath(_root, file.FullName).Replace('\\', '/')))
                    .Where(file => !IsHidden(file.Name))
                    .Select(file => new TreeFile(file.Name, SizeOf(file.File)))
                    .OrderBy(file => file.Name, StringComparer.Ordinal),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.BadData($"Cannot list the folder {folder}: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public string Description => _root;

    /// <inheritdoc/>
    public IReadOnlyList<TreeFile> Files { get; }

    /// <inheritdoc/>
    public byte[] Read(string name)
    {
        string path = Path.Combine(_root, name);
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.BadData($"Cannot read {path}: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    internal static bool IsHidden(string name) => name.StartsWith('.') || name.Contains("/.", StringComparison.Ordinal);

    // A link's own size is the length of its target's name.
    private static long SizeOf(FileInfo file) =>
        file.LinkTarget is null ? file.Length : (file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo)?.Length ?? 0;
}
