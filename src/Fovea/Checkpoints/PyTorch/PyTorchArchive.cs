namespace Fovea.Checkpoints.PyTorch;

/// <summary>The zip archive of a PyTorch checkpoint: one pickle and one uncompressed entry for each storage.</summary>
internal sealed class PyTorchArchive : IPyTorchContent
{
    private const string PickleName = "data.pkl";
    private const string Kind = "PyTorch checkpoint";

    private readonly string _path;
    private readonly StoredArchive _zip;
    private readonly string _folder;

    private PyTorchArchive(string path, StoredArchive zip)
    {
        (_path, _zip) = (path, zip);
        string[] pickles = [.. zip.Names.Where(name => name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..] == PickleName)];
        if (pickles.Length != 1) throw Bad($"it holds {pickles.Length} entries {PickleName} where a checkpoint has one");
        _folder = pickles[0][..^PickleName.Length];
        CheckByteOrder();
    }

    /// <inheritdoc/>
    public long Length => _zip.Length;

    /// <exception cref="FoveaException">The file is truncated, not a checkpoint, or big-endian.</exception>
    public static PyTorchArchive Open(string path) => Of(path, StoredArchive.Open(path, Kind));

    /// <summary>The same of bytes that lie inside another file.</summary>
    /// <param name="bytes">All of them; the stream becomes the archive's.</param>
    /// <param name="path">What to call it in messages.</param>
    /// <exception cref="FoveaException">As for a file.</exception>
    public static PyTorchArchive Open(Stream bytes, string path) => Of(path, StoredArchive.Open(bytes, path, Kind));

    private static PyTorchArchive Of(string path, StoredArchive zip)
    {
        try
        {
            return new PyTorchArchive(path, zip);
        }
        catch
        {
            zip.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public object ReadRoot()
    {
        long length = _zip.LengthOf(_folder + PickleName);
        if (length > IPyTorchContent.LongestPickle)
            throw Bad($"its pickle has {length} bytes; weights need far less than {IPyTorchContent.LongestPickle}");
        return PickleMachine.Read(_zip.ReadAll(_folder + PickleName, IPyTorchContent.LongestPickle), _path);
    }

    /// <inheritdoc/>
    public long StorageLength(string key) => _zip.LengthOf(_folder + "data/" + key);

    /// <inheritdoc/>
    public void ReadStorage(string key, Action<Stream> read) => _zip.Read(_folder + "data/" + key, read);

    /// <inheritdoc/>
    public FoveaException Bad(string why) => _zip.Bad(why);

    public void Dispose() => _zip.Dispose();

    private void CheckByteOrder()
    {
        string name = _folder + "byteorder";
        if (!_zip.Contains(name)) return;
        byte[] order = new byte[6];
        int length = 0;
        _zip.Read(name, stream => length = stream.ReadAtLeast(order, order.Length, throwOnEndOfStream: false));
        if (!order.AsSpan(0, length).SequenceEqual("little"u8))
        {
            throw FoveaException.BadData($"{_path} was written on a big-endian machine, which is not read. " +
                "Load it in PyTorch on a common (little-endian) machine and save it again.");
        }
    }
}
