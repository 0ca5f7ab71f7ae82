using Fovea.Models.Ort;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Ort;

/// <summary>Threads that read pieces of batches, and the checksum that tells whether weights changed.</summary>
public sealed class OrtLanesTests
{
    [Fact]
    public async Task Every_piece_runs_once_in_order_and_no_more_at_a_time_than_threads()
    {
        using var lanes = new OrtLanes(3);
        int running = 0, most = 0;
        List<int> begun = [];
        Task[] passes = [.. Enumerable.Range(0, 4).Select(pass => lanes.Start(10, piece =>
        {
            lock (begun)
            {
                begun.Add(pass * 10 + piece);
                most = Math.Max(most, ++running);
            }
            Thread.Sleep(1);
            lock (begun) running--;
        }))];
        await Task.WhenAll(passes);
        Assert.InRange(most, 2, 3);
        Assert.Equal(Enumerable.Range(0, 40), begun.Order());
        // A thread that took its piece may be overtaken by as many as there are others.
        for (int i = 0; i < begun.Count; i++) Assert.InRange(begun[i] - i, -3, 3);
    }

    [Fact]
    public async Task A_failure_ends_its_pass_alone_and_only_when_nothing_of_it_runs()
    {
        using var lanes = new OrtLanes(2);
        int running = 0, begun = 0;
        Task failing = lanes.Start(50, piece =>
        {
            Interlocked.Increment(ref running);
            Interlocked.Increment(ref begun);
            Thread.Sleep(2);
            Interlocked.Decrement(ref running);
            if (piece == 1) throw new InvalidOperationException("piece 1");
        });
        Task next = lanes.Start(2, _ => { });
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => failing);
        Assert.Equal("piece 1", error.Message);
        Assert.Equal(0, Volatile.Read(ref running));
        Assert.InRange(begun, 2, 6);
        await next;
    }

    [Theory]
    [InlineData(16, 2, 224, 4)]
    [InlineData(20, 2, 224, 4)]
    [InlineData(100, 2, 64, 25)]
    [InlineData(32, 2, 64, 16)]
    [InlineData(32, 16, 224, 2)]
    [InlineData(1, 16, 224, 1)]
    [InlineData(7, 2, 10_000, 1)]
    [InlineData(9, 1, 64, 9)]
    public void Pieces_are_of_one_size_and_few_pixels(int images, int lanes, int side, int expected) =>
        Assert.Equal(expected, OrtSession.SizeOf(images, lanes, (long)side * side));

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(777)]
    public void Any_byte_changes_the_checksum(int length)
    {
        var bytes = new byte[length];
        HashSet<ulong> seen = [WeightChecksum.Of(bytes)];
        for (int i = 0; i < length; i++)
        {
            foreach (byte bit in (byte[])[1, 128])
            {
                bytes[i] ^= bit;
                Assert.True(seen.Add(WeightChecksum.Of(bytes)), $"bit {bit} of byte {i}");
                bytes[i] ^= bit;
            }
        }
        Assert.False(seen.Add(WeightChecksum.Of(bytes)));
    }

    [Fact]
    public void So_do_the_order_of_tensors_and_where_one_ends()
    {
        using var scope = NewDisposeScope();
        Tensor a = arange(100, float32), b = a + 1;
        ulong first = WeightChecksum.Of([a, b]);
        Assert.NotEqual(first, WeightChecksum.Of([b, a]));
        Assert.Equal(first, WeightChecksum.Of([a.clone(), b.clone()]));
        // The same numbers in another order in memory.
        Assert.Equal(WeightChecksum.Of([a.view(10, 10).t().contiguous()]), WeightChecksum.Of([a.view(10, 10).t()]));
        Assert.NotEqual(WeightChecksum.Of([zeros(8), zeros(4)]), WeightChecksum.Of([zeros(4), zeros(8)]));
    }
}
