using System.Diagnostics;
using System.Globalization;
using Fovea.Models;
using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>
/// Files with changed bytes: reading ends in a network or in a data error, never in another exception, a hang or a memory that grows.
/// <c>FOVEA_MUTATIONS</c> says how many (300 where it does not), <c>FOVEA_MUTATION_SEED</c> from which seed.
/// </summary>
public sealed class MutatedOnnxTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-mutated-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Changed_bytes_never_crash_the_reader()
    {
        int count = Number("FOVEA_MUTATIONS", 300);
        ulong seed = (ulong)Number("FOVEA_MUTATION_SEED", 1);
        byte[][] wholes = [SmallNets.Classifier().Bytes(), SmallNets.Classifier(2).Bytes(), SmallNets.Constants().Bytes(), Outside()];
        int read = 0;
        long most = 0;
        TimeSpan longest = default;
        string path = Path.Combine(_root, "mutated.onnx");
        for (int i = 0; i < count; i++)
        {
            var random = new CounterRandom(seed, "mutation", i);
            byte[] whole = wholes[random.NextUInt64() % (ulong)wholes.Length];
            File.WriteAllBytes(path, Changed(whole, random));
            long before = GC.GetTotalAllocatedBytes();
            var clock = Stopwatch.StartNew();
            try
            {
                NetworkFile.Open(path).Dispose();
                read++;
            }
            catch (FoveaException e)
            {
                Assert.True(e.Kind == FailureKind.Data, $"mutation {i}: {e}");
            }
            catch (Exception e)
            {
                File.Copy(path, Path.Combine(Path.GetTempPath(), $"fovea-mutation-{seed}-{i}.onnx"), overwrite: true);
                Assert.Fail($"mutation {i} of seed {seed}: {e}");
            }
            most = Math.Max(most, GC.GetTotalAllocatedBytes() - before);
            longest = clock.Elapsed > longest ? clock.Elapsed : longest;
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"mutation {i} took {clock.Elapsed}");
        }
        Assert.True(most < 200 << 20, $"{most} bytes for one file");
        TestContext.Current.SendDiagnosticMessage($"{count} mutations, {read} read, at most {most / 1024} KiB of managed memory and "
            + $"{longest.TotalSeconds:0.0} s each");
        Assert.InRange(read, 0, count - 1);
    }

    private static int Number(string variable, int fallback) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int value) ? value : fallback;

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
                case 6: bytes.InsertRange(at, bytes.GetRange((int)(random.NextUInt64() % (ulong)(bytes.Count - length + 1)), length)); break;
                default: bytes.RemoveRange(at, bytes.Count - at); break;
            }
        }
        return [.. bytes];
    }
}
