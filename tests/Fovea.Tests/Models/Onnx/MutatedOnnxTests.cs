using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>ONNX files with changed bytes: <see cref="Mutations"/>.</summary>
public sealed class MutatedOnnxTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-mutated-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Changed_bytes_never_crash_the_reader()
    {
        byte[][] wholes =
        [
            SmallNets.Classifier().Bytes(), SmallNets.Classifier(2).Bytes(), SmallNets.Constants().Bytes(), SmallNets.Rows()
                .Bytes(), Outside(), SmallNets.ColoursLast(8, 8).Bytes(), SmallNets.ColoursLast(0, 0).Bytes(),
        ];
        string path = Path.Combine(_root, "mutated.onnx");
        Mutations.Read(path, random => File.WriteAllBytes(path, Changed(wholes[random.NextUInt64() % (ulong)wholes.Length], random)));
    }

    private byte[] Outside()
    {
        using Tensor weight = ones(4, 4);
        File.WriteAllBytes(Path.Combine(_root, "weights.bin"), weight.bytes.ToArray());
        return SmallNets.WithWeight(SmallNets.Outside("w", "weights.bin", ("offset", "0"), ("length", "64")));
    }

    /// <summary>One to four changes: a byte, a run of bytes, a number's largest values, a piece cut, repeated or put elsewhere.</summary>
    private static byte[] Changed(byte[] whole, CounterRandom random)
    {
        List<byte> bytes = [.. whole];
        for (int change = (int)(random.NextUInt64() % 4); change >= 0 && bytes.Count > 8; change--)
        {
            int at = (int)(random.NextUInt64() % (ulong)bytes.Count);
            int length = Math.Min((int)(random.NextUInt64() % 24) + 1, bytes.Count - at);
            switch (random.NextUInt64() % 8)
            {
                case 0: bytes[at] = (byte)random.NextUInt64(); break;
                case 1: bytes[at] ^= (byte)(1 << (int)(random.NextUInt64() % 8)); break;
                case 2: bytes[at]++; break;
                case 3: bytes[at] = random.NextUInt64() % 2 == 0 ? (byte)0x7f : (byte)0; break;
                case 4: bytes.InsertRange(at, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]); break;
                case 5: bytes.RemoveRange(at, length); break;
                case 6:
                    int from = (int)(random.NextUInt64() % (ulong)(bytes.Count - length + 1));
                    bytes.InsertRange(at, bytes.GetRange(from, length));
                    break;
                default: bytes.RemoveRange(at, bytes.Count - at); break;
            }
        }
        return [.. bytes];
    }
}
