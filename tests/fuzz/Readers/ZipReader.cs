using Fovea.Checkpoints;
using Fovea.Fuzz.Changes;
using Fovea.Numerics;

namespace Fovea.Fuzz.Readers;

/// <summary>PyTorch's zip form, whole: archive, pickle and storages.</summary>
internal sealed class ZipReader : FuzzReader
{
    public override string Name => "zip";

    public override string About => "PyTorch files in their zip form, with their tensors (StateDict.Load)";

    public override IReadOnlyList<string> Types => ["Fovea.Checkpoints.StoredArchive", "Fovea.Checkpoints.PyTorch.PyTorchArchive",
        "Fovea.Checkpoints.PyTorch.PyTorchCheckpoint", "Fovea.Checkpoints.PyTorch.Crc32Stream"];

    public override bool Native => true;

    public override IReadOnlyList<byte[]> Seeds() => [.. Fuzz.Seeds.Ending(".pth").Where(file => file[0] == 'P')];

    public override byte[] Change(byte[] input, CounterRandom random) => random.NextInt(2) == 0 ? ZipChanges.Structure(input, random)
        : ZipChanges.Entry(input, random, (name, bytes) =>
            name.EndsWith(".pkl", StringComparison.Ordinal) ? PickleChanges.Any(bytes, random) : ByteChanges.Any(bytes, random));

    public override void Read(byte[] input) => StateDict.Load(File(input, "weights.pth")).Dispose();
}
