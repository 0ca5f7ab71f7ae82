using System.Buffers.Binary;
using System.Text;
using Fovea.IO;

namespace Fovea.Models.Onnx;

/// <summary>A part of a file.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Length">Its bytes.</param>
internal readonly record struct ByteRange(long Offset, long Length);

/// <summary>
/// Reads messages of Protocol Buffers from a file: fields by number, without a description of what there is. Lengths are held against the
/// message they stand in before anything is read, and long byte strings (the numbers of tensors) are not read at all: where they lie is
/// kept. Source: the encoding's documentation, https://protobuf.dev/programming-guides/encoding/.
/// </summary>
internal sealed class ProtoReader : IDisposable
{
    private const int MostDepth = 64;
    private const int LongestText = 1 << 20;
    private readonly FileStream _file;
    private readonly byte[] _buffer = new byte[1 << 16];
    private readonly string _path;
    private long _start, _position, _end;
    private int _filled, _depth, _wire;

    public ProtoReader(string path)
    {
        _path = path;
        try
        {
            _file = PlainFile.OpenRead(path, 1);
            _end = Length = _file.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw FoveaException.BadData($"Cannot read the network {path}: {e.Message}", e);
        }
    }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    /// <summary>Whether this field is one of bytes.</summary>
    public bool IsBytes => _wire == 2;

    /// <summary>The next field of the message that is read; 0 at its end.</summary>
    public int Next()
    {
        if (_position == _end) return 0;
        ulong tag = Varint();
        (_wire, ulong field) = ((int)(tag & 7), tag >> 3);
        return field is > 0 and < 1 << 29 && _wire is 0 or 1 or 2 or 5
            ? (int)field : throw Bad($"byte {_position} begins no field (number {field}, kind {_wire})");
    }

    /// <summary>A whole number, as its 64 bits.</summary>
    public long Whole() => _wire == 0 ? (long)Varint() : throw Bad($"a whole number was expected before byte {_position}");

    public float Single()
    {
        if (_wire != 5) throw Bad($"a number was expected before byte {_position}");
        Span<byte> bytes = stackalloc byte[4];
        Copy(bytes);
        return BinaryPrimitives.ReadSingleLittleEndian(bytes);
    }

    /// <summary>Adds one whole number, or a packed list of them.</summary>
    public void Wholes(List<long> to, int most)
    {
        if (_wire == 0) AddTo(to, (long)Varint(), most);
        else Wholes(Bytes(), to, most);
    }

    /// <summary>Adds the whole numbers of a packed list that was passed over.</summary>
    public void Wholes(ByteRange range, List<long> to, int most) => Within(range, () =>
    {
        while (_position < _end) AddTo(to, (long)Varint(), most);
    });

    /// <summary>Adds one single number, or a packed list of them.</summary>
    public void Singles(List<float> to, int most)
    {
        if (_wire == 5)
        {
            AddTo(to, Single(), most);
            return;
        }
        ByteRange range = Bytes();
        if (range.Length % 4 != 0) throw Bad($"{range.Length} bytes of numbers stand before byte {_position}, which is no multiple of 4");
        Within(range, () =>
        {
            _wire = 5;
            while (_position < _end) AddTo(to, Single(), most);
        });
    }

    public string Text()
    {
        ByteRange range = Bytes();
        if (range.Length > LongestText) throw Bad($"a text of {range.Length} bytes stands before byte {_position}");
        byte[] bytes = new byte[range.Length];
        ReadAt(range, bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Where the bytes of this field lie; they are passed over.</summary>
    public ByteRange Bytes()
    {
        if (_wire != 2) throw Bad($"a field of bytes was expected before byte {_position}");
        ulong length = Varint();
        if (length > (ulong)(_end - _position))
            throw Bad($"{length} bytes are said to follow byte {_position}, and there are {_end - _position} (truncated?)");
        var range = new ByteRange(_position, (long)length);
        _position += range.Length;
        return range;
    }

    /// <summary>Reads the message that this field is.</summary>
    public T Message<T>(Func<ProtoReader, T> read)
    {
        T result = default!;
        Within(Bytes(), () => result = read(this));
        return result;
    }

    /// <summary>Reads a part that was passed over as a message.</summary>
    public void Within(ByteRange range, Action read)
    {
        if (++_depth > MostDepth) throw Bad($"it is nested deeper than {MostDepth} messages");
        (long back, long end) = (_position, _end);
        (_position, _end) = (range.Offset, range.Offset + range.Length);
        read();
        (_position, _end) = (back, end);
        _depth--;
    }

    /// <summary>Passes over this field.</summary>
    public void Skip()
    {
        switch (_wire)
        {
            case 0: Varint(); break;
            case 1: Pass(8); break;
            case 5: Pass(4); break;
            default: Bytes(); break;
        }
    }

    /// <summary>Bytes of the file, wherever they are.</summary>
    public void ReadAt(ByteRange range, Span<byte> to)
    {
        try
        {
            for (int read = 0; read < to.Length;)
            {
                int count = RandomAccess.Read(_file.SafeFileHandle, to[read..], range.Offset + read);
                if (count == 0) throw Bad("it became shorter while it was read");
                read += count;
            }
        }
        catch (IOException e)
        {
            throw FoveaException.BadData($"Cannot read the network {_path}: {e.Message}", e);
        }
    }

    /// <summary>The error of a damaged file.</summary>
    public FoveaException Bad(string why) =>
        FoveaException.BadData($"{_path} is no sound ONNX network: {why}. It is damaged or truncated: copy or export it again.");

    public void Dispose() => _file.Dispose();

    private void AddTo<T>(List<T> to, T value, int most)
    {
        if (to.Count >= most) throw Bad($"a list of more than {most} numbers stands before byte {_position}");
        to.Add(value);
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte one = One();
            if (shift == 63 && one > 1) break;
            value |= (ulong)(one & 127) << shift;
            if (one < 128) return value;
        }
        throw Bad($"a number before byte {_position} has more than 64 bits");
    }

    private byte One()
    {
        if (_position >= _end) throw Bad($"it ends at byte {_position} in the middle of a value");
        if (_position < _start || _position >= _start + _filled) Fill();
        return _buffer[_position++ - _start];
    }

    private void Fill()
    {
        _filled = (int)Math.Min(_buffer.Length, Length - _position);
        ReadAt(new ByteRange(_position, _filled), _buffer.AsSpan(0, _filled));
        _start = _position;
    }

    private void Copy(Span<byte> to)
    {
        for (int i = 0; i < to.Length; i++) to[i] = One();
    }

    private void Pass(int bytes)
    {
        if (_end - _position < bytes) throw Bad($"it ends at byte {_position} in the middle of a value");
        _position += bytes;
    }
}
