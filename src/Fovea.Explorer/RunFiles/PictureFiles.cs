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

    /// <summary>
    /// The path of a picture that a JSON file names, below a folder of the run; null for a name that leads out of that folder: the report
    /// copies what it is told to.
    /// </summary>
    public static string? Below(string relative, string? name) =>
        string.IsNullOrEmpty(name) || Path.IsPathRooted(name) || name.Contains('\\') || name.Split('/').Contains("..") ? null : $"{relative}/{name}";

    private static IEnumerable<string> List(string folder) => !Directory.Exists(folder) ? []
        : Directory.EnumerateFiles(folder, "*.png", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/'));
}
