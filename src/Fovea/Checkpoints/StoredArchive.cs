using System.IO.Compression;
using Fovea.Checkpoints.PyTorch;
using Fovea.IO;

namespace Fovea.Checkpoints;

/// <summary>
/// A zip archive whose entries are stored as they are, which is what PyTorch writes. Nothing is ever unpacked to a disk. An entry is read
/// with its checksum, and all of them together cannot be longer than the file: neither compression nor entries that share bytes can make a
/// small file fill a memory.
/// </summary>
internal sealed class StoredArchive : IDisposable
{
    private readonly ZipArchive _zip;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.Ordinal);
    private readonly string _path;
    private readonly string _kind;

    private StoredArchive(Stream stream, string path, string kind)
    {
        (_path, _kind, Length) = (path, kind, stream.Length);
        _zip = new ZipArchive(stream, ZipArchiveMode.Read);
        Int128 all = 0;
        foreach (ZipArchiveEntry entry in _zip.Entries)
        {
            if (!_entries.TryAdd(entry.FullName, entry)) throw Bad($"it has two entries {entry.FullName}");
            all += Math.Max(0, entry.CompressedLength);
        }
        if (all > Length) throw Bad($"its entries say {all} bytes in a file of {Length}: they lie over one another");
    }

    /// <summary>Bytes of the whole archive.</summary>
    public long Length { get; }

    /// <summary>The names of its entries.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <param name="path">The file.</param>
    /// <param name="kind">What it should be, for messages: a PyTorch checkpoint.</param>
    /// <exception cref="FoveaException">The file is missing or truncated, or is no zip.</exception>
    public static StoredArchive Open(string path, string kind)
    {
        FileStream stream;
        try
        {
            stream = PlainFile.OpenRead(path, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
        return Open(stream, path, kind);
    }

    /// <summary>The same of bytes that lie somewhere else; the stream becomes the archive's.</summary>
    public static StoredArchive Open(Stream stream, string path, string kind)
    {
        try
        {
            return new StoredArchive(stream, path, kind);
        }
        catch (Exception e)
        {
            stream.Dispose();
            // The platform's reader has a word of its own for most damage; an offset that cannot be is an argument out of range.
            if (e is InvalidDataException or EndOfStreamException or ArgumentException or OverflowException) throw Truncated(path, kind, e);
            if (e is IOException or UnauthorizedAccessException) throw Unreadable(path, e);
            throw;
        }
    }

    /// <summary>Whether there is such an entry.</summary>
    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>Bytes of an entry.</summary>
    /// <exception cref="FoveaException">There is no such entry.</exception>
    public long LengthOf(string name) => Find(name).Length;

    /// <summary>All bytes of an entry.</summary>
    /// <exception cref="FoveaException">There is no such entry, it is longer than it may be, or damaged.</exception>
    public byte[] ReadAll(string name, long most)
    {
        long length = LengthOf(name);
        if (length > most) throw Bad($"its entry {name} has {length} bytes, where {most} are enough");
        byte[] bytes = [];
        Read(name, stream =>
        {
            bytes = new byte[length];
            stream.ReadExactly(bytes);
        });
        return bytes;
    }

    /// <summary>Reads an entry from its start, and its checksum at the end.</summary>
    public void Read(string name, Action<Stream> read)
    {
        ZipArchiveEntry entry = Find(name);
        if (entry.CompressedLength != entry.Length) throw Bad($"its entry {name} is compressed, which PyTorch never does");
        if (entry.Length > Length) throw Bad($"its entry {name} claims {entry.Length} bytes in a file of {Length}");
        try
        {
            using var stream = new Crc32Stream(entry.Open());
            read(stream);
            stream.CopyTo(Stream.Null);
            // torch.save can be told to leave the sums out; 0 stands for that.
            if (entry.Crc32 != 0 && stream.Value != entry.Crc32)
                throw Bad($"the checksum of its entry {name} does not match: its bytes were changed");
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or ArgumentException)
        {
            throw Truncated(_path, _kind, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(_path, e);
        }
    }

    /// <summary>An error about this file.</summary>
    public FoveaException Bad(string why) => FoveaException.BadData($"{_path} is not a sound {_kind}: {why}. Fetch or export it again.");

    /// <inheritdoc/>
    public void Dispose() => _zip.Dispose();

    private ZipArchiveEntry Find(string name) =>
        _entries.TryGetValue(name, out ZipArchiveEntry? entry) ? entry : throw Bad($"it has no entry {name}");

    private static FoveaException Truncated(string path, string kind, Exception e) =>
        FoveaException.BadData($"{path} is not a whole {kind}: its zip archive is damaged or truncated ({e.Message}) Fetch it again.", e);

    private static FoveaException Unreadable(string path, Exception e) =>
        FoveaException.BadData($"Cannot read the weights {path}: {e.Message}", e);
}
