namespace Fovea.Numerics;

/// <summary>Percentiles of numbers that are sorted, between neighbours in proportion.</summary>
internal static class Percentile
{
    /// <summary>The number below which a share of them lies; NaN of none.</summary>
    /// <param name="sorted">The numbers, the smallest first.</param>
    /// <param name="share">0 … 1.</param>
    public static double Of(IReadOnlyList<double> sorted, double share)
    {
        if (sorted.Count == 0) return double.NaN;
        double place = share * (sorted.Count - 1);
        int below = (int)place;
        return sorted[below] + (place - below) * (sorted[Math.Min(below + 1, sorted.Count - 1)] - sorted[below]);
    }
}
