using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Numerics;

public sealed class KeyedPermutationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(64)]
    [InlineData(1023)]
    [InlineData(65_537)]
    public void Every_item_stands_at_one_place_and_the_inverse_finds_it(int count)
    {
        for (int item = 0; item < 4; item++)
        {
            var order = new KeyedPermutation(7, "test", item, count);
            long[] all = [.. Enumerable.Range(0, count).Select(place => order[place])];
            Assert.Equal(Enumerable.Range(0, count).Select(i => (long)i), all.Order());
            for (int place = 0; place < count; place++) Assert.Equal(place, order.PlaceOf(all[place]));
        }
    }

    [Fact]
    public void It_reaches_to_two_to_the_62()
    {
        foreach (long count in (long[])[1L << 62, (1L << 62) - 12345, 1_000_000_000_000])
        {
            var order = new KeyedPermutation(7, "large", 0, count);
            var random = new CounterRandom(1, "places", count);
            for (int i = 0; i < 1000; i++)
            {
                long place = (long)Math.BigMul(random.NextUInt64(), (ulong)count, out _), item = order[place];
                Assert.InRange(item, 0, count - 1);
                Assert.Equal(place, order.PlaceOf(item));
            }
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyedPermutation(7, "large", 0, (1L << 62) + 1));
    }

    /// <summary>
    /// Pearson's χ² of items over places, over many keys; n (n − 1) degrees of freedom less the sums that are fixed: (n − 1)².
    /// </summary>
    [Theory]
    [InlineData(5)]
    [InlineData(12)]
    [InlineData(30)]
    public void Every_item_is_as_often_at_every_place(int count)
    {
        const int Keys = 20_000;
        var seen = new int[count, count];
        for (int key = 0; key < Keys; key++)
        {
            var order = new KeyedPermutation(3, "uniform", key, count);
            for (int place = 0; place < count; place++) seen[place, order[place]]++;
        }
        double expected = (double)Keys / count, squares = 0;
        foreach (int times in seen) squares += (times - expected) * (times - expected) / expected;
        double freedom = (count - 1.0) * (count - 1);
        Assert.InRange(squares, freedom - 5 * Math.Sqrt(2 * freedom), freedom + 5 * Math.Sqrt(2 * freedom));
    }

    /// <summary>
    /// As a shuffle: neighbours' differences, the number of rises and the correlation of place and item are those of a uniform order.
    /// </summary>
    [Fact]
    public void A_large_order_has_no_trend()
    {
        const int Count = 200_003;
        for (int item = 0; item < 5; item++)
        {
            var order = new KeyedPermutation(11, "trend", item, Count);
            double middle = (Count - 1) / 2.0, product = 0, neighbours = 0;
            int rises = 0, close = 0;
            for (int place = 0; place < Count; place++)
            {
                double here = order[place] - middle;
                product += here * (place - middle);
                if (place == 0) continue;
                double before = order[place - 1] - middle;
                neighbours += here * before;
                if (here > before) rises++;
                if (Math.Abs(here - before) <= 100) close++;
            }
            double variance = ((double)Count * Count - 1) / 12;
            Assert.InRange(product / variance / Count, -5 / Math.Sqrt(Count), 5 / Math.Sqrt(Count));
            Assert.InRange(neighbours / variance / Count, -5 / Math.Sqrt(Count), 5 / Math.Sqrt(Count));
            Assert.InRange(rises, Count / 2 - 5 * Math.Sqrt(Count / 12.0), Count / 2 + 5 * Math.Sqrt(Count / 12.0));
            Assert.InRange(close, 100, 310); // 200 expected
        }
    }
}
