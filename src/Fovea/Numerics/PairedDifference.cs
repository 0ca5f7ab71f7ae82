namespace Fovea.Numerics;

/// <summary>
/// How much two measurements of the same items differ on average, with a 95 % interval for other items of the same kind. For differences dᵢ
/// of n items,
/// <code>d̄ ± 1.96 s / √n,   s² = Σ (dᵢ − d̄)² / (n − 1)</code>
/// (Miller 2024, arXiv 2411.00640, paired analysis): what is hard for both drops out, so that it is narrower than intervals of the two
/// would say. It is the central limit theorem's, and too narrow for a few dozen items (Bowyer et al. 2025, arXiv 2503.01747); where no item
/// differs it is [0, 0].
/// </summary>
/// <param name="Mean">d̄.</param>
/// <param name="Lower">The interval's lower end; NaN for one item, from which no spread can be told.</param>
/// <param name="Upper">Its upper end.</param>
public sealed record PairedDifference(double Mean, double Lower, double Upper)
{
    /// <summary>97.5 % of a normal distribution lie below this many standard deviations.</summary>
    private const double Quantile = 1.959963984540054;

    /// <summary>The mean of some differences, with its interval.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static PairedDifference Of(IReadOnlyCollection<double> differences)
    {
        ArgumentNullException.ThrowIfNull(differences);
        if (differences.Count == 0) throw new ArgumentException("There are no differences.", nameof(differences));
        double mean = differences.Average();
        double squares = differences.Sum(difference => (difference - mean) * (difference - mean));
        return Of(mean, squares, differences.Count);
    }

    /// <summary>The same from the mean and Σ (dᵢ − d̄)².</summary>
    internal static PairedDifference Of(double mean, double squares, int count)
    {
        double half = Quantile * Math.Sqrt(squares / (count - 1) / count);
        return new PairedDifference(mean, mean - half, mean + half);
    }
}
