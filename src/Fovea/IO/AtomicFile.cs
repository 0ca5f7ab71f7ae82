namespace Fovea.IO;

/// <summary>
/// Writes files so that a reader sees the old content or the whole new one, never a part: to a temporary name in the same folder,
/// flushed to the disk, then renamed. The temporary name is the writer's own, so that two who write one file do not mix.
/// </summary>
public static class AtomicFile
{
    /// <summary>Suffix of files being written; a leftover after a kill may be deleted.</summary>
    public const string TemporarySuffix = ".partial";

    /// <summary>The name that a file is written under by this thread: machine, process and thread stand in it.</summary>
    internal static string TemporaryOf(string path) => TemporaryName.Of(path);

    /// <summary>Creates <paramref name="path"/> (and its folder) with what <paramref name="write"/> puts into the stream.</summary>
    /// <exception cref="FoveaException">Resource: the disk is full or the place cannot be written; configuration: the name is too long.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string temporary = TemporaryOf(path);
        try
        {
            string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
            if (folder is not null) Directory.CreateDirectory(folder);
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16))
            {
                write(DiskEvents.Watched(path, stream));
                stream.Flush(flushToDisk: true);
            }
            DiskEvents.Raise(path);
            File.Move(temporary, path, overwrite: true);
            WrittenFiles.Note(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
            throw DiskFailure.Of($"Cannot write {path}", e);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    /// <summary>Writes <paramref name="text"/> as UTF-8 without a byte order mark.</summary>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>Writes <paramref name="bytes"/>.</summary>
    public static void WriteBytes(string path, byte[] bytes) => Write(path, stream => stream.Write(bytes));

    internal static void TryDelete(string path)
    {
        try { File.Delete(path); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { /* the first error is the one to report */ }
    }
}
