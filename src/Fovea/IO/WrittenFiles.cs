using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Fovea.IO;

/// <summary>
/// Notes the files that <see cref="AtomicFile"/> writes in the course of one piece of work, also on threads that it starts: what is in them
/// is told to whoever goes on with them.
/// </summary>
internal sealed class WrittenFiles : IDisposable
{
    private static readonly AsyncLocal<WrittenFiles?> Current = new();

    private readonly ConcurrentDictionary<string, byte> _paths = new(StringComparer.Ordinal);
    private readonly WrittenFiles? _outer = Current.Value;

    private WrittenFiles() => Current.Value = this;

    /// <summary>Notes from now on; not what an outer piece of work would note.</summary>
    public static WrittenFiles Begin() => new();

    /// <summary>Called when a file is in its place.</summary>
    public static void Note(string path) => Current.Value?._paths.TryAdd(Path.GetFullPath(path), 0);

    /// <summary>SHA-256 (hex) of those in a folder, by their path in it with forward slashes; a file that was removed since is left out.</summary>
    public IReadOnlyDictionary<string, string> HashesIn(string folder)
    {
        string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar;
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in _paths.Keys)
        {
            if (path.StartsWith(root, StringComparison.Ordinal) && File.Exists(path))
                hashes.Add(path[root.Length..].Replace(Path.DirectorySeparatorChar, '/'), HashOf(path));
        }
        return hashes;
    }

    /// <summary>SHA-256 (hex) of a file's bytes.</summary>
    public static string HashOf(string path)
    {
        using FileStream file = PlainFile.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>Ends it.</summary>
    public void Dispose() => Current.Value = _outer;
}
