namespace Fovea.Datasets;

/// <summary>What the layouts share: which files are images, by their endings.</summary>
internal static class ImageFiles
{
    private static readonly HashSet<string> Readable = new(StringComparer.OrdinalIgnoreCase)
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".webp", ".gif", ".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm",
    };

    private static readonly HashSet<string> Unreadable = new(StringComparer.OrdinalIgnoreCase)
    {
        ".heic", ".heif", ".hif", ".avif", ".jxl", ".jp2", ".j2k", ".jpf", ".jpx", ".jpc", ".jxr", ".svg", ".eps", ".psd", ".xcf", ".ico",
            ".tga",
        ".exr", ".hdr", ".dds", ".pcx", ".qoi", ".pfm", ".pam", ".raw", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf",
        ".dcm", ".nii", ".npy", ".npz", ".mat", ".fits", ".fit", ".pt", ".pth", ".pkl",
    };

    /// <summary>The endings that are read, in ordinal order.</summary>
    public static IReadOnlyList<string> Endings { get; } = [.. Readable.Order(StringComparer.Ordinal)];

    /// <summary>Whether a file of this name is read as an image.</summary>
    public static bool IsImage(string name) => Readable.Contains(Ending(name));

    /// <summary>Whether a file of this name holds an image or an array that is not read: it may be what a class consists of.</summary>
    public static bool IsUnreadImage(string name) => Unreadable.Contains(Ending(name));

    /// <summary>The part of the name from its last dot on; empty where there is none.</summary>
    public static string Ending(string name)
    {
        int dot = name.LastIndexOf('.');
        return dot > name.LastIndexOf('/') + 1 ? name[dot..] : "";
    }

    /// <summary>Files by ending in words: <c>12 .heic, 3 .svg</c>, the commonest first.</summary>
    public static string Count(IEnumerable<string> names)
    {
        var counted = names.GroupBy(name => Ending(name).ToLowerInvariant(), StringComparer.Ordinal)
            .OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => $"{group.Count()} {(group.Key.Length > 0 ? group.Key : "without an ending")}").ToArray();
        return counted.Length <= 6 ? string.Join(", ", counted) : string.Join(", ", counted.Take(6)) + " …";
    }
}
