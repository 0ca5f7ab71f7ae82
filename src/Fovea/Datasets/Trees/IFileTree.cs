namespace Fovea.Datasets;

/// <summary>A file of a tree.</summary>
/// <param name="Name">Its name with <c>/</c> between folders.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Target">The name it has in the same tree without links, where it is reached through one; null for any other file.</param>
public readonly record struct TreeFile(string Name, long Size, string? Target = null);

/// <summary>Files by name, wherever they are: a folder, a tar, rows of a table. Layouts read datasets through it. Thread-safe.</summary>
public interface IFileTree : IDisposable
{
    /// <summary>Where it is, for people.</summary>
    string Description { get; }

    /// <summary>
    /// All files, in ordinal order of their names; hidden ones (a part starting with a dot, or <c>__MACOSX</c>) are left out.
    /// </summary>
    IReadOnlyList<TreeFile> Files { get; }

    /// <summary>All folders, empty ones too, in ordinal order of their names; hidden ones are left out.</summary>
    IReadOnlyList<string> Folders { get; }

    /// <summary>Number of links to files and folders that were followed.</summary>
    int FollowedLinks { get; }

    /// <summary>Links that were not followed, in ordinal order of their names.</summary>
    IReadOnlyList<BrokenLink> BrokenLinks { get; }

    /// <summary>What it is: <c>folder</c>, <c>tar</c>, <c>folder of tars</c>, <c>image</c>, <c>parquet</c>.</summary>
    string Kind { get; }

    /// <summary>Names that stand twice or more in an archive; the last of them counts.</summary>
    IReadOnlyList<string> Twice => [];

    /// <summary>Whether a file of it is an image that is read.</summary>
    bool IsImage(string name) => ImageFiles.IsImage(name);

    /// <summary>The content of a file.</summary>
    /// <exception cref="FoveaException">There is no such file or it cannot be read.</exception>
    byte[] Read(string name);
}
