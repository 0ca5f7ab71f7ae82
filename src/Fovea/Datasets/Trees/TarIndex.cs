using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Fovea.Datasets;

/// <summary>What an entry of a tar is.</summary>
internal enum TarKind
{
    File,
    Folder,
    SymbolicLink,
    HardLink,
}

/// <summary>
/// An entry of a tar: its name, where its content lies, for links where they point, and of which of several tars it is.
/// </summary>
internal readonly record struct TarEntry(
    string Name, long Offset, long Size, TarKind Kind = TarKind.File, string? Link = null, int Archive = 0);

/// <summary>The entries of a tar in their order.</summary>
internal sealed record TarContents(IReadOnlyList<TarEntry> Entries);

/// <summary>
/// Walks the headers of a tar: ustar with prefixes, pax extended headers (path, linkpath, size), GNU long names and base-256 numbers.
/// Links are listed as they are (<see cref="TarFolder"/> follows them). Format: POSIX.1-2017, pax, "ustar Interchange Format".
/// </summary>
internal static class TarIndex
{
    private const int Block = 512;
    private const long LongestExtension = 1 << 20;

    /// <summary>Files, folders and links in the order of the tar.</summary>
    /// <exception cref="FoveaException">The file is compressed, no tar, damaged or cut short.</exception>
    public static TarContents Read(SafeFileHandle file, string path) => Read(file, path, 0, RandomAccess.GetLength(file));

    /// <summary>The same of a tar that lies inside a file: from one byte of it to another.</summary>
    public static TarContents Read(SafeFileHandle file, string path, long start, long length)
    {
        long position = start;
        var entries = new List<TarEntry>();
        var header = new byte[Block];
        string? longName = null, longLink = null;
        long? longSize = null;
        while (true)
        {
            if (position == start && length - start < Block) throw NotTar(file, path, start, length);
            if (length - position < Block) throw CutShort(path, entries, $"it ends at byte {length} without the mark of an archive's end");
            ReadExactly(file, header, position);
            if (header.AsSpan().IndexOfAnyExcept((byte)0) < 0) break;
            if (!ChecksumHolds(header)) throw position == start ? NotTar(file, path, start, length) : Damaged(path, position);
            long size = longSize ?? Number(header.AsSpan(124, 12)) ?? throw Damaged(path, position);
            char type = (char)header[156];
            position += Block;
            // Only entries with content have it: links and folders state sizes that mean nothing.
            long stored = type is '1' or '2' or '3' or '4' or '5' or '6' ? 0 : size;
            if (size < 0) throw Damaged(path, position - Block);
            if (stored > length - position)
            {
                string name = longName ?? Name(header);
                throw CutShort(path, entries, $"{name} needs {stored} bytes from byte {position} on, the file has {length - position}");
            }
            switch (type)
            {
                case 'L':
                    longName = Text(Extension(file, path, position, stored));
                    break;
                case 'K':
                    longLink = Text(Extension(file, path, position, stored));
                    break;
                case 'x':
                    foreach ((string key, string value) in Records(Extension(file, path, position, stored), path, position))
                    {
                        if (key == "path") longName = value;
                        else if (key == "linkpath") longLink = value;
                        else if (key == "size") longSize = ParseSize(value) ?? throw Damaged(path, position);
                        else if (key.StartsWith("GNU.sparse.", StringComparison.Ordinal)) throw Sparse(path);
                    }
                    break;
                case 'S':
                    throw Sparse(path);
                default:
                    string entry = Clean(longName ?? Name(header));
                    if (Kind(type, entry) is { } kind)
                    {
                        string? link = kind is TarKind.SymbolicLink or TarKind.HardLink ? longLink ?? Text(header.AsSpan(157, 100)) : null;
                        entries.Add(new TarEntry(entry, position, size, kind, link));
                    }
                    break;
            }
            if (type is not ('L' or 'K' or 'x' or 'g')) (longName, longLink, longSize) = (null, null, null);
            // The size is below the file's, so this cannot overflow; what is missing of the padding shows at the next header.
            position += (stored + Block - 1) / Block * Block;
        }
        return new TarContents(entries);
    }

    /// <summary>Fills <paramref name="buffer"/> from <paramref name="offset"/> on.</summary>
    /// <exception cref="EndOfStreamException">The file is shorter.</exception>
    public static void ReadExactly(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        while (buffer.Length > 0)
        {
            int read = RandomAccess.Read(file, buffer, offset);
            if (read == 0) throw new EndOfStreamException($"the file ends at byte {offset}; has it changed since it was opened?");
            buffer = buffer[read..];
            offset += read;
        }
    }

