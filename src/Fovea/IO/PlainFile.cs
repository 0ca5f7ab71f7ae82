using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Fovea.IO;

/// <summary>
/// Opens files for reading: every reader of networks, weights, arrays, images, tables and documents opens through here. What is no plain
/// file is refused before it is opened: opening a named pipe waits, without an end where nobody writes to it, and a device has no length
/// to hold a file's own words against. Links are followed; that something is missing or a folder is for its reader to say.
/// </summary>
internal static partial class PlainFile
{
    // Of Linux's statx: its kernel has one layout on every processor.
    private const int Here = -100, TypeWanted = 1, BytesOfAnswer = 256, ModeAt = 28;

    /// <summary>Refuses what is no plain file.</summary>
    /// <exception cref="FoveaException">Data: it is a pipe, a socket or a device.</exception>
    public static void Require(string path)
    {
        if (OtherKind(path) is { } kind)
            throw FoveaException.BadData($"{path} is {kind}, no plain file: such things are not read. Copy its content into a file first.");
    }

    /// <summary>A plain file's stream, to be disposed.</summary>
    /// <exception cref="FoveaException">Data: it is no plain file.</exception>
    /// <exception cref="IOException">It is missing, is a folder, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static FileStream OpenRead(string path, int buffer = 4096, FileShare share = FileShare.Read)
    {
        Require(path);
        if (Directory.Exists(path)) throw new IOException("it is a folder");
        return new FileStream(path, FileMode.Open, FileAccess.Read, share, buffer);
    }

    /// <summary>A plain file's handle for reading at any place, to be disposed; exceptions as <see cref="OpenRead"/>.</summary>
    public static SafeFileHandle OpenHandle(string path)
    {
        Require(path);
        return File.OpenHandle(path, options: FileOptions.RandomAccess);
    }

    /// <summary>All bytes of a plain file; exceptions as <see cref="OpenRead"/>.</summary>
    public static byte[] ReadAllBytes(string path)
    {
        Require(path);
        return File.ReadAllBytes(path);
    }

    /// <summary>All text of a plain file; exceptions as <see cref="OpenRead"/>.</summary>
    public static string ReadAllText(string path, Encoding? encoding = null)
    {
        Require(path);
        return encoding is null ? File.ReadAllText(path) : File.ReadAllText(path, encoding);
    }

    /// <summary>The lines of a plain file, read as they are asked for; exceptions as <see cref="OpenRead"/>.</summary>
    public static IEnumerable<string> ReadLines(string path)
    {
        Require(path);
        return File.ReadLines(path);
    }

    /// <summary>What a path leads to where that is neither a file nor a folder; null also where it leads to nothing, and on systems that
    /// are not asked.</summary>
    private static string? OtherKind(string path)
    {
        if (!OperatingSystem.IsLinux()) return null;
        Span<byte> answer = stackalloc byte[BytesOfAnswer];
        if (Look(Here, path, 0, TypeWanted, answer) != 0) return null;
        return (MemoryMarshal.Read<ushort>(answer[ModeAt..]) & 0xF000) switch
        {
            0x1000 => "a named pipe",
            0x2000 or 0x6000 => "a device",
            0xC000 => "a socket",
            _ => null,
        };
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Look(int folder, string path, int flags, uint wanted, Span<byte> answer);
}
