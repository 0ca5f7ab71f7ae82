using System.Buffers.Binary;
using System.IO.Compression;
using Fovea.Checkpoints.PyTorch;
using Fovea.Numerics;

namespace Fovea.Fuzz.Changes;

/// <summary>
/// Changes of pictures: a chunk of a PNG with its checksum put right, a segment of a JPEG, an entry of a TIFF's directory, numbers near the
/// start of any other.
/// </summary>
internal static class PictureChanges
{
    private const int Heading = 64;

    public static byte[] Any(byte[] input, CounterRandom random)
    {
        if (input.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47])) return Png(input, random);
        if (input.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8])) return Jpeg(input, random);
        if (input.AsSpan().StartsWith("II*\0"u8)) return Tiff(input, random);
        if (input.Length > 2 && input[0] == 'P' && random.NextInt(2) == 0)
            return [.. TextChanges.Any(input.AsSpan(0, Math.Min(20, input.Length)), random), .. input.AsSpan(Math.Min(20, input.Length))];
        return ByteChanges.In(input, 0, random.NextInt(2) == 0 ? Math.Min(input.Length, Heading) : input.Length, random);
    }

    private static byte[] Png(byte[] input, CounterRandom random)
    {
        List<(int At, int Length)> chunks = [];
        for (int at = 8; at + 12 <= input.Length;)
        {
            long length = BinaryPrimitives.ReadUInt32BigEndian(input.AsSpan(at));
            if (length > input.Length - at - 12) break;
            chunks.Add((at, (int)length));
            at += (int)length + 12;
        }
        if (chunks.Count == 0) return ByteChanges.Any(input, random);
        (int start, int size) = chunks[random.NextInt(chunks.Count)];
        ReadOnlySpan<byte> kind = input.AsSpan(start + 4, 4), before = input.AsSpan(0, start), after = input.AsSpan(start + size + 12);
        if (random.NextInt(8) == 0) return random.NextInt(2) == 0 ? [.. before, .. after] : [.. input.AsSpan(0, start + size + 12), .. input.AsSpan(start)];
        byte[] content = input[(start + 8)..(start + 8 + size)];
        content = kind.SequenceEqual("IDAT"u8) && random.NextInt(2) == 0 ? Repacked(content, random)
            : kind.SequenceEqual("IHDR"u8) && random.NextInt(2) == 0 && content.Length >= 13
                ? ByteChanges.With(content, random.NextInt(2) * 4, ByteChanges.Whole(ByteChanges.Number(8, random), 4, little: false))
            : ByteChanges.Any(content, random);
        byte[] chunk = [.. kind, .. content];
        using var sum = new Crc32Stream(new MemoryStream(chunk));
        sum.CopyTo(Stream.Null);
        return [.. before, .. ByteChanges.Whole(content.Length, 4, little: false), .. chunk, .. ByteChanges.Whole(sum.Value, 4, little: false), .. after];
    }

    private static byte[] Repacked(byte[] packed, CounterRandom random)
    {
        using var plain = new MemoryStream();
        try
        {
            using var zlib = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
            zlib.CopyTo(plain);
        }
        catch (InvalidDataException)
        {
            return ByteChanges.Any(packed, random);
        }
        if (plain.Length > Limits.Input) return packed;
        using var again = new MemoryStream();
        using (var zlib = new ZLibStream(again, CompressionLevel.Fastest, leaveOpen: true)) zlib.Write(ByteChanges.Any(plain.ToArray(), random));
        return again.ToArray();
    }

    private static byte[] Jpeg(byte[] input, CounterRandom random)
    {
        List<(int At, int Length)> segments = [];
        int at = 2;
        for (; at + 4 <= input.Length && input[at] == 0xFF;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(input.AsSpan(at + 2));
            if (length > input.Length - at - 2) break;
            segments.Add((at, length));
            at += length + 2;
            if (input[segments[^1].At + 1] == 0xDA) break;
        }
        if (segments.Count == 0 || random.NextInt(4) == 0) return ByteChanges.In(input, Math.Min(at, input.Length - 1), input.Length, random);
        (int start, int size) = segments[random.NextInt(segments.Count)];
        return random.NextInt(6) switch
        {
            0 => [.. input.AsSpan(0, start), .. input.AsSpan(start + size + 2)],
            1 => [.. input.AsSpan(0, start + size + 2), .. input.AsSpan(start)],
            2 => ByteChanges.With(input, start + 1, [(byte)(0xC0 + random.NextInt(64))]),
            3 => ByteChanges.With(input, start + 2, ByteChanges.Whole(ByteChanges.Number(size, random), 2, little: false)),
            _ => ByteChanges.In(input, start + 4, Math.Max(start + 5, start + 2 + size), random),
        };
    }

    private static byte[] Tiff(byte[] input, CounterRandom random)
    {
        if (input.Length < 8) return ByteChanges.Any(input, random);
        uint directory = BinaryPrimitives.ReadUInt32LittleEndian(input.AsSpan(4));
        if (directory + 2L >= input.Length || random.NextInt(8) == 0) return ByteChanges.Any(input, random);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(input.AsSpan((int)directory));
        int entry = (int)Math.Min(directory + 2 + 12L * random.NextInt(Math.Max(1, count)), input.Length - 1);
        (int field, int width) = random.NextInt(5) switch { 0 => (0, 2), 1 => (2, 2), 2 => (4, 4), _ => (8, 4) };
        long value = field == 0 ? 256 + random.NextInt(100) : field == 2 ? random.NextInt(19) : random.NextInt(3) == 0
            ? random.NextInt(40000) : ByteChanges.Number(1, random);
        return entry + field < input.Length ? ByteChanges.With(input, entry + field, ByteChanges.Whole(value, width, little: true)) : input;
    }
}
