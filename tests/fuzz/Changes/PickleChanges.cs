using System.Buffers.Binary;
using System.Text;
using Fovea.Numerics;

namespace Fovea.Fuzz.Changes;

/// <summary>Changes of a pickle by its instructions: one is exchanged, cut out, repeated or put elsewhere, or what it says is changed.</summary>
internal static class PickleChanges
{
    private const string Alone = ".(01N\x88\x89)\x85\x86\x87t]alesudbQR}q\x8F\x90\x94\x93\x81\x82o2";

    private static readonly string[] Names =
    [
        "ctorch._utils\n_rebuild_tensor_v2\n", "ctorch\nFloatStorage\n", "ccollections\nOrderedDict\n", "ctorch.nn.parameter\nParameter\n",
        "ctorch._utils\n_rebuild_parameter\n", "ctorch\nSize\n", "ctorch\nfloat32\n", "c__builtin__\nset\n", "c_codecs\nencode\n", "ctorch\ndevice\n",
        "ctorch._tensor\n_rebuild_from_type_v2\n",
    ];

    public static byte[] Any(byte[] input, CounterRandom random)
    {
        List<(int Start, int Length)> all = Instructions(input);
        if (all.Count == 0) return ByteChanges.Any(input, random);
        (int start, int length) = all[random.NextInt(all.Count)];
        (int other, int otherLength) = all[random.NextInt(all.Count)];
        ReadOnlySpan<byte> before = input.AsSpan(0, start), one = input.AsSpan(start, length), after = input.AsSpan(start + length);
        switch (random.NextInt(9))
        {
            case 0: return [.. before, .. after];
            case 1: return [.. before, .. one, .. one, .. after];
            case 2: return [.. before, .. input.AsSpan(other, otherLength), .. after];
            case 3: return [.. before, .. one, .. input.AsSpan(other, otherLength), .. after];
            case 4: return [.. before, (byte)Alone[random.NextInt(Alone.Length)], .. after];
            case 5: return [.. before, (byte)Alone[random.NextInt(Alone.Length)], .. one, .. after];
            case 6: return [.. before, .. Encoding.Latin1.GetBytes(Names[random.NextInt(Names.Length)]), .. after];
            case 7: return [.. before, .. Number(random), .. after];
            default:
                if (length == 1) return [.. before, (byte)random.NextUInt64(), .. after];
                return ByteChanges.In(input, start + 1, start + length, random);
        }
    }

    private static byte[] Number(CounterRandom random)
    {
        long value = ByteChanges.Extremes[random.NextInt(ByteChanges.Extremes.Length)];
        return random.NextInt(3) switch
        {
            0 => [(byte)'J', .. ByteChanges.Whole(value, 4, little: true)],
            1 => [0x8A, 8, .. ByteChanges.Whole(value, 8, little: true)],
            _ => [(byte)'K', (byte)value],
        };
    }

    /// <summary>Where each instruction lies; it ends where one is cut short or unknown.</summary>
    private static List<(int Start, int Length)> Instructions(ReadOnlySpan<byte> code)
    {
        List<(int, int)> all = [];
        for (int at = 0; at < code.Length;)
        {
            ReadOnlySpan<byte> rest = code[(at + 1)..];
            long argument = (char)code[at] switch
            {
                'K' or 'h' or 'q' or '\x80' or '\x82' => 1,
                'M' or '\x83' => 2,
                'J' or 'r' or 'j' or '\x84' => 4,
                'G' or '\x95' => 8,
                'U' or 'C' or '\x8C' or '\x8A' => rest.Length > 0 ? 1 + rest[0] : 0,
                'X' or 'T' or 'B' or '\x8B' => rest.Length >= 4 ? 4 + (long)BinaryPrimitives.ReadUInt32LittleEndian(rest) : 0,
                '\x8D' or '\x8E' or '\x96' => rest.Length >= 8 ? 8 + Math.Abs(BinaryPrimitives.ReadInt64LittleEndian(rest) >> 1) : 0,
                'c' => Lines(rest, 2),
                'I' or 'L' or 'F' or 'S' or 'V' or 'P' or 'g' or 'p' => Lines(rest, 1),
                _ => 0,
            };
            if (argument > rest.Length) break;
            all.Add((at, 1 + (int)argument));
            at += 1 + (int)argument;
        }
        return all;
    }

    private static int Lines(ReadOnlySpan<byte> rest, int lines)
    {
        int length = 0;
        for (; lines > 0; lines--)
        {
            int end = rest[length..].IndexOf((byte)'\n');
            if (end < 0) return rest.Length + 1;
            length += end + 1;
        }
        return length;
    }
}
