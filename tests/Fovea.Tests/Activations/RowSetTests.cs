using System.Security.Cryptography;
using Fovea.Activations;
using Xunit;

namespace Fovea.Tests.Activations;

public sealed class RowSetTests
{
    [Fact]
    public void A_range_and_a_list_give_their_rows_at_any_place()
    {
        RowSet range = RowSet.Range(5_000_000_000, 1000), list = new long[] { 9, 3, 3, 7 };
        Assert.Equal((1000, 5_000_000_999, 4, 3), (range.Count, range[999], list.Count, list[2]));
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => 5_000_000_000 + i), range);
        Assert.Equal([9, 3, 3, 7], list);
        var rows = new long[2];
        list.Gather([3, 0], rows);
        Assert.Equal([7, 9], rows);
        range.Gather([3, 0], rows);
        Assert.Equal([5_000_000_003, 5_000_000_000], rows);
        Assert.Empty(RowSet.Empty);
        Assert.Throws<ArgumentOutOfRangeException>(() => range[1000]);
        Assert.Throws<ArgumentOutOfRangeException>(() => range[-1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => list.Read(3, new long[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => RowSet.Of(1, -1));
    }

    [Fact]
    public void Positions_of_images_are_found_by_arithmetic()
    {
        RowSet some = new ImageRows([2, 5, 6], 3, 4), all = new ImageRows(null, 3, 4);
        Assert.Equal([8, 9, 10, 11, 20, 21, 22, 23, 24, 25, 26, 27], some);
        Assert.Equal(Enumerable.Range(0, 12).Select(i => (long)i), all);
        Assert.Equal((28, 12), (some.End, all.End));
        // 2³¹ images' rows and more.
        Assert.Equal((1L << 31) * 784 - 784 - 1, new ImageRows(null, int.MaxValue, 784)[int.MaxValue * 784L - 1]);
    }

    [Theory]
    [InlineData(10, new int[0])]
    [InlineData(10, new[] { 0 })]
    [InlineData(10, new[] { 9 })]
    [InlineData(10, new[] { 0, 1, 2, 5, 8, 9 })]
    [InlineData(3, new[] { 0, 1, 2 })]
    [InlineData(2000, new[] { 3, 4, 5, 700, 1500, 1999 })]
    public void All_images_but_some_are_the_list_of_the_others(int all, int[] leftOut)
    {
        int[] kept = [.. Enumerable.Range(0, all).Except(leftOut)];
        ImageRows without = ImageRows.Without(leftOut, all, 7), list = new(kept.Length == all ? null : kept, kept.Length, 7);
        Assert.Equal(list.ToArray(), without.ToArray());
        Assert.Equal((list.Count, list.End), (without.Count, without.End));
        Assert.Equal(Identity(list), Identity(without));
        for (int place = 0; place < Math.Min(list.Count, 200); place += 13) Assert.Equal(list[place], without[place]);
    }

    [Theory]
    [InlineData(10_000, 1000)]
    [InlineData(10_000, 9_999)]
    [InlineData(10_000, 5_001)]
    [InlineData(4096, 1)]
    [InlineData(5, 3)]
    public void A_sample_is_ascending_without_repetition_and_the_same_from_any_place(int count, int part)
    {
        RowSet sample = RowSet.Range(100, count).Sample(part, 3, "test");
        long[] all = sample.ToArray();
        Assert.Equal(part, all.Length);
        Assert.Equal(all.Distinct().Order(), all);
        Assert.InRange(all[0], 100, all[^1]);
        Assert.True(all[^1] < 100 + count);
        for (int place = 0; place < part; place += 37) Assert.Equal(all[place], sample[place]);
    }

    /// <summary>Each row is in a sample with probability m/N: χ² over many seeds, for a share that fits no block evenly.</summary>
    [Fact]
    public void Every_row_is_as_likely_in_a_sample()
    {
        const int Count = 97, Part = 41, Seeds = 20_000;
        var seen = new int[Count];
        for (int seed = 0; seed < Seeds; seed++)
            foreach (long row in RowSet.Range(0, Count).Sample(Part, (ulong)seed, "uniform")) seen[row]++;
        double expected = (double)Seeds * Part / Count, variance = expected * (1 - (double)Part / Count);
        double squares = seen.Sum(times => (times - expected) * (times - expected) / variance);
        Assert.InRange(squares, Count - 5 * Math.Sqrt(2.0 * Count), Count + 5 * Math.Sqrt(2.0 * Count));
    }

    /// <summary>Also over many blocks: how many rows of each block are taken is its share of the part, to one.</summary>
    [Fact]
    public void A_sample_takes_its_share_of_every_part_of_the_rows()
    {
        const long Count = 1_000_000_007, Part = 30_000;
        RowSet sample = RowSet.Range(0, Count).Sample(Part, 5, "share");
        long[] all = sample.ToArray();
        for (int tenth = 0; tenth < 10; tenth++)
            Assert.InRange(all.Count(row => row >= Count / 10 * tenth && row < Count / 10 * (tenth + 1)), Part / 10 - 2, Part / 10 + 2);
        Assert.NotEqual(all, RowSet.Range(0, Count).Sample(Part, 6, "share"));
        Assert.NotEqual(all, RowSet.Range(0, Count).Sample(Part, 5, "other"));
        Assert.Same(RowSet.Empty, RowSet.Range(0, 9).Sample(0, 1, "none"));
        Assert.Equal(RowSet.Range(0, 9), RowSet.Range(0, 9).Sample(9, 1, "all"));
    }

    [Fact]
    public void Sets_of_other_rows_have_other_identities()
    {
        RowSet[] sets =
            [RowSet.Range(0, 9), RowSet.Range(1, 9), RowSet.Range(0, 10), RowSet.Of(0, 1), RowSet.Of(1, 0), RowSet.Range(0, 9)
                .Sample(3, 1, "a"),
            RowSet.Range(0, 9).Sample(3, 2, "a"), RowSet.Range(0, 9)
                .Sample(3, 1, "b"), new ImageRows(null, 3, 3), new ImageRows([0, 2], 2, 3), new ImageRows([0, 1], 2, 3)];
        Assert.Equal(sets.Length, sets.Select(Identity).Distinct().Count());
        Assert.Equal(Identity(RowSet.Range(4, 2)), Identity(RowSet.Range(4, 2)));
    }

    private static string Identity(RowSet rows)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        rows.Identify(hash);
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
