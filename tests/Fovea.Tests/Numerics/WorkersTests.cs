using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Numerics;

public sealed class WorkersTests
{
    [Fact]
    public void Every_item_is_done_once_in_call_after_call()
    {
        for (int call = 0; call < 2000; call++)
        {
            int items = call % 7;
            var done = new int[items];
            Workers.For(items, (item, _) => Interlocked.Increment(ref done[item]));
            Assert.All(done, times => Assert.Equal(1, times));
            if (call % 500 == 0) Thread.Sleep(20); // let the others fall asleep
        }
    }

    [Fact]
    public void Calls_from_several_threads_and_from_within_an_item_end()
    {
        long sum = 0;
        Parallel.For(0, 8, _ => Workers.For(10, (_, _) => Workers.For(3, (inner, _) => Interlocked.Add(ref sum, inner))));
        Assert.Equal(8 * 10 * 3, sum);
    }

    [Fact]
    public void An_items_exception_reaches_the_caller_and_leaves_the_workers_usable()
    {
        for (int i = 0; i < 20; i++)
        {
            Assert.Throws<InvalidOperationException>(() => Workers.For(5, (item, _) =>
            {
                if (item == i % 5) throw new InvalidOperationException("made so");
            }));
        }
        int done = 0;
        Workers.For(5, (_, _) => Interlocked.Increment(ref done));
        Assert.Equal(5, done);
    }
}
