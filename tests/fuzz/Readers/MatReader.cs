using System.Buffers.Binary;
using System.IO.Compression;
using Fovea.Datasets;
using Fovea.Fuzz.Changes;
using Fovea.Numerics;

namespace Fovea.Fuzz.Readers;

/// <summary>ImageNet's description of its classes, a MATLAB file.</summary>
internal sealed class MatReader : FuzzReader
{
    private const int Header = 128, Tag = 8, Compressed = 15;

    public override string Name => "mat";

    public override string About => "ImageNet's meta.mat (MatFile, GroundTruth)";

    public override IReadOnlyList<string> Types => ["Fovea.Datasets.MatFile", "Fovea.Datasets.GroundTruth"];

    public override IReadOnlyList<byte[]> Seeds() => [Fuzz.Seeds.Of("meta.mat")];

    public override byte[] Change(byte[] input, CounterRandom random)
    {
        if (input.Length < Header + Tag || BinaryPrimitives.ReadInt32LittleEndian(input.AsSpan(Header)) != Compressed || random.NextInt(10) == 0)
            return ByteChanges.Any(input, random);
        using var plain = new MemoryStream();
        try
        {
            using var zlib = new ZLibStream(new MemoryStream(input, Header + Tag, input.Length - Header - Tag), CompressionMode.Decompress);
            zlib.CopyTo(plain);
        }
        catch (InvalidDataException)
        {
            return ByteChanges.Any(input, random);
        }
        byte[] content = plain.ToArray();
        int at = random.NextInt(Math.Max(1, content.Length / 4)) * 4;
        content = random.NextInt(2) == 0 ? ByteChanges.Any(content, random)
            : ByteChanges.With(content, at, ByteChanges.Whole(ByteChanges.Number(0, random), 4, little: true));
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true)) zlib.Write(content);
        return [.. input.AsSpan(0, Header + 4), .. ByteChanges.Whole(packed.Length, 4, little: true), .. packed.ToArray()];
    }

    public override void Read(byte[] input) => GroundTruth.OfDevkit(input, "1\n2\n3\n"u8.ToArray(), "devkit");
}
