using System.Buffers.Binary;
using System.IO.Compression;
using Fovea.Checkpoints.PyTorch;
using Fovea.Fuzz.Changes;
using Fovea.Numerics;
using Fovea.Tests.Checkpoints;

namespace Fovea.Fuzz.Readers;

/// <summary>The machine that reads pickles as data.</summary>
internal sealed class PickleReader : FuzzReader
{
    public override string Name => "pickle";

    public override string About => "pickles of PyTorch files (PickleMachine)";

    public override IReadOnlyList<string> Types => ["Fovea.Checkpoints.PyTorch.Pickle"];

    public override IReadOnlyList<byte[]> Seeds() =>
        [.. Fuzz.Seeds.Ending(".pth").Select(Pickle).OfType<byte[]>(), System.Text.Encoding.Latin1.GetBytes(StreamFile.Sound.Root)];

    public override byte[] Change(byte[] input, CounterRandom random) => PickleChanges.Any(input, random);

    public override void Read(byte[] input) => PickleMachine.Read(input, "weights.pth");

    private static byte[]? Pickle(byte[] file)
    {
        if (BinaryPrimitives.ReadUInt16BigEndian(file) != 0x504B) return null;
        using var zip = new ZipArchive(new MemoryStream(file));
        using Stream stream = zip.Entries.Single(entry => entry.Name == "data.pkl").Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
