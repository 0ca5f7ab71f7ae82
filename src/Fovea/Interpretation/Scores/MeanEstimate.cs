namespace Fovea.Interpretation;

/// <summary>A mean over units, with how well it is known.</summary>
/// <param name="Mean">The mean; NaN over nothing.</param>
/// <param name="StandardError">s / √n, s² = Σ (xᵢ − x̄)² / (n − 1): for other units of the same kind, not for another training. NaN for one
/// unit.</param>
/// <param name="Count">n.</param>
public sealed record MeanEstimate(double Mean, double StandardError, int Count)
{
    /// <summary>Of the values that are not NaN.</summary>
    public static MeanEstimate Of(IEnumerable<double> values)
    {
        double[] known = [.. values.Where(value => !double.IsNaN(value))];
        if (known.Length == 0) return new MeanEstimate(double.NaN, double.NaN, 0);
        double mean = known.Average(), squares = known.Sum(value => (value - mean) * (value - mean));
        return new MeanEstimate(mean, Math.Sqrt(squares / (known.Length - 1) / known.Length), known.Length);
    }
}
