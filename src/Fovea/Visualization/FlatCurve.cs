namespace Fovea.Visualization;

/// <summary>
/// When an ascent has come to its end: the mean of the objective over the last steps is not above that over as many steps before by more
/// than a share of it. Means, because each step sees another random view.
/// </summary>
internal static class FlatCurve
{
    /// <summary>Whether the objective has stopped rising.</summary>
    /// <param name="curve">The objective in each step so far.</param>
    /// <param name="window">Steps of a mean; 0: never flat.</param>
    /// <param name="tolerance">The share that counts as rising.</param>
    public static bool Reached(ReadOnlySpan<double> curve, int window, double tolerance)
    {
        if (window <= 0 || curve.Length < 2 * window) return false;
        double last = Mean(curve[^window..]), before = Mean(curve[^(2 * window)..^window]);
        return last - before <= tolerance * Math.Max(Math.Abs(last), Math.Abs(before));
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values) sum += value;
        return sum / values.Length;
    }
}
