using Fovea.Interpretation.Shortcuts;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Interpretation.Shortcuts;

/// <summary>Areas under ROC curves against a count of pairs, their intervals against draws, and what strata keep apart.</summary>
public sealed class GroupAlignmentTests
{
    [Theory]
    [InlineData(new[] { 1f, 2, 3, 4 }, new[] { false, false, true, true }, 1)]
    [InlineData(new[] { 4f, 3, 2, 1 }, new[] { false, false, true, true }, 0)]
    [InlineData(new[] { 5f, 5, 5, 5 }, new[] { false, false, true, true }, 0.5)]
    [InlineData(new[] { 1f, 2, 2, 3 }, new[] { false, false, true, true }, 0.875)]
    public void Known_areas(float[] values, bool[] member, double area) =>
        Assert.Equal(area, GroupAlignment.Of(values, member, new int[4], 1)!.Value, 1e-12);

    [Fact]
    public void An_area_is_the_share_of_pairs_and_its_variance_that_of_DeLong()
    {
        var random = new CounterRandom(1, "area", 0);
        float[] values = [.. Enumerable.Range(0, 60).Select(_ => (float)random.NextInt(9))];
        bool[] member = [.. Enumerable.Range(0, 60).Select(i => i % 3 == 0)];
        double Win(int i, int j) => values[i] > values[j] ? 1 : values[i] == values[j] ? 0.5 : 0;
        int[] own = [.. Enumerable.Range(0, 60).Where(i => member[i])], others = [.. Enumerable.Range(0, 60).Where(i => !member[i])];
        double area = own.Average(i => others.Average(j => Win(i, j)));
        double Spread(IEnumerable<double> parts)
        {
            double[] all = [.. parts];
            return all.Sum(part => (part - area) * (part - area)) / (all.Length - 1) / all.Length;
        }
        double variance = Spread(own.Select(i => others.Average(j => Win(i, j)))) + Spread(others.Select(j => own.Average(i => Win(i, j))));
        IntervalEstimate found = GroupAlignment.Of(values, member, new int[60], 1)!;
        Assert.Equal(area, found.Value, 1e-12);
        Assert.Equal(Math.Min(1, area + 1.959963984540054 * Math.Sqrt(variance)), found.Upper, 1e-12);
    }

    [Fact]
    public void What_tells_only_strata_apart_is_aligned_with_nothing()
    {
        var random = new CounterRandom(2, "area", 0);
        int[] strata = [.. Enumerable.Range(0, 2000).Select(i => i % 2)];
        // The group is nine times as frequent in the one stratum, where values are larger.
        bool[] member = [.. strata.Select(s => random.NextDouble() < (s == 1 ? 0.9 : 0.1))];
        float[] values = [.. strata.Select(s => (float)(5 * s + random.NextGaussian()))];
        Assert.True(GroupAlignment.Of(values, member, new int[2000], 1)!.Value > 0.85);
        IntervalEstimate within = GroupAlignment.Of(values, member, strata, 2)!;
        Assert.InRange(0.5, within.Lower, within.Upper);
    }

    [Fact]
    public void Of_one_kind_alone_there_is_none()
    {
        Assert.Null(GroupAlignment.Of([1, 2], [true, true], [0, 0], 1));
        Assert.Null(GroupAlignment.Of([1, 2], [true, false], [0, 1], 2));
    }

    [Fact]
    public void Differences_are_of_means_within_strata()
    {
        float[] values = [1, 3, 10, 14, 0, 0, 2, 4];
        bool[] member = [false, false, true, true, false, false, true, true];
        int[] strata = [0, 0, 0, 0, 1, 1, 1, 1];
        IntervalEstimate found = Intervals.Difference(values, member, strata, 2)!;
        Assert.Equal((10 + 3) / 2.0, found.Value, 1e-12);
        // Variances of the four means: 2/2, 8/2, 0, 2/2; half of each stratum, so a quarter of the sum.
        Assert.Equal(6.5 + 1.959963984540054 * Math.Sqrt((1 + 4 + 0 + 1) / 4.0), found.Upper, 1e-12);
        Assert.Null(Intervals.Difference([1, 2], [true, false], [0, 0], 1));
    }

    [Theory]
    [InlineData(0, 10, 0, 0.2775)]
    [InlineData(5, 10, 0.2366, 0.7634)]
    [InlineData(10, 10, 0.7225, 1)]
    public void Shares_have_Wilson_s_interval(int right, int count, double lower, double upper)
    {
        IntervalEstimate found = Intervals.Wilson(right, count);
        Assert.Equal((double)right / count, found.Value);
        Assert.Equal(lower, found.Lower, 1e-4);
        Assert.Equal(upper, found.Upper, 1e-4);
    }

    [Fact]
    public void Weights_make_group_and_class_independent_and_keep_both_shares()
    {
        int[] labels = [0, 0, 0, 0, 1, 1, 1, 1, 1, 1];
        bool[] member = [true, true, true, false, true, false, false, false, false, false];
        double[] weights = GroupWeights.Of(labels, member);
        double Sum(Func<int, bool> which) => Enumerable.Range(0, 10).Where(which).Sum(i => weights[i]);
        Assert.Equal(1, weights.Sum(), 1e-12);
        Assert.Equal(0.4, Sum(i => labels[i] == 0), 1e-12);
        Assert.Equal(0.4, Sum(i => member[i]), 1e-12);
        Assert.Equal(0.16, Sum(i => labels[i] == 0 && member[i]), 1e-12);
        Assert.Equal(0.36, Sum(i => labels[i] == 1 && !member[i]), 1e-12);
    }

    [Fact]
    public void Places_are_alike_where_maps_are_the_same_and_not_where_they_never_meet()
    {
        double root = Math.Sqrt(0.5);
        Assert.Equal(1, PlaceConsistency.Of([3 * root, 3 * root, 0, 0], 3)!.Value, 1e-12);
        Assert.Equal(0, PlaceConsistency.Of([1, 1, 1], 3)!.Value, 1e-12);
        // Three unit maps a, a, b at right angles: one pair of three is alike.
        Assert.Equal(1 / 3.0, PlaceConsistency.Of([2, 1], 3)!.Value, 1e-12);
        Assert.Null(PlaceConsistency.Of([1, 0], 1));
    }
}
