using System.Buffers.Binary;
using Fovea.Numerics;

namespace Fovea.Fuzz.Changes;

/// <summary>
/// Changes of a Parquet file: of a number of its footer or of the header of its first page (Thrift's compact protocol), with the footer's
/// length put right, or of the bytes of its pages.
/// </summary>
internal static class ParquetChanges
{
    private const int Tail = 8, MostDepth = 24;

    public static byte[] Any(byte[] input, CounterRandom random)
    {
        if (input.Length < Tail + 4) return ByteChanges.Any(input, random);
        int length = BinaryPrimitives.ReadInt32LittleEndian(input.AsSpan(input.Length - Tail)), start = input.Length - Tail - length;
        if (length < 0 || start < 4 || random.NextInt(30) == 0) return ByteChanges.In(input, input.Length - Tail, input.Length, random);
        if (random.NextInt(4) == 0) return ByteChanges.In(input, 4, start, random);
        if (random.NextInt(4) == 0) return [.. input.AsSpan(0, 4), .. Thrift(input[4..start], random), .. input.AsSpan(start)];
        byte[] footer = random.NextInt(8) == 0 ? ByteChanges.Any(input[start..^Tail], random) : Thrift(input[start..^Tail], random);
        return [.. input.AsSpan(0, start), .. footer, .. ByteChanges.Whole(footer.Length, 4, little: true), .. "PAR1"u8];
    }

    /// <summary>One number, length or kind of a struct at the start of these bytes changed.</summary>
    private static byte[] Thrift(byte[] bytes, CounterRandom random)
    {
        List<(int Start, int Length, bool Zigzag)> numbers = [];
        int at = 0;
        Struct(bytes, ref at, numbers, 0);
        if (numbers.Count == 0) return ByteChanges.Any(bytes, random);
        (int start, int length, bool zigzag) = numbers[random.NextInt(numbers.Count)];
        if (length == 0) return ByteChanges.With(bytes, start, [(byte)random.NextUInt64()]);
        long value = ByteChanges.Number(0, random);
        ulong coded = zigzag ? (ulong)((value << 1) ^ (value >> 63)) : (ulong)value;
        List<byte> number = [];
        for (; coded > 127; coded >>= 7) number.Add((byte)(coded | 128));
        number.Add((byte)coded);
        return [.. bytes.AsSpan(0, start), .. number, .. bytes.AsSpan(start + length)];
    }

    private static bool Struct(byte[] bytes, ref int at, List<(int, int, bool)> numbers, int depth)
    {
        while (depth < MostDepth && at < bytes.Length)
        {
            byte head = bytes[at];
            numbers.Add((at, 0, false));
            at++;
            if (head == 0) return true;
            if (head >> 4 == 0 && !Varint(bytes, ref at, numbers, zigzag: true)) return false;
            if (!Value(bytes, ref at, head & 15, numbers, depth)) return false;
        }
        return false;
    }

    private static bool Value(byte[] bytes, ref int at, int kind, List<(int, int, bool)> numbers, int depth)
    {
        switch (kind)
        {
            case 1 or 2: return true;
            case 3: at++; return at <= bytes.Length;
            case 4 or 5 or 6: return Varint(bytes, ref at, numbers, zigzag: true);
            case 7: at += 8; return at <= bytes.Length;
            case 8:
                int start = at;
                if (!Varint(bytes, ref at, numbers, zigzag: false)) return false;
                long length = 0;
                for (int i = start, shift = 0; i < at; i++, shift += 7) length |= (long)(bytes[i] & 127) << shift;
                if (length < 0 || length > bytes.Length - at) return false;
                at += (int)length;
                return true;
            case 9 or 10:
                if (at >= bytes.Length) return false;
                numbers.Add((at, 0, false));
                byte head = bytes[at++];
                if (head >> 4 == 15) return false;
                for (int i = 0; i < head >> 4; i++) if (!Value(bytes, ref at, head & 15, numbers, depth)) return false;
                return true;
            case 12: return Struct(bytes, ref at, numbers, depth + 1);
            default: return false;
        }
    }

    private static bool Varint(byte[] bytes, ref int at, List<(int, int, bool)> numbers, bool zigzag)
    {
        int start = at;
        while (at < bytes.Length && bytes[at] >= 128) at++;
        if (++at > bytes.Length) return false;
        numbers.Add((start, at - start, zigzag));
        return true;
    }
}
