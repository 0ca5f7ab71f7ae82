using Fovea.Activations;

namespace Fovea.Dictionaries.Training;

/// <summary>Counts vectors that are far longer than most (<see cref="VectorOutliers"/>).</summary>
public static class OutlierMeasurement
{
    /// <summary>Counts them in one pass, with <see cref="VectorOutliers.DefaultFactor"/> and without shortening any.</summary>
    /// <param name="source">The vectors.</param>
    /// <param name="rows">Those to look at.</param>
    /// <param name="cancellation">Stops the pass.</param>
    /// <exception cref="FoveaException">Numerical: a vector holds NaN or infinity.</exception>
    public static VectorOutliers Measure(IVectorSource source, RowSet rows, CancellationToken cancellation = default) =>
        InputStatistics.Measure(source, rows, cap: null, cancellation).Outliers;
}
