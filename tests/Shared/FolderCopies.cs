using Fovea.IO;

namespace Fovea.Tests.Shared;

/// <summary>Folders of runs as the disk holds them: copied as a kill leaves them, and compared byte by byte.</summary>
public static class FolderCopies
{
    /// <summary>The files of a run that have no clocks in them, in an order of their own.</summary>
    public static string[] Files(string root) =>
        [.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(root, file))
            .Where(file => file is not ("run.json" or "log.txt" or FolderLock.FileName)).Order(StringComparer.Ordinal)];

    /// <summary>What of two runs is not alike.</summary>
    public static IReadOnlyList<string> Differences(string expected, string actual)
    {
        string[] before = Files(expected), now = Files(actual);
        return
        [
            .. before.Except(now).Select(file => $"{file} is missing"), .. now.Except(before).Select(file => $"{file} is left over"),
            .. before.Intersect(now).Where(file => !Same(Path.Combine(expected, file), Path.Combine(actual, file))),
        ];
    }

    /// <summary>Bytes of the files that are compared.</summary>
    public static long Bytes(string root) => Files(root).Sum(file => new FileInfo(Path.Combine(root, file)).Length);

    /// <summary>
    /// Copies a folder as a kill would leave it. Files that another thread is writing have temporary names, which the next run removes.
    /// </summary>
    public static void Copy(string from, string to)
    {
        if (Directory.Exists(to)) Directory.Delete(to, recursive: true);
        if (!Directory.Exists(from)) return;
        Directory.CreateDirectory(to);
        foreach (string folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(file) is FolderLock.FileName or ".claims"
                || file.EndsWith(AtomicFile.TemporarySuffix, StringComparison.Ordinal)) continue;
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)), overwrite: true);
        }
    }

    private static bool Same(string one, string other)
    {
        using FileStream a = File.OpenRead(one), b = File.OpenRead(other);
        if (a.Length != b.Length) return false;
        byte[] left = new byte[1 << 16], right = new byte[1 << 16];
        for (int read; (read = a.ReadAtLeast(left, left.Length, throwOnEndOfStream: false)) > 0;)
        {
            b.ReadExactly(right, 0, read);
            if (!left.AsSpan(0, read).SequenceEqual(right.AsSpan(0, read))) return false;
        }
        return true;
    }
}
