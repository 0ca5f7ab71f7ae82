namespace Fovea.Explorer.RunFiles;

/// <summary>Finds the pictures that a table names, whether it names them from the set's folder or from its <c>images</c> folder.</summary>
/// <param name="run">The run folder.</param>
/// <param name="relative">The set's folder, relative to it, with forward slashes.</param>
internal sealed class PictureFiles(string run, string relative)
{
    // One listing instead of a question to the file system for each of thousands of names.
    private readonly HashSet<string> _names = List(Path.Combine(run, relative)).ToHashSet(StringComparer.Ordinal);

    /// <summary>The picture's path relative to the run folder, or null where it does not exist.</summary>
    public string? Find(string? name)
    {
        if (string.IsNullOrEmpty(name)) return null;
        return _names.Contains(name) ? $"{relative}/{name}" : _names.Contains("images/" + name) ? $"{relative}/images/{name}" : null;
    }

    private static IEnumerable<string> List(string folder) => !Directory.Exists(folder) ? []
        : Directory.EnumerateFiles(folder, "*.png", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/'));
}
