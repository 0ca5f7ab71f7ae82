using Fovea.Checkpoints;
using Fovea.Fuzz.Changes;
using Fovea.Numerics;
using Fovea.Tests.Checkpoints;

namespace Fovea.Fuzz.Readers;

/// <summary>PyTorch's form of before version 1.6.</summary>
internal sealed class OldStreamReader : FuzzReader
{
    public override string Name => "stream";

    public override string About => "PyTorch files of before version 1.6, with their tensors (StateDict.Load)";

    public override IReadOnlyList<string> Types => ["Fovea.Checkpoints.PyTorch.PyTorchStream", "Fovea.Checkpoints.PyTorch.PyTorchCheckpoint",
        "Fovea.Checkpoints.PyTorch.Pickle"];

    public override bool Native => true;

    public override IReadOnlyList<byte[]> Seeds() => [.. Fuzz.Seeds.Ending(".pth").Where(file => file[0] != 'P'), StreamFile.Sound.ToBytes()];

    public override byte[] Change(byte[] input, CounterRandom random)
    {
        // The magic number and the protocol stay most of the time, or nothing behind them is read.
        const int Head = 21;
        if (input.Length <= Head || random.NextInt(20) == 0) return ByteChanges.Any(input, random);
        return [.. input.AsSpan(0, Head), .. PickleChanges.Any(input[Head..], random)];
    }

    public override void Read(byte[] input) => StateDict.Load(File(input, "weights.pth")).Dispose();
}
