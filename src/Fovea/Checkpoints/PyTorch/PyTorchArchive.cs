using System.IO.Compression;

namespace Fovea.Checkpoints.PyTorch;

/// <summary>The zip archive of a PyTorch checkpoint: one pickle and one uncompressed entry for each storage.</summary>
internal sealed class PyTorchArchive : IDisposable
{
    private const string PickleName = "data.pkl";
    private const int LongestPickle = 32 << 20;

    private readonly string _path;
    private readonly ZipArchive _zip;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = [];
    private readonly string _folder;

    private PyTorchArchive(string path, FileStream stream)
    {
        _path = path;
        Length = stream.Length;
        _zip = new ZipArchive(stream, ZipArchiveMode.Read);
        foreach (ZipArchiveEntry entry in _zip.Entries)
        {
            if (!_entries.TryAdd(entry.FullName, entry)) throw Bad($"it has two entries {entry.FullName}");
        }
        string[] pickles = [.. _entries.Keys.Where(name => name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..] == PickleName)];
        if (pickles.Length != 1) throw Bad($"it holds {pickles.Length} entries {PickleName} where a checkpoint has one");
        _folder = pickles[0][..^PickleName.Length];
    }

    /// <summary>Bytes of the whole file.</summary>
    public long Length { get; }

    /// <exception cref="FoveaException">The file is truncated, not a checkpoint, or big-endian.</exception>
    public static PyTorchArchive Open(string path)
    {
        FileStream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            var archive = new PyTorchArchive(path, stream);
            archive.CheckByteOrder();
            return archive;
        }
        catch (Exception e)
        {
            stream?.Dispose();
            if (e is InvalidDataException) throw Truncated(path, e);
            if (e is IOException or UnauthorizedAccessException) throw FoveaException.BadData($"Cannot read the weights {path}: {e.Message}", e);
            throw;
        }
    }

    /// <summary>The pickle's bytes.</summary>
    public byte[] ReadPickle()
    {
        ZipArchiveEntry entry = Find(PickleName);
        if (entry.Length > LongestPickle) throw Bad($"its pickle has {entry.Length} bytes; weights need far less than {LongestPickle}");
        byte[] pickle = new byte[entry.Length];
        Read(entry, stream => stream.ReadExactly(pickle));
        return pickle;
    }

    /// <summary>Bytes of a storage's entry.</summary>
    public long StorageLength(string key) => Find("data/" + key).Length;

    /// <summary>Reads a storage's entry from its start.</summary>
    public void ReadStorage(string key, Action<Stream> read) => Read(Find("data/" + key), read);

    public FoveaException Bad(string why) => FoveaException.BadData($"{_path} is not a sound PyTorch checkpoint: {why}. Fetch or export it again.");

    public void Dispose() => _zip.Dispose();

    private void CheckByteOrder()
    {
        if (!_entries.TryGetValue(_folder + "byteorder", out ZipArchiveEntry? entry)) return;
        byte[] order = new byte[6];
        int length = 0;
        Read(entry, stream => length = stream.ReadAtLeast(order, order.Length, throwOnEndOfStream: false));
        if (!order.AsSpan(0, length).SequenceEqual("little"u8))
        {
            throw FoveaException.BadData($"{_path} was written on a big-endian machine, which is not read. " +
                "Load it in PyTorch on a common (little-endian) machine and save it again.");
        }
    }

    private ZipArchiveEntry Find(string name) => _entries.TryGetValue(_folder + name, out ZipArchiveEntry? entry)
        ? entry
        : throw Bad($"it has no entry {_folder}{name}");

    private void Read(ZipArchiveEntry entry, Action<Stream> read)
    {
        // PyTorch never compresses; an entry that unfolds to more than the file is how a small file fills a memory.
        if (entry.CompressedLength != entry.Length) throw Bad($"its entry {entry.FullName} is compressed, which PyTorch never does");
        if (entry.Length > Length) throw Bad($"its entry {entry.FullName} claims {entry.Length} bytes in a file of {Length}");
        try
        {
            using var stream = new Crc32Stream(entry.Open());
            read(stream);
            stream.CopyTo(Stream.Null);
            // torch.save can be told to leave the sums out; 0 stands for that.
            if (entry.Crc32 != 0 && stream.Value != entry.Crc32)
                throw Bad($"the checksum of its entry {entry.FullName} does not match: its bytes were changed");
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw Truncated(_path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.BadData($"Cannot read the weights {_path}: {e.Message}", e);
        }
    }

    private static FoveaException Truncated(string path, Exception e) =>
        FoveaException.BadData($"{path} is not a whole PyTorch checkpoint: its zip archive is damaged or truncated ({e.Message}) Fetch it again.", e);
}
