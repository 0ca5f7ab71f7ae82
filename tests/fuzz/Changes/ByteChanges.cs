using System.Buffers.Binary;
using Fovea.Numerics;

namespace Fovea.Fuzz.Changes;

/// <summary>Changes that know nothing of a form: bytes, whole numbers of every width, pieces cut out, repeated, put elsewhere or mixed.</summary>
internal static class ByteChanges
{
    /// <summary>Numbers at which sizes overflow, signs turn and limits lie.</summary>
    public static readonly long[] Extremes =
        [0, 1, -1, 2, 7, 8, 127, 128, 255, 256, 4095, 4096, 32767, 65535, 65536, 1 << 20, 1 << 24, int.MaxValue, int.MaxValue + 1L, uint.MaxValue,
            1L << 32, 1L << 40, long.MaxValue, long.MinValue, long.MaxValue / 4, 0x7fffffff0];

    private const int LongestPiece = 64;

    /// <summary>One extreme number, or one near the old.</summary>
    public static long Number(long old, CounterRandom random) => random.NextInt(3) switch
    {
        0 => old + random.NextInt(9) - 4,
        1 => old ^ (1L << random.NextInt(63)),
        _ => Extremes[random.NextInt(Extremes.Length)],
    };

    /// <summary>One change anywhere.</summary>
    public static byte[] Any(byte[] input, CounterRandom random) => In(input, 0, input.Length, random);

    /// <summary>One change between two places.</summary>
    public static byte[] In(byte[] input, int from, int to, CounterRandom random)
    {
        to = Math.Min(to, input.Length);
        if (to <= from) return [.. input, (byte)random.NextUInt64()];
        int at = from + random.NextInt(to - from), length = Math.Min(1 + random.NextInt(LongestPiece), to - at);
        switch (random.NextInt(8))
        {
            case 0: return With(input, at, [(byte)random.NextUInt64()]);
            case 1: return With(input, at, [(byte)(input[at] ^ (1 << random.NextInt(8)))]);
            case 2: return With(input, at, [random.NextInt(2) == 0 ? (byte)0 : (byte)255]);
            case 3: return With(input, at, Whole(Extremes[random.NextInt(Extremes.Length)], 1 << random.NextInt(4), random.NextInt(2) == 0));
            case 4: return [.. input.AsSpan(0, at), .. input.AsSpan(at + length)];
            case 5: return [.. input.AsSpan(0, at), .. input.AsSpan(at, length), .. input.AsSpan(at)];
            case 6:
                int other = from + random.NextInt(to - from);
                return With(input, at, input[other..Math.Min(to, other + length)]);
            default: return random.NextInt(4) == 0 ? input[..at] : With(input, at, [(byte)(input[at] + 1)]);
        }
    }

    /// <summary>The beginning of one input and the end of another.</summary>
    public static byte[] Splice(byte[] one, byte[] other, CounterRandom random) =>
        [.. one.AsSpan(0, random.NextInt(one.Length + 1)), .. other.AsSpan(random.NextInt(other.Length + 1))];

    /// <summary>A copy with these bytes at a place; what would lie beyond the end is left out.</summary>
    public static byte[] With(byte[] input, int at, ReadOnlySpan<byte> bytes)
    {
        byte[] changed = [.. input];
        bytes[..Math.Min(bytes.Length, changed.Length - at)].CopyTo(changed.AsSpan(at));
        return changed;
    }

    /// <summary>A number as bytes.</summary>
    public static byte[] Whole(long value, int width, bool little)
    {
        byte[] bytes = new byte[8];
        if (little)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
            return bytes[..width];
        }
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes[^width..];
    }
}
