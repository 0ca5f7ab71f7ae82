using Fovea.Activations;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Activations;

public sealed class FilterStatisticsTests
{
    [Fact]
    public void Ties_share_the_mean_of_their_ranks() => Assert.Equal([1, 3, 3, 3, 5], Correlation.Ranks([0.5f, 2, 2, 2, 7]));

    [Fact]
    public void Spearman_is_one_for_any_rising_function_and_minus_one_for_a_falling_one()
    {
        float[] x = [3, 1, 4, 1.5f, 9, 2.6f];
        Assert.Equal(1, Correlation.Pearson(Correlation.Ranks(x), Correlation.Ranks([.. x.Select(v => v * v * v)])), 1e-12);
        Assert.Equal(-1, Correlation.Pearson(Correlation.Ranks(x), Correlation.Ranks([.. x.Select(v => -v)])), 1e-12);
    }

    [Fact]
    public void Spearman_with_ties_equals_the_value_worked_by_hand()
    {
        // ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: covariance 4.5 over sqrt(4.5 · 5)
        double actual = Correlation.Pearson(Correlation.Ranks([1, 2, 2, 3]), Correlation.Ranks([10, 30, 20, 40]));
        Assert.Equal(4.5 / Math.Sqrt(4.5 * 5), actual, 1e-12);
    }

    [Fact]
    public void Pairs_leave_out_constant_and_nan_maps_and_all_zero_maps_are_counted()
    {
        var statistics = new FilterStatistics([("a", "a"), ("b", "b")]);
        statistics.Add([[1, 2, 3], [2, 4, 6]]);                     // parallel
        statistics.Add([[1, 2, 3], [0, 0, 0]]);                     // b all zero
        statistics.Add([[1, 2, 3], [float.NaN, float.NaN, float.NaN]]); // b undefined
        statistics.Add([[1, 1, 1], [1, 2, 3]]);                     // a constant
        var report = statistics.Report();
        Assert.Equal(4, report.Images);
        Assert.Equal([0, 2], report.Filters.Select(filter => filter.AllZero));
        Assert.Equal(0.5, report.Filters[1].AllZeroFraction);
        Assert.Equal(1, report.PairImages[0][1]);
        Assert.Equal(1, report.Cosine[0][1], 1e-6);
        Assert.Equal(1, report.Spearman[1][0], 1e-12);
    }
}
