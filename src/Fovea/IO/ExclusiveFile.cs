using System.Runtime.InteropServices;

namespace Fovea.IO;

/// <summary>
/// Creates a file with its content in one step, unless one of its name is there: of many that try, one succeeds, on one machine or on
/// several with one file system. The content is written under a name of its own and then given the wanted name by a hard link, which NFS
/// promises to refuse where the name is taken; no lock is needed, and no reader sees a file half written.
/// </summary>
/// <remarks>
/// <see cref="File.Move(string, string)"/> is no such step: where the name looks free it renames, which replaces what another has put there
/// meanwhile.
/// </remarks>
internal static partial class ExclusiveFile
{
    private const int Exists = 17;

    /// <summary>Creates a file.</summary>
    /// <param name="path">Its name; the folder is created.</param>
    /// <param name="content">Its content, which no other call writes: it tells whose the file is.</param>
    /// <returns>Whether this call created it.</returns>
    /// <exception cref="FoveaException">Resource: the disk is full or the place cannot be written.</exception>
    public static bool TryCreate(string path, byte[] content)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return TryOnce(path, content);
            }
            // Whoever came to the end of the work removed the folder in between: it is created again, and whoever asks sees that it is over.
            catch (FoveaException e) when (e.InnerException is DirectoryNotFoundException && attempt < MostAttempts)
            {
            }
        }
    }

    private const int MostAttempts = 10;

    private static bool TryOnce(string path, byte[] content)
    {
        string temporary = AtomicFile.TemporaryOf(path);
        try
        {
            WriteTemporary(path, temporary, content);
            DiskEvents.Raise(path);
            return Link(temporary, path, content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskFailure.Of($"Cannot write {path}", e);
        }
        finally
        {
            AtomicFile.TryDelete(temporary);
        }
    }

    /// <summary>What time it is where a file lies: clocks of machines differ, and files get the time of the machine that keeps them.</summary>
    /// <exception cref="FoveaException">Resource: nothing can be written there.</exception>
    public static DateTime TimeAt(string path)
    {
        string temporary = AtomicFile.TemporaryOf(path);
        try
        {
            return WriteTemporary(path, temporary, [0]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskFailure.Of($"Cannot write beside {path}", e);
        }
        finally
        {
            AtomicFile.TryDelete(temporary);
        }
    }

    private static DateTime WriteTemporary(string path, string temporary, byte[] content)
    {
        for (int attempt = 0; ; attempt++)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            try
            {
                using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.Read, 1))
                {
                    DiskEvents.Watched(path, stream).Write(content);
                    stream.Flush(flushToDisk: true);
                }
                return File.GetLastWriteTimeUtc(temporary);
            }
            catch (DirectoryNotFoundException) when (attempt < 5)
            {
                // Another process cleared the folder between the two lines.
            }
        }
    }

    private static bool Link(string temporary, string path, byte[] content)
    {
        int error = OperatingSystem.IsWindows() ? LinkOnWindows(temporary, path) : LinkOnUnix(temporary, path);
        if (error == 0) return true;
        if (File.Exists(path))
        {
            // An answer that got lost on the way was asked for again: then the name is taken by what was to take it.
            try { return File.ReadAllBytes(path).AsSpan().SequenceEqual(content); }
            catch (FileNotFoundException) { return false; }
        }
        if (error == Exists) return false; // it was there, and is gone again
        // A file system without hard links: the next best, whose readers may see an empty file for a moment.
        try
        {
            using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 1);
            stream.Write(content);
            stream.Flush(flushToDisk: true);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
    }

    private static int LinkOnUnix(string from, string to) => LinkNow(from, to) == 0 ? 0 : Marshal.GetLastPInvokeError();

    private static int LinkOnWindows(string from, string to) => CreateHardLink(to, from, 0) ? 0 : Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkNow(string from, string to);

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateHardLink(string to, string from, nint security);
}
