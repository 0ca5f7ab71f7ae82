using System.Buffers.Binary;
using Fovea.Checkpoints;
using Fovea.Fuzz.Changes;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Fuzz.Readers;

/// <summary>NumPy's arrays.</summary>
internal sealed class NumpyReader : FuzzReader
{
    private const int Opening = 10;

    public override string Name => "numpy";

    public override string About => ".npy files (NumpyFile.Read)";

    public override IReadOnlyList<string> Types => ["Fovea.Checkpoints.NumpyFile"];

    public override bool Native => true;

    public override IReadOnlyList<byte[]> Seeds()
    {
        using var scope = NewDisposeScope();
        Tensor[] arrays = [arange(12, ScalarType.Float32).reshape(3, 4), ones(5, ScalarType.Int64), tensor(1.5), tensor([true, false])];
        byte[][] files = [.. arrays.Select(array => Fuzz.Seeds.Written("a.npy", path => NumpyFile.Write(path, array)))];
        string columns = System.Text.Encoding.Latin1.GetString(files[0]).Replace("False", "True ", StringComparison.Ordinal);
        return [.. files, System.Text.Encoding.Latin1.GetBytes(columns)];
    }

    public override byte[] Change(byte[] input, CounterRandom random)
    {
        if (input.Length < Opening) return ByteChanges.Any(input, random);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(input.AsSpan(8));
        if (length > input.Length - Opening || random.NextInt(10) == 0) return ByteChanges.In(input, 6, Opening, random);
        byte[] header = TextChanges.Any(input.AsSpan(Opening, length), random);
        if (header.Length > ushort.MaxValue) return input;
        return [.. input.AsSpan(0, 8), .. ByteChanges.Whole(header.Length, 2, little: true), .. header, .. input.AsSpan(Opening + length)];
    }

    public override void Read(byte[] input) => NumpyFile.Read(File(input, "a.npy")).Dispose();
}
