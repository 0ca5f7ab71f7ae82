using Fovea.IO;

namespace Fovea.Datasets;

/// <summary>
/// The files of a folder and the folders in it. Links to files and folders are followed wherever they lead, as file systems do (many
/// datasets are links into a store); a link to a folder that holds it is left out.
/// </summary>
public sealed class FolderTree : IFileTree
{
    private readonly string _root;
    private readonly string _realRoot;
    private readonly List<TreeFile> _files = [];
    private readonly List<string> _folders = [];
    private readonly List<BrokenLink> _broken = [];
    private int _followed, _linkedFolders;

    /// <summary>Lists the folder.</summary>
    /// <exception cref="FoveaException">The folder cannot be read.</exception>
    public FolderTree(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        try
        {
            _realRoot = RealPath.Of(_root) ?? _root;
            List(new DirectoryInfo(_root), "", _realRoot, linked: false, [_realRoot]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.BadData($"Cannot list the folder {folder}: {e.Message}", e);
        }
        Files = [.. _files.OrderBy(file => file.Name, StringComparer.Ordinal)];
        Folders = [.. _folders.Order(StringComparer.Ordinal)];
        BrokenLinks = [.. _broken.OrderBy(link => link.Name, StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public string Description => _root;

    /// <inheritdoc/>
    public string Kind => "folder";

    /// <inheritdoc/>
    public IReadOnlyList<TreeFile> Files { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Folders { get; }

    /// <inheritdoc/>
    public int FollowedLinks => _followed;

    /// <inheritdoc/>
    public IReadOnlyList<BrokenLink> BrokenLinks { get; }

    /// <inheritdoc/>
    public byte[] Read(string name)
    {
        string path = Path.Combine(_root, name);
        try
        {
            return PlainFile.ReadAllBytes(path);
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

    /// <summary>Whether a name of one part is left out everywhere: dot files, and what macOS puts into archives.</summary>
    internal static bool IsHidden(string part) => part.StartsWith('.') || part == "__MACOSX";

    /// <param name="folder">The folder to list.</param>
    /// <param name="prefix">Its name in the tree, ending in a slash unless empty.</param>
    /// <param name="real">Its path without links.</param>
    /// <param name="linked">Whether a link led here.</param>
    /// <param name="above">Real paths of it and the folders above it.</param>
    private void List(DirectoryInfo folder, string prefix, string real, bool linked, HashSet<string> above)
    {
        LinkLimit.RequireDepth(above.Count, _root);
        foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos())
        {
            if (IsHidden(entry.Name)) continue;
            string name = prefix + entry.Name;
            if (entry.Attributes.HasFlag(FileAttributes.ReparsePoint) && entry.LinkTarget is { } target)
            {
                Follow(entry, name, target, above);
            }
            else if (entry is DirectoryInfo inner)
            {
                _folders.Add(name);
                string path = Path.Combine(real, entry.Name);
                above.Add(path);
                List(inner, name + "/", path, linked, above);
                above.Remove(path);
            }
            else if (entry is FileInfo file)
            {
                _files.Add(new TreeFile(name, file.Length, linked ? NameInside(Path.Combine(real, entry.Name)) : null));
            }
        }
    }

    private void Follow(FileSystemInfo link, string name, string target, HashSet<string> above)
    {
        string? real = RealPath.Of(link.FullName);
        if (real is null) _broken.Add(new BrokenLink(name, target, LinkFault.Loop));
        else if (File.Exists(real))
        {
            _followed++;
            _files.Add(new TreeFile(name, new FileInfo(real).Length, NameInside(real)));
        }
        else if (!Directory.Exists(real)) _broken.Add(new BrokenLink(name, target, LinkFault.Missing));
        else if (!above.Add(real)) _broken.Add(new BrokenLink(name, target, LinkFault.Loop));
        else
        {
            _followed++;
            _folders.Add(name);
            LinkLimit.Require(++_linkedFolders, _files.Count, _root);
            List(new DirectoryInfo(link.FullName), name + "/", real, linked: true, above);
            above.Remove(real);
        }
    }

    private string? NameInside(string real) =>
        real.StartsWith(_realRoot + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? real[(_realRoot.Length + 1)..].Replace(Path.DirectorySeparatorChar, '/') : real;
}
