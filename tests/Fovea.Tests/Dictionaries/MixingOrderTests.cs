using Fovea.Dictionaries.Training;
using Xunit;

namespace Fovea.Tests.Dictionaries;

public sealed class MixingOrderTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(63, 1000)]
    [InlineData(64, 64)]
    [InlineData(1000, 128)]
    [InlineData(1000, 130)]
    [InlineData(4096 + 17, 512)]
    public void A_pass_visits_everything_once(int count, int window)
    {
        var order = new MixingOrder(3, count, window);
        for (int pass = 0; pass < 3; pass++)
            Assert.Equal(Enumerable.Range(0, count).Select(item => (long)item), Pass(order, pass, count).Order());
        if (count > 2) Assert.NotEqual(Pass(order, 0, count), Pass(order, 1, count));
    }

    [Fact]
    public void Any_place_can_be_gone_on_from()
    {
        long[] straight = Pass(new MixingOrder(3, 3000, 512), 1, 3000);
        var order = new MixingOrder(3, 3000, 512);
        var some = new long[700];
        foreach (int start in (int[])[2100, 0, 1023, 2299])
        {
            order.Read(1, start, some);
            Assert.Equal(straight[start..(start + 700)], some);
        }
    }

    [Fact]
    public void A_window_holds_chunks_of_the_whole_and_few_of_its_items_stand_beside_their_neighbours()
    {
        const int Count = 64 * 400, Window = 64 * 40;
        long[] pass = Pass(new MixingOrder(3, Count, Window), 0, Count);
        for (int start = 0; start < Count; start += Window)
        {
            long[] window = pass[start..(start + Window)];
            Assert.Equal(40, window.Select(item => item / MixingOrder.Chunk).Distinct().Count());
            // Chunks come from all over: the middle of their range is near the middle, not where the window is.
            Assert.InRange(window.Average(), Count * 0.3, Count * 0.7);
            foreach (long[] batch in window.Chunk(128))
                Assert.InRange(batch.Select(item => item / MixingOrder.Chunk).Distinct().Count(), 33, 40);
        }
    }

    [Fact]
    public void Windows_change_as_often_as_there_are()
    {
        var order = new MixingOrder(3, 64 * 40, 64 * 10);
        Assert.Equal(4, order.Windows);
        for (int pass = 0; pass < 3; pass++)
            for (int place = 0; place < 64 * 40; place++) Assert.Equal(pass * 4 + place / 640, order.WindowAt(pass, place));
    }

    [Theory]
    [InlineData(63, 1000)]
    [InlineData(1000, 128)]
    [InlineData(1000, 130)]
    [InlineData(4096 + 17, 512)]
    public void A_windows_chunks_hold_its_items_where_they_are_said_to_stand(int count, int window)
    {
        var order = new MixingOrder(3, count, window);
        for (int pass = 0; pass < 3; pass++)
        {
            long[] items = Pass(order, pass, count);
            var slots = new int[count];
            for (int place = 0; place < count;)
            {
                var (number, some) = order.Slots(pass, place, slots);
                Assert.Equal((order.WindowAt(pass, place), order.WindowAt(pass, place + some - 1)), (number, number));
                long[] stored = [.. order.ChunksOfWindow(number).SelectMany(chunk => Enumerable.Range(0, chunk.Count).Select(i => chunk.First + i))];
                Assert.Equal(some, stored.Length);
                Assert.InRange(some, 1, order.ItemsOfWindow);
                for (int i = 0; i < some; i++) Assert.Equal(items[place + i], stored[slots[i]]);
                place += some;
            }
        }
    }

    [Fact]
    public void A_window_as_large_as_a_number_can_be_holds_everything()
    {
        var order = new MixingOrder(3, 1000, int.MaxValue);
        Assert.Equal(1, order.Windows);
        Assert.Equal(Pass(new MixingOrder(3, 1000, 1000), 2, 1000), Pass(order, 2, 1000));
    }

    private static long[] Pass(MixingOrder order, long pass, int count)
    {
        var items = new long[count];
        for (int start = 0; start < count; start += 100) order.Read(pass, start, items.AsSpan(start, Math.Min(100, count - start)));
        return items;
    }
}
