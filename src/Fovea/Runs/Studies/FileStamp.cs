namespace Fovea.Runs.Studies;

/// <summary>What tells files from others that take their places: lengths and times of the last change.</summary>
internal readonly record struct FileStamp(string Text)
{
    /// <summary>The stamp of some files, absent ones included.</summary>
    public static FileStamp Of(params IEnumerable<string> paths) => new(string.Join(' ', paths.Select(path =>
        new FileInfo(path) is { Exists: true } file ? FormattableString.Invariant($"{file.Length}:{file.LastWriteTimeUtc.Ticks}") : "-")));
}
