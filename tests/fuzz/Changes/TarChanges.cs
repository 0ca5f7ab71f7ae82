using System.Globalization;
using System.Text;
using Fovea.Numerics;

namespace Fovea.Fuzz.Changes;

/// <summary>Changes of a tar: of a field of a header whose checksum is put right, or of whole blocks.</summary>
internal static class TarChanges
{
    private const int Block = 512, Checksum = 148;

    private static readonly (int At, int Length)[] Fields =
        [(0, 100), (100, 8), (108, 8), (124, 12), (124, 12), (136, 12), (156, 1), (156, 1), (157, 100), (257, 8), (345, 155)];

    private static readonly string[] Texts =
        ["a", "a/", "..", "../a", "/", "./a", "b", "a/1.png", "b/b/b/b", "", "cat.tar", "//", "a//b", "x.png", ".", "././@LongLink", "\uFFFD"];

    private const string Kinds = "01234567LKxgSDMNVX\0";

    public static byte[] Any(byte[] input, CounterRandom random)
    {
        int blocks = input.Length / Block;
        if (blocks == 0) return ByteChanges.Any(input, random);
        int at = random.NextInt(blocks) * Block, other = random.NextInt(blocks) * Block;
        switch (random.NextInt(8))
        {
            case 0: return [.. input.AsSpan(0, at), .. input.AsSpan(at + Block)];
            case 1: return [.. input.AsSpan(0, at), .. input.AsSpan(at, Block), .. input.AsSpan(at)];
            case 2: return [.. input.AsSpan(0, at), .. input.AsSpan(other, Block), .. input.AsSpan(at)];
            case 3: return Extended(input, at, random);
        }
        (int field, int length) = Fields[random.NextInt(Fields.Length)];
        byte[] value = new byte[length];
        byte[] text = length == 1 ? [(byte)Kinds[random.NextInt(Kinds.Length)]]
            : length <= 12 ? Number(length, random) : Encoding.UTF8.GetBytes(Texts[random.NextInt(Texts.Length)]);
        text.AsSpan(0, Math.Min(length, text.Length)).CopyTo(value);
        byte[] changed = random.NextInt(4) == 0 ? ByteChanges.In(input, at + field, at + field + length, random)
            : ByteChanges.With(input, at + field, value);
        return changed.Length == input.Length ? Summed(changed, at) : changed;
    }

    // A pax header or a long name in front of an entry.
    private static byte[] Extended(byte[] input, int at, CounterRandom random)
    {
        string text = Texts[random.NextInt(Texts.Length)] + new string('p', random.NextInt(300));
        string key = random.NextInt(4) switch { 0 => "path", 1 => "linkpath", 2 => "size", _ => "GNU.sparse.map" };
        if (key == "size") text = ByteChanges.Extremes[random.NextInt(ByteChanges.Extremes.Length)].ToString(CultureInfo.InvariantCulture);
        char kind = "xxLKg"[random.NextInt(5)];
        byte[] record = Encoding.UTF8.GetBytes($" {key}={text}\n");
        int length = record.Length + 2 + random.NextInt(3);
        byte[] content = kind is 'L' or 'K' ? Encoding.UTF8.GetBytes(text)
            : [.. Encoding.UTF8.GetBytes(length.ToString(CultureInfo.InvariantCulture)), .. record];
        byte[] header = new byte[Block];
        Encoding.ASCII.GetBytes("extended").CopyTo(header, 0);
        Encoding.ASCII.GetBytes(Convert.ToString(content.Length, 8).PadLeft(11, '0')).CopyTo(header, 124);
        header[156] = (byte)kind;
        byte[] padded = new byte[(content.Length + Block - 1) / Block * Block];
        content.CopyTo(padded, 0);
        return [.. input.AsSpan(0, at), .. Summed(header, 0), .. padded, .. input.AsSpan(at)];
    }

    private static byte[] Number(int length, CounterRandom random)
    {
        long value = ByteChanges.Extremes[random.NextInt(ByteChanges.Extremes.Length)];
        if (random.NextInt(3) == 0) return [0x80, .. new byte[length - 9 > 0 ? length - 9 : 0], .. ByteChanges.Whole(value, Math.Min(8, length - 1), false)];
        return Encoding.ASCII.GetBytes(Convert.ToString(value & ((1L << 33) - 1), 8).PadLeft(length - 1, '0'));
    }

    private static byte[] Summed(byte[] file, int at)
    {
        int sum = 8 * ' ';
        for (int i = 0; i < Block && at + i < file.Length; i++) sum += i is >= Checksum and < Checksum + 8 ? 0 : file[at + i];
        return ByteChanges.With(file, at + Checksum, Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 "));
    }
}
