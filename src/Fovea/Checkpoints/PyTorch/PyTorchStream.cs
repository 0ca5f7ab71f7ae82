using System.Buffers.Binary;
using Fovea.IO;

namespace Fovea.Checkpoints.PyTorch;

/// <summary>
/// PyTorch's form of before version 1.6: pickles one after the other (a magic number, the protocol, what kind of machine wrote it, the
/// object, the keys of its storages), then for each key the number of elements (8 bytes) and the elements. Files of elsewhere are of it
/// still. How many bytes a storage has is said by the object, so that one number that lies is found before anything is read.
/// </summary>
internal sealed class PyTorchStream : IPyTorchContent
{
    private const int CountBytes = 8;
    private const long Protocol = 1001;
    private const int MostStorages = 100_000;
    private const int MagicAt = 24;

    // 0x1950a86a20f9469cfc6c, as a pickle has it.
    private static readonly byte[] Magic = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19];

    private readonly string _path;
    private readonly FileStream _file;
    private readonly object _root;
    private readonly Dictionary<string, (long Start, long Bytes)> _storages = new(StringComparer.Ordinal);

    private PyTorchStream(string path, FileStream file)
    {
        (_path, _file, Length) = (path, file, file.Length);
        byte[] code = new byte[(int)Math.Min(Length, IPyTorchContent.LongestPickle)];
        file.ReadExactly(code);
        string end = Length > code.Length ? $"it is longer than {IPyTorchContent.LongestPickle} bytes; weights need far less"
            : "it ends too early";
        int next = 0;
        Read();
        if (Read() is not Protocol) throw Bad($"its protocol is not {Protocol}");
        RequireLittleEndian(Read());
        _root = PickleMachine.Read(code, next, path, end, out PickleMachine machine);
        if (machine.Contradiction is { } why) throw Bad(why);
        next = machine.End;
        Find(Read() as List<object> ?? throw Bad("it has no list of storages"), next, machine.Storages);

        object Read()
        {
            object read = PickleMachine.Read(code, next, path, end, out PickleMachine one);
            next = one.End;
            return read;
        }
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <summary>Whether a file that starts so is of this form.</summary>
    public static bool Begins(ReadOnlySpan<byte> start) =>
        start.Length > MagicAt && start[0] == 0x80 && start[1] is >= 2 and <= 5 && start[..MagicAt].IndexOf(Magic) > 0;

    /// <exception cref="FoveaException">The file is truncated, damaged, not of this form, or big-endian.</exception>
    public static PyTorchStream Open(string path)
    {
        FileStream? file = null;
        try
        {
            file = PlainFile.OpenRead(path, 1 << 16);
            return new PyTorchStream(path, file);
        }
        catch (Exception e)
        {
            file?.Dispose();
            if (e is IOException or UnauthorizedAccessException) throw FoveaException.BadData($"Cannot read the weights {path}: "
                + $"{e.Message}", e);
            throw;
        }
    }

    /// <inheritdoc/>
    public object ReadRoot() => _root;

    /// <inheritdoc/>
    public long StorageLength(string key) => Place(key).Bytes;

    /// <inheritdoc/>
    public void ReadStorage(string key, Action<Stream> read)
    {
        try
        {
            _file.Position = Place(key).Start;
            read(_file);
        }
        catch (IOException e)
        {
            throw FoveaException.BadData($"Cannot read the weights {_path}: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public FoveaException Bad(string why) =>
        FoveaException.BadData($"{_path} is not a sound PyTorch checkpoint (form of before version 1.6): {why}. Fetch or export it again.");

    public void Dispose() => _file.Dispose();

    private (long Start, long Bytes) Place(string key) => _storages.TryGetValue(key, out var place) ? place
        : throw Bad($"it has no storage {key}");

    private void RequireLittleEndian(object system)
    {
        if (system is not OrderedDictionary<object, object> said || !said.TryGetValue("little_endian", out object? little)
            || little is not bool)
            throw Bad("it does not say what machine wrote it");
        if (little is false)
            throw FoveaException.BadData($"{_path} was written on a big-endian machine, which is not read. "
                + "Load it in PyTorch on a common (little-endian) machine and save it under a new name.");
    }

    /// <summary>Where each storage lies; each says how many elements it has, and that must be what the object says.</summary>
    private void Find(List<object> keys, long start, IReadOnlyDictionary<string, PickleStorage> named)
    {
        if (keys.Count > MostStorages) throw Bad($"it lists {keys.Count} storages");
        Span<byte> count = stackalloc byte[CountBytes];
        Int128 next = start;
        foreach (object key in keys)
        {
            if (key is not string name || !named.TryGetValue(name, out PickleStorage? storage)) throw Bad($"it lists a storage {key} "
                + $"that nothing uses");
            if (next + CountBytes > Length) throw Bad($"it ends before storage {name} (truncated?)");
            _file.Position = (long)next;
            _file.ReadExactly(count);
            long held = BinaryPrimitives.ReadInt64LittleEndian(count);
            if (held != storage.Count) throw Bad($"storage {name} has {held} elements where its tensors say {storage.Count}");
            Int128 bytes = (Int128)held * (storage.Type?.SizeInBytes() ?? 1);
            if (held < 0 || next + CountBytes + bytes > Length)
                throw Bad($"storage {name} should hold {held} elements, beyond the end of the file (truncated?)");
            if (!_storages.TryAdd(name, ((long)next + CountBytes, (long)bytes))) throw Bad($"it lists storage {name} twice");
            next += CountBytes + bytes;
        }
    }
}
