namespace Fovea.Explorer.Figures;

/// <summary>
/// Curves made easier to compare, as figure 11 of the paper does it: each point becomes the mean of its neighbours under a Gaussian window.
/// </summary>
internal static class GaussianSmoothing
{
    /// <summary>The smoothed curve; near an end the part of the window that lies outside is left out.</summary>
    /// <param name="points">Points at about equal distances.</param>
    /// <param name="deviation">Standard deviation of the window, in points; 0 changes nothing.</param>
    public static IReadOnlyList<(double X, double Y)> Of(IReadOnlyList<(double X, double Y)> points, double deviation)
    {
        if (deviation <= 0) return points;
        int reach = (int)Math.Ceiling(4 * deviation);
        return [.. points.Select((point, i) =>
        {
            double sum = 0, weights = 0;
            for (int j = Math.Max(0, i - reach); j <= Math.Min(points.Count - 1, i + reach); j++)
            {
                double weight = Math.Exp(-(j - i) * (j - i) / (2 * deviation * deviation));
                sum += weight * points[j].Y;
                weights += weight;
            }
            return (point.X, sum / weights);
        })];
    }
}
