using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Fovea.Runs.TensorBoard;

/// <summary>
/// One record of an event file: an <c>Event</c> in protobuf's wire format inside TFRecord's frame,
/// <code>
/// length u64 | masked CRC-32C of the length u32 | data | masked CRC-32C of the data u32        little-endian
/// </code>
/// with the few fields that scalars need (event.proto, summary.proto of TensorBoard):
/// <code>
/// Event   { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; }
/// Summary { repeated Value value = 1; }        Value { string tag = 1; float simple_value = 2; }
/// </code>
/// wall_time is left at 0, so that the same history gives the same bytes.
/// </summary>
internal static class EventRecord
{
    private const int Varint = 0, Bytes = 2, Fixed32 = 5;

    /// <summary>What an event file begins with.</summary>
    public static byte[] Version()
    {
        var message = new ArrayBufferWriter<byte>();
        Field(message, 3, Encoding.UTF8.GetBytes("brain.Event:2"));
        return Frame(message.WrittenSpan);
    }

    /// <summary>Scalars of one step.</summary>
    public static byte[] Scalars(long step, IEnumerable<(string Tag, float Value)> values)
    {
        var summary = new ArrayBufferWriter<byte>();
        foreach (var (tag, number) in values)
        {
            var value = new ArrayBufferWriter<byte>();
            Field(value, 1, Encoding.UTF8.GetBytes(tag));
            Number(value, 2 << 3 | Fixed32);
            BinaryPrimitives.WriteSingleLittleEndian(value.GetSpan(sizeof(float)), number);
            value.Advance(sizeof(float));
            Field(summary, 1, value.WrittenSpan);
        }
        var message = new ArrayBufferWriter<byte>();
        Number(message, 2 << 3 | Varint);
        Number(message, (ulong)step);
        Field(message, 5, summary.WrittenSpan);
        return Frame(message.WrittenSpan);
    }

    /// <summary>CRC-32C, turned and shifted by a constant so that a sum of data that holds sums stays meaningful.</summary>
    internal static uint MaskedSum(ReadOnlySpan<byte> data)
    {
        uint sum = uint.MaxValue;
        foreach (byte value in data) sum = BitOperations.Crc32C(sum, value);
        return BitOperations.RotateRight(~sum, 15) + 0xa282ead8;
    }

    private static byte[] Frame(ReadOnlySpan<byte> data)
    {
        byte[] record = new byte[sizeof(ulong) + sizeof(uint) + data.Length + sizeof(uint)];
        BinaryPrimitives.WriteInt64LittleEndian(record, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(sizeof(ulong)), MaskedSum(record.AsSpan(0, sizeof(ulong))));
        data.CopyTo(record.AsSpan(sizeof(ulong) + sizeof(uint)));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(record.Length - sizeof(uint)), MaskedSum(data));
        return record;
    }

    private static void Field(ArrayBufferWriter<byte> message, int number, ReadOnlySpan<byte> bytes)
    {
        Number(message, (ulong)(number << 3 | Bytes));
        Number(message, (ulong)bytes.Length);
        message.Write(bytes);
    }

    /// <summary>Seven bits a byte, the lowest first.</summary>
    private static void Number(ArrayBufferWriter<byte> message, ulong value)
    {
        for (; value >= 0x80; value >>= 7) message.Write([(byte)(value | 0x80)]);
        message.Write([(byte)value]);
    }
}