    // Old tars mark folders by a slash at the end of a file's name; devices and other things are no data.
    private static TarKind? Kind(char type, string name) => type switch
    {
        '0' or '\0' or '7' => name.EndsWith('/') ? TarKind.Folder : TarKind.File,
        '1' => TarKind.HardLink,
        '2' => TarKind.SymbolicLink,
        '5' => TarKind.Folder,
        _ => null,
    };

    private static byte[] Extension(SafeFileHandle file, string path, long position, long size)
    {
        if (size > LongestExtension) throw Damaged(path, position - Block);
        var content = new byte[size];
        ReadExactly(file, content, position);
        return content;
    }

    // A record is "<length> <key>=<value>\n", its length counted with all of itself.
    private static IEnumerable<(string Key, string Value)> Records(byte[] content, string path, long position)
    {
        int at = 0;
        while (at < content.Length && content[at] != 0)
        {
            int space = Array.IndexOf(content, (byte)' ', at), length = 0;
            if (space < 0 || !int.TryParse(content.AsSpan(at, space - at), NumberStyles.None, CultureInfo.InvariantCulture, out length)
                || length <= space - at + 2 || length > content.Length - at)
                throw Damaged(path, position);
            string record = Encoding.UTF8.GetString(content, space + 1, at + length - space - 2);
            int equals = record.IndexOf('=');
            if (equals < 0) throw Damaged(path, position);
            yield return (record[..equals], record[(equals + 1)..]);
            at += length;
        }
    }

    private static long? ParseSize(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long size) ? size : null;

    private static string Name(ReadOnlySpan<byte> header)
    {
        string name = Text(header[..100]);
        // GNU's old format ("ustar  ") keeps times where ustar keeps the prefix.
        bool hasPrefix = header[257..263].SequenceEqual("ustar\0"u8) && header[345] != 0;
        return hasPrefix ? Text(header.Slice(345, 155)) + "/" + name : name;
    }

    private static string Clean(string name)
    {
        while (name.StartsWith("./", StringComparison.Ordinal)) name = name[2..];
        return name.TrimStart('/');
    }

    private static string Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }

    // Octal digits, or GNU's base 256 with the top bit set.
    private static long? Number(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
        {
            bool fits = field.Length == 12 && field[0] == 0x80 && field[1..4].IndexOfAnyExcept((byte)0) < 0;
            return fits ? BinaryPrimitives.ReadInt64BigEndian(field[4..]) : null;
        }
        long value = 0;
        foreach (byte digit in field.Trim((byte)' ').Trim((byte)0).Trim((byte)' '))
        {
            if (digit is < (byte)'0' or > (byte)'7') return null;
            value = value * 8 + (digit - '0');
        }
        return value;
    }

    // The sum of all bytes with the field itself taken as blanks.
    private static bool ChecksumHolds(ReadOnlySpan<byte> header)
    {
        int sum = 8 * ' ';
        for (int i = 0; i < Block; i++) sum += i is >= 148 and < 156 ? 0 : header[i];
        return Number(header.Slice(148, 8)) == sum;
    }

    private static FoveaException CutShort(string path, List<TarEntry> entries, string how)
    {
        string last = entries.Count == 0 ? "no file" : $"{entries.Count} files, the last {entries[^1].Name}";
        return FoveaException.BadData($"The tar {path} is cut short: {how} (whole so far: {last}). Copy or download it again.");
    }

    private static FoveaException Damaged(string path, long position) =>
        FoveaException.BadData($"The tar {path} is damaged: no valid header at byte {position}. Copy or download it again.");

    private static FoveaException Sparse(string path) =>
        FoveaException.BadData($"The tar {path} holds sparse files, which are not read. Pack it again without --sparse.");

    private static FoveaException NotTar(SafeFileHandle file, string path, long from, long length)
    {
        Span<byte> start = stackalloc byte[6];
        int read = RandomAccess.Read(file, start, from);
        ReadOnlySpan<byte> magic = start[..read];
        string? packed = magic.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) ? "gzip"
            : magic.StartsWith("BZh"u8) ? "bzip2"
            : magic.StartsWith((ReadOnlySpan<byte>)[0xFD, 0x37, 0x7A, 0x58, 0x5A]) ? "xz"
            : magic.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) ? "zstd"
            : magic.StartsWith("PK"u8) ? "zip" : null;
        return FoveaException.BadData(packed is null
            ? $"{path} is no tar ({length - from} bytes, no valid header at its start)."
            : $"{path} is compressed ({packed}): unpack it to a plain .tar or a folder first, images inside are read in place.");
    }
}
