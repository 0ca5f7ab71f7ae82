using Fovea.Activations;
using Fovea.Dictionaries.Sparse;

namespace Fovea.Dictionaries.Training;

/// <summary>
/// How many training vectors are far longer than most. A few hundred can hold most of a layer's energy, and with it rule the scale, the mean squared
/// error and FVU; <see cref="AutoencoderOptions.Cap"/> shortens them.
/// </summary>
public sealed record VectorOutliers
{
    /// <summary>The factor where no cap is given.</summary>
    public const double DefaultFactor = 10;

    /// <summary>The median of ‖x‖ over the training vectors, to 0.3 % (the middle of a bin of <see cref="LengthHistogram"/>).</summary>
    public required double MedianLength { get; init; }

    /// <summary>Vectors longer than so many medians are counted.</summary>
    public required double Factor { get; init; }

    /// <summary>How many training vectors are longer, to the width of a bin.</summary>
    public required long Count { get; init; }

    /// <summary>Their share of the sum of ‖x‖².</summary>
    public required double EnergyShare { get; init; }

    /// <summary>Whether they were shortened to <see cref="MaximumLength"/>.</summary>
    public required bool Capped { get; init; }

    /// <summary>Factor × median.</summary>
    public double MaximumLength => Factor * MedianLength;

    /// <summary>Counts them in one pass, with <see cref="DefaultFactor"/> and without shortening any.</summary>
    /// <param name="source">The vectors.</param>
    /// <param name="rows">Those to look at.</param>
    /// <param name="cancellation">Stops the pass.</param>
    /// <exception cref="FoveaException">Numerical: a vector holds NaN or infinity.</exception>
    public static VectorOutliers Measure(IVectorSource source, RowSet rows, CancellationToken cancellation = default) =>
        InputStatistics.Measure(source, rows, cap: null, cancellation).Outliers;
}
