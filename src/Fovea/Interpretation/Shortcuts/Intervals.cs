namespace Fovea.Interpretation.Shortcuts;

/// <summary>95 % intervals.</summary>
internal static class Intervals
{
    /// <summary>97.5 % of a normal distribution lie below this many standard deviations.</summary>
    private const double Quantile = 1.959963984540054;

    /// <summary>value ± 1.96 √variance.</summary>
    public static IntervalEstimate Normal(double value, double variance, double least = double.NegativeInfinity, double most = double.PositiveInfinity)
    {
        double half = Quantile * Math.Sqrt(variance);
        return new(value, Math.Max(least, value - half), Math.Min(most, value + half));
    }

    /// <summary>A share of n (Wilson 1927): it holds for few and for extreme ones.</summary>
    public static IntervalEstimate Wilson(int right, int count)
    {
        if (count == 0) return new(double.NaN, double.NaN, double.NaN);
        double p = (double)right / count, z = Quantile * Quantile / count;
        double middle = (p + z / 2) / (1 + z), half = Quantile * Math.Sqrt(p * (1 - p) / count + z / (4 * count)) / (1 + z);
        return new(p, Math.Max(0, middle - half), Math.Min(1, middle + half));
    }

    /// <summary>The 2.5th and the 97.5th percentile of draws about a value.</summary>
    public static IntervalEstimate Percentile(double value, double[] draws)
    {
        double[] sorted = [.. draws.Order()];
        return new(value, Numerics.Percentile.Of(sorted, 0.025), Numerics.Percentile.Of(sorted, 0.975));
    }

    /// <summary>
    /// How much larger numbers are in the group than elsewhere, within strata: the difference of means of each stratum that has both,
    /// averaged over those strata. Null where none has two of each.
    /// </summary>
    public static IntervalEstimate? Difference(ReadOnlySpan<float> values, bool[] member, int[] strata, int count)
    {
        var sum = new double[2 * count];
        var squares = new double[2 * count];
        var number = new int[2 * count];
        for (int i = 0; i < values.Length; i++)
        {
            int cell = 2 * strata[i] + (member[i] ? 1 : 0);
            number[cell]++;
            sum[cell] += values[i];
        }
        for (int i = 0; i < values.Length; i++)
        {
            int cell = 2 * strata[i] + (member[i] ? 1 : 0);
            double off = values[i] - sum[cell] / number[cell];
            squares[cell] += off * off;
        }
        double difference = 0, variance = 0;
        int used = 0;
        for (int s = 0; s < count; s++)
        {
            int none = 2 * s, own = none + 1;
            if (number[none] < 2 || number[own] < 2) continue;
            used++;
            difference += sum[own] / number[own] - sum[none] / number[none];
            foreach (int cell in (int[])[none, own]) variance += squares[cell] / (number[cell] - 1) / number[cell];
        }
        return used == 0 ? null : Normal(difference / used, variance / used / used);
    }
}
