using Fovea.Distributed;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Distributed;

/// <summary>What ranks agree on, against loops that see everything.</summary>
public sealed unsafe class RankSumsTests
{
    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 1)]
    [InlineData(4, 33)]
    [InlineData(8, 100)]
    [InlineData(16, 7)]
    public void A_tree_adds_neighbours_first(int addends, int length)
    {
        var values = Numbers(addends * length, addends);
        using var rows = new NativeBuffer<float>(values.Length);
        values.CopyTo(rows.Span);
        FixedTree.Sum(rows.Pointer, addends, length);
        for (int i = 0; i < length; i++) Assert.Equal(Tree(0, addends, i), rows.Pointer[i]);

        float Tree(int first, int count, int i) =>
            count == 1 ? values[first * length + i] : Tree(first, count / 2, i) + Tree(first + count / 2, count / 2, i);
    }

    /// <summary>A tree of numbers over many binades is not the sum from left to right: the test above can fail.</summary>
    [Fact]
    public void The_order_of_a_sum_is_seen_in_its_bits()
    {
        var values = Numbers(8 * 1000, 3);
        using var rows = new NativeBuffer<float>(values.Length);
        values.CopyTo(rows.Span);
        FixedTree.Sum(rows.Pointer, 8, 1000);
        int other = 0;
        for (int i = 0; i < 1000; i++)
        {
            float sum = 0;
            for (int row = 0; row < 8; row++) sum += values[row * 1000 + i];
            other += sum == rows.Pointer[i] ? 0 : 1;
        }
        Assert.InRange(other, 200, 999);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(6, false)]
    [InlineData(64, true)]
    [InlineData(-2, false)]
    public void A_tree_has_a_power_of_two_of_leaves(int addends, bool fits) => Assert.Equal(fits, FixedTree.Fits(addends));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void The_kth_largest_over_ranks_is_that_of_all_keys_together(int count)
    {
        var random = new Random(7);
        // Repeated values, and ranks of different lengths; the last has none.
        int[][] keys = [.. Enumerable.Range(0, count).Select(rank => rank == 3 ? [] : Enumerable.Range(0, 100 + 57 * rank)
            .Select(_ => BitConverter.SingleToInt32Bits(MathF.Round(random.NextSingle() * 40) / 8 + 1e-3f)).ToArray())];
        int[] all = [.. keys.SelectMany(own => own).OrderDescending()];
        foreach (int ignored in (int[])[0, 16])
        {
            foreach (int k in (int[])[1, 2, 50, 99, all.Length, all.Length + 1])
            {
                int[] found = ThreadRanks.Run(count, ranks =>
                {
                    fixed (int* own = keys[ranks.Rank]) return ranks.KthLargest(own, keys[ranks.Rank].Length, k, ignored);
                });
                int expected = k > all.Length ? 0 : all[k - 1] >> ignored << ignored;
                Assert.All(found, key => Assert.Equal(expected, key));
            }
        }
    }

    [Fact]
    public void Counts_flags_and_words_are_the_same_on_all()
    {
        var found = ThreadRanks.Run(4, ranks =>
        {
            return (
                Sum: ranks.Sum(10 + ranks.Rank), Before: ranks.Before(10 + ranks.Rank), Any: ranks.Any(ranks.Rank == 3), None: ranks.Any(false),
                Least: ranks.Smallest(5 - ranks.Rank),
                First: Convert.ToHexString(ranks.FromFirst(ranks.Rank == 0 ? [1, 2, 3] : [9])), Words: string.Join(' ', ranks.Words($"n{ranks.Rank}")));
        });
        Assert.Equal([0, 10, 21, 33], found.Select(one => one.Before));
        Assert.All(found, one => Assert.Equal((46, true, false, 2f, "010203", "n0 n1 n2 n3"),
            ((int)one.Sum, one.Any, one.None, one.Least, one.First, one.Words)));
    }

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * MathF.Pow(2, random.Next(16)))];
    }
}
