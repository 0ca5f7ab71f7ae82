using System.Buffers.Binary;
using Fovea.Checkpoints;
using Fovea.Fuzz.Changes;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Fuzz.Readers;

/// <summary>safetensors: the header, and the tensors that it describes.</summary>
internal sealed class SafetensorsReader : FuzzReader
{
    public override string Name => "safetensors";

    public override string About => "safetensors files, with their tensors (SafetensorsFile)";

    public override IReadOnlyList<string> Types => ["Fovea.Checkpoints.SafetensorsFile", "Fovea.Checkpoints.SafetensorsHeader",
        "Fovea.Checkpoints.SafetensorsTensor", "Fovea.Checkpoints.ElementTypes"];

    public override bool Native => true;

    public override IReadOnlyList<byte[]> Seeds()
    {
        using var scope = NewDisposeScope();
        return
        [
            Fuzz.Seeds.Written("a.safetensors", path => Safetensors.Write(path, new Dictionary<string, Tensor>
            {
                ["weight"] = arange(6, ScalarType.Float32).reshape(2, 3), ["bias"] = ones(2, ScalarType.Float16), ["count"] = tensor(5L),
                ["flags"] = tensor([true, false]), ["none"] = zeros(0, 4), ["half"] = ones(2, ScalarType.BFloat16), ["b"] = ones(3, ScalarType.Byte),
            }, new Dictionary<string, string> { ["format"] = "pt" })),
            Fuzz.Seeds.Written("b.safetensors", path => Safetensors.Write(path, new Dictionary<string, Tensor> { ["x"] = ones(1) })),
        ];
    }

    public override byte[] Change(byte[] input, CounterRandom random)
    {
        if (input.Length < 8) return ByteChanges.Any(input, random);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(input);
        if (length > (ulong)input.Length - 8 || random.NextInt(16) == 0)
            return ByteChanges.With(input, 0, ByteChanges.Whole(ByteChanges.Number((long)length, random), 8, little: true));
        byte[] header = TextChanges.Any(input.AsSpan(8, (int)length), random);
        return [.. ByteChanges.Whole(header.Length, 8, little: true), .. header, .. input.AsSpan(8 + (int)length)];
    }

    public override void Read(byte[] input)
    {
        using SafetensorsFile file = SafetensorsFile.Open(File(input, "weights.safetensors"));
        foreach (string name in file.Tensors.Keys) file.ToTensor(name).Dispose();
    }
}
