using Fovea.Numerics;

namespace Fovea.Fuzz.Changes;

/// <summary>
/// Changes of a message of Protocol Buffers by its fields: one is cut out, repeated, exchanged for another, or its number or content is
/// changed; the lengths round it are put right, so that the rest stays sound.
/// </summary>
internal static class ProtoChanges
{
    private const int MostDepth = 12;

    /// <summary>One change, somewhere in the message or in one inside.</summary>
    public static byte[] Any(byte[] message, CounterRandom random) => Any(message, random, 0);

    private static byte[] Any(byte[] message, CounterRandom random, int depth)
    {
        List<(int Start, int Content, int End)> fields = Fields(message);
        if (fields.Count == 0) return ByteChanges.Any(message, random);
        (int start, int content, int end) = fields[random.NextInt(fields.Count)];
        (int other, int _, int otherEnd) = fields[random.NextInt(fields.Count)];
        ReadOnlySpan<byte> before = message.AsSpan(0, start), after = message.AsSpan(end);
        int wire = message[start] & 7;
        if (wire == 2 && depth < MostDepth && random.NextInt(8) != 0)
        {
            // Deeper: what looks like a message is one, what does not is text, numbers or the bytes of a tensor.
            byte[] inner = message[content..end];
            byte[] changed = inner.Length > 0 && Fields(inner).Count > 0 ? Any(inner, random, depth + 1)
                : random.NextInt(2) == 0 ? TextChanges.Any(inner, random) : ByteChanges.Any(inner, random);
            return [.. before, message[start], .. TagRest(message, start), .. Varint((ulong)changed.Length), .. changed, .. after];
        }
        switch (random.NextInt(6))
        {
            case 0: return [.. before, .. after];
            case 1: return [.. before, .. message.AsSpan(start, end - start), .. message.AsSpan(start)];
            case 2: return [.. before, .. message.AsSpan(other, otherEnd - other), .. after];
            case 3 when wire == 0:
                long value = ByteChanges.Extremes[random.NextInt(ByteChanges.Extremes.Length)];
                return [.. before, message[start], .. TagRest(message, start), .. Varint((ulong)value), .. after];
            case 4: return ByteChanges.With(message, start, [(byte)(message[start] ^ (1 << random.NextInt(7)))]);
            default: return ByteChanges.In(message, content, Math.Max(content + 1, end), random);
        }
    }

    // A tag may be longer than its first byte.
    private static byte[] TagRest(byte[] message, int start)
    {
        int at = start;
        while (at < message.Length - 1 && message[at] >= 128) at++;
        return message[(start + 1)..(at + 1)];
    }

    private static List<(int Start, int Content, int End)> Fields(byte[] message)
    {
        List<(int, int, int)> fields = [];
        for (int at = 0; at < message.Length;)
        {
            int start = at;
            if (!Read(message, ref at, out ulong tag) || tag >> 3 is 0 or > 100) return [];
            int content = at;
            ulong length = 0;
            switch (tag & 7)
            {
                case 0:
                    if (!Read(message, ref at, out _)) return [];
                    break;
                case 1: at += 8; break;
                case 5: at += 4; break;
                case 2:
                    if (!Read(message, ref at, out length) || length > (ulong)(message.Length - at)) return [];
                    content = at;
                    at += (int)length;
                    break;
                default: return [];
            }
            if (at > message.Length) return [];
            fields.Add((start, content, at));
        }
        return fields;
    }

    private static bool Read(byte[] message, ref int at, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 64 && at < message.Length; shift += 7)
        {
            byte one = message[at++];
            value |= (ulong)(one & 127) << shift;
            if (one < 128) return true;
        }
        return false;
    }

    private static byte[] Varint(ulong value)
    {
        List<byte> bytes = [];
        for (; value > 127; value >>= 7) bytes.Add((byte)(value | 128));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
