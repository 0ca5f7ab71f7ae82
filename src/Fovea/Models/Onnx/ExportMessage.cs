using System.Buffers.Binary;
using System.Text;

namespace Fovea.Models.Onnx;

/// <summary>
/// A protobuf message being written: fields of bytes, and long data that are only produced when the message goes into a file, so that a
/// network's weights are never held twice.
/// </summary>
internal sealed class ExportMessage
{
    private const int Whole = 0, Delimited = 2, Fixed32 = 5;

    private readonly List<(long Length, Action<Stream> Write)> _parts = [];
    private MemoryStream? _bytes;

    /// <summary>Bytes of the message.</summary>
    public long Length { get; private set; }

    /// <summary>A whole number; negative ones take ten bytes, as the format has it.</summary>
    public ExportMessage Number(int field, long value) => Append(Tag(field, Whole), Varint((ulong)value));

    /// <summary>A number of 32 bits.</summary>
    public ExportMessage Single(int field, float value)
    {
        var bytes = new byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return Append(Tag(field, Fixed32), bytes);
    }

    /// <summary>A text, UTF-8.</summary>
    public ExportMessage Text(int field, string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        return Append(Tag(field, Delimited), Varint((ulong)bytes.Length), bytes);
    }

    /// <summary>A message in the message; it must be finished.</summary>
    public ExportMessage Message(int field, ExportMessage message)
    {
        Append(Tag(field, Delimited), Varint((ulong)message.Length));
        message.Close();
        Close();
        _parts.AddRange(message._parts);
        Length += message.Length;
        return this;
    }

    /// <summary>Data of a known length, produced when the file is written.</summary>
    public ExportMessage Data(int field, long length, Action<Stream> write)
    {
        Append(Tag(field, Delimited), Varint((ulong)length));
        Close();
        _parts.Add((length, write));
        Length += length;
        return this;
    }

    /// <summary>Writes the message.</summary>
    /// <exception cref="InvalidOperationException">Data wrote another number of bytes than was said.</exception>
    public void WriteTo(Stream stream, CancellationToken cancellation)
    {
        Close();
        foreach (var (length, write) in _parts)
        {
            cancellation.ThrowIfCancellationRequested();
            long start = stream.Position;
            write(stream);
            if (stream.Position - start != length)
                throw new InvalidOperationException($"{stream.Position - start} bytes were written where {length} were announced.");
        }
    }

    private ExportMessage Append(params ReadOnlySpan<byte[]> pieces)
    {
        _bytes ??= new MemoryStream();
        foreach (byte[] piece in pieces)
        {
            _bytes.Write(piece);
            Length += piece.Length;
        }
        return this;
    }

    private void Close()
    {
        if (_bytes is not { } bytes) return;
        _parts.Add((bytes.Length, bytes.WriteTo));
        _bytes = null;
    }

    private static byte[] Tag(int field, int kind) => Varint((ulong)((field << 3) | kind));

    private static byte[] Varint(ulong value)
    {
        Span<byte> bytes = stackalloc byte[10];
        int count = 0;
        for (; value >= 0x80; value >>= 7) bytes[count++] = (byte)(value | 0x80);
        bytes[count++] = (byte)value;
        return bytes[..count].ToArray();
    }
}
