using Fovea.Explorer.Relations;
using Xunit;

namespace Fovea.Explorer.Tests.Server;

public sealed class KeptValuesTests
{
    [Fact]
    public void The_least_lately_used_goes_and_what_is_held_stays_until_it_is_released()
    {
        var kept = new KeptValues(mostBytes: 100);
        var values = Enumerable.Range(0, 3).Select(_ => new Disposed()).ToArray();
        using (Held<Disposed> first = kept.Get("a", () => values[0], _ => 60)!)
        {
            kept.Get("b", () => values[1], _ => 60)!.Dispose();
            Assert.False(kept.Contains("a"));
            Assert.Equal(0, first.Value.Times);
        }
        Assert.Equal(1, values[0].Times);
        // One that is too large for the room is kept alone: who asked for it will ask again.
        kept.Get("c", () => values[2], _ => 500)!.Dispose();
        Assert.Equal((1, 0, 500L), (values[1].Times, values[2].Times, kept.Bytes));
        kept.Dispose();
        Assert.All(values, one => Assert.Equal(1, one.Times));
    }

    [Fact]
    public void Each_value_is_made_once_whoever_asks_and_nothing_is_not_kept()
    {
        using var kept = new KeptValues(mostBytes: 100);
        int made = 0;
        Parallel.For(0, 32, _ =>
        {
            using Held<Disposed>? one = kept.Get("a", () => { Interlocked.Increment(ref made); Thread.Sleep(5); return new Disposed(); }, _ => 1);
            Assert.NotNull(one);
        });
        Assert.Equal(1, made);
        Assert.Null(kept.Get<Disposed>("b", () => null, _ => 1));
        Assert.Throws<InvalidOperationException>(() => kept.Get<Disposed>("c", () => throw new InvalidOperationException(), _ => 1));
        Assert.NotNull(kept.Get("c", () => new Disposed(), _ => 1));
    }

    private sealed class Disposed : IDisposable
    {
        public int Times { get; private set; }

        public void Dispose() => Times++;
    }
}
