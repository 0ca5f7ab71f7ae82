using System.IO.Compression;
using Fovea.Numerics;

namespace Fovea.Fuzz.Changes;

/// <summary>Changes of a zip archive: of a number of its directory or a header, or of an entry's content with a sound archive round it.</summary>
internal static class ZipChanges
{
    // Where in a header there is a number, and of how many bytes (APPNOTE.TXT, 4.3).
    private static readonly (byte Kind, (int At, int Width)[] Fields)[] Headers =
    [
        (3, [(4, 2), (6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2)]),
        (1, [(4, 2), (6, 2), (8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (34, 2), (38, 4), (42, 4)]),
        (5, [(4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)]),
        (6, [(4, 8), (12, 2), (14, 2), (16, 4), (20, 4), (24, 8), (32, 8), (40, 8), (48, 8)]),
        (7, [(4, 4), (8, 8), (16, 4)]),
    ];

    /// <summary>One change of the archive's own numbers.</summary>
    public static byte[] Structure(byte[] input, CounterRandom random)
    {
        List<(int At, int Width)> fields = [];
        for (int at = 0; at + 4 <= input.Length; at++)
        {
            if (input[at] != 'P' || input[at + 1] != 'K' || input[at + 2] > 8 || input[at + 3] != input[at + 2] + 1) continue;
            foreach ((byte kind, (int, int)[] own) in Headers)
            {
                if (kind == input[at + 2]) fields.AddRange(own.Select(one => (at + one.Item1, one.Item2)));
            }
        }
        fields.RemoveAll(one => one.At + one.Width > input.Length);
        if (fields.Count == 0) return ByteChanges.Any(input, random);
        (int place, int width) = fields[random.NextInt(fields.Count)];
        long old = 0;
        for (int i = width - 1; i >= 0; i--) old = (old << 8) | input[place + i];
        return ByteChanges.With(input, place, ByteChanges.Whole(ByteChanges.Number(old, random), width, little: true));
    }

    /// <summary>One entry changed, in an archive that is written anew; an archive that cannot be read has its structure changed.</summary>
    /// <param name="input">The archive.</param>
    /// <param name="random">Draws the change.</param>
    /// <param name="change">Changes the content of an entry of this name.</param>
    public static byte[] Entry(byte[] input, CounterRandom random, Func<string, byte[], byte[]> change)
    {
        List<(string Name, byte[] Bytes)> entries = [];
        try
        {
            using var zip = new ZipArchive(new MemoryStream(input));
            foreach (ZipArchiveEntry entry in zip.Entries)
            {
                if (entry.Length > Limits.Input || entry.FullName.Length == 0) continue;
                using Stream stream = entry.Open();
                using var bytes = new MemoryStream();
                stream.CopyTo(bytes);
                entries.Add((entry.FullName, bytes.ToArray()));
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException or ArgumentException or NotSupportedException)
        {
            return Structure(input, random);
        }
        if (entries.Count == 0) return Structure(input, random);
        int target = random.NextInt(entries.Count);
        (string name, byte[] old) = entries[target];
        switch (random.NextInt(12))
        {
            case 0: entries.RemoveAt(target); break;
            case 1: entries.Add((name, old)); break;
            case 2: entries[target] = (entries[random.NextInt(entries.Count)].Name, old); break;
            default: entries[target] = (name, change(name, old)); break;
        }
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            bool packed = random.NextInt(16) == 0;
            foreach ((string one, byte[] bytes) in entries)
            {
                using Stream stream = zip.CreateEntry(one, packed ? CompressionLevel.Fastest : CompressionLevel.NoCompression).Open();
                stream.Write(bytes);
            }
        }
        return file.ToArray();
    }
}
