namespace Fovea.Interpretation.Shortcuts;

/// <summary>
/// How well a number tells images of a group from others: the chance that one of the group has the larger number, ties counted half (the
/// area under the ROC curve, Mann and Whitney 1947). Measured within strata (here the class and the rest), so that what only tells classes
/// apart stays at ½; strata are averaged by m n / (m + n) (van Elteren 1960). The variance is DeLong et al.'s (1988).
/// </summary>
internal static class GroupAlignment
{
    /// <summary>The alignment, with its 95 % interval; null where no stratum has images of both kinds.</summary>
    /// <param name="values">A number an image.</param>
    /// <param name="member">Whether each is of the group.</param>
    /// <param name="strata">The stratum of each, 0 … <paramref name="count"/> − 1.</param>
    /// <param name="count">Number of strata.</param>
    public static IntervalEstimate? Of(ReadOnlySpan<float> values, bool[] member, int[] strata, int count)
    {
        double area = 0, variance = 0, weights = 0;
        for (int s = 0; s < count; s++)
        {
            List<float> own = [], others = [];
            for (int i = 0; i < values.Length; i++)
            {
                if (strata[i] == s) (member[i] ? own : others).Add(values[i]);
            }
            if (own.Count == 0 || others.Count == 0) continue;
            double weight = (double)own.Count * others.Count / (own.Count + others.Count);
            var (value, spread) = Area([.. own.Order()], [.. others.Order()]);
            area += weight * value;
            variance += weight * weight * spread;
            weights += weight;
        }
        return weights == 0 ? null : Intervals.Normal(area / weights, variance / weights / weights, 0, 1);
    }

    /// <summary>Area and its variance, of two ascending lists.</summary>
    private static (double Area, double Variance) Area(float[] own, float[] others)
    {
        double[] above = SmallerShares.Of(own, others), below = SmallerShares.Of(others, own);
        double area = above.Average();
        return (area, Spread(above) / own.Length + Spread(below) / others.Length);
    }

    private static double Spread(double[] values)
    {
        if (values.Length < 2) return 0;
        double mean = values.Average();
        return values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1);
    }
}
