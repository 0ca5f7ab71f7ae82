using System.Diagnostics;
using System.Globalization;
using Fovea.Models;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Models;

/// <summary>
/// Files with changed bytes: reading ends in a network or in a data error, never in another exception, a hang or a memory that grows.
/// <c>FOVEA_MUTATIONS</c> says how many (300 where it does not), <c>FOVEA_MUTATION_SEED</c> from which seed, <c>FOVEA_MUTATION_FIRST</c>
/// from which on (a message names the one that failed).
/// </summary>
internal static class Mutations
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    /// <summary>Reads so many changed files one after the other.</summary>
    /// <param name="path">Where each is written.</param>
    /// <param name="write">Writes one to the path, by random numbers of its own.</param>
    public static void Read(string path, Action<CounterRandom> write)
    {
        int count = Number("FOVEA_MUTATIONS", 300), first = Number("FOVEA_MUTATION_FIRST", 0), read = 0;
        ulong seed = (ulong)Number("FOVEA_MUTATION_SEED", 1);
        long most = 0;
        TimeSpan longest = default;
        for (int i = first; i < first + count; i++)
        {
            write(new CounterRandom(seed, "mutation", i));
            long before = GC.GetTotalAllocatedBytes();
            var clock = Stopwatch.StartNew();
            try
            {
                // A file that leaves the size of images open is read for one, too.
                NetworkFile.Open(path, images: i % 2 == 0 ? (8, 8) : null).Dispose();
                read++;
            }
            catch (FoveaException e)
            {
                Assert.True(e.Kind == FailureKind.Data, $"mutation {i}: {e}");
            }
            catch (Exception e)
            {
                Assert.Fail($"mutation {i} of seed {seed}: {e}");
            }
            most = Math.Max(most, GC.GetTotalAllocatedBytes() - before);
            longest = clock.Elapsed > longest ? clock.Elapsed : longest;
            Assert.True(clock.Elapsed < Longest, $"mutation {i} took {clock.Elapsed}");
        }
        Assert.True(most < 200 << 20, $"{most} bytes for one file");
        TestContext.Current.SendDiagnosticMessage(
            $"{count} mutations, {read} read, at most {most / 1024} KiB of managed memory and {longest.TotalSeconds:0.0} s each");
        Assert.InRange(read, 0, count - 1);
    }

    private static int Number(string variable, int fallback) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int value) ? value : fallback;
}
