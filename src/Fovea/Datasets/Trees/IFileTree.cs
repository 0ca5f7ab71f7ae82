namespace Fovea.Datasets;

/// <summary>A file of a tree: its name with <c>/</c> between folders, and its size in bytes.</summary>
public readonly record struct TreeFile(string Name, long Size);

/// <summary>Files by name, wherever they are: a folder, a tar. Layouts read datasets through it. Thread-safe.</summary>
public interface IFileTree : IDisposable
{
    /// <summary>Where it is, for people.</summary>
    string Description { get; }

    /// <summary>All files, in ordinal order of their names; hidden files (a part starting with a dot) are left out.</summary>
    IReadOnlyList<TreeFile> Files { get; }

    /// <summary>The content of a file.</summary>
    /// <exception cref="FoveaException">There is no such file or it cannot be read.</exception>
    byte[] Read(string name);
}
