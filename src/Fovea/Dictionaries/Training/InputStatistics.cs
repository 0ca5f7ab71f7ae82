using Fovea.Activations;

namespace Fovea.Dictionaries.Training;

/// <summary>
/// What a training must know of its vectors before the first step: from one pass in the order of the rows, in float64; from a second where
/// long vectors are capped.
/// </summary>
/// <param name="Mean">x̄, <c>[d]</c>.</param>
/// <param name="MeanSquaredLength">E‖x‖².</param>
/// <param name="Outliers">The long ones, before capping.</param>
internal sealed record InputStatistics(double[] Mean, double MeanSquaredLength, VectorOutliers Outliers)
{
    private const int RowsAtOnce = 4096;

    /// <summary>s with E‖s·x‖² = d, or 1 where every vector is zero.</summary>
    public double Scale => MeanSquaredLength > 0 ? Math.Sqrt(Mean.Length / MeanSquaredLength) : 1;

    /// <param name="source">The vectors as they are.</param>
    /// <param name="rows">The rows to train on.</param>
    /// <param name="cap">Longer vectors than this times the median length are shortened to it; null: none.</param>
    /// <param name="cancellation">Stops the pass.</param>
    /// <exception cref="FoveaException">
    /// Numerical: a vector holds NaN or infinity; the message names its row. Data: there is a cap and no median length to measure it by.
    /// </exception>
    public static InputStatistics Measure(IVectorSource source, RowSet rows, double? cap, CancellationToken cancellation)
    {
        var lengths = new LengthHistogram();
        var (mean, squared) = Pass(source, rows, lengths, cancellation);
        double factor = cap ?? VectorOutliers.DefaultFactor, median = lengths.Median();
        if (cap is not null && median == 0)
            throw FoveaException.BadData(
                "Half of the vectors or more are zero: there is no median length to cap by. Leave the cap out, or train on a filter that "
                    + "draws other positions.");
        var (count, energy) = lengths.Above(factor * median);
        var outliers =
            new VectorOutliers { MedianLength = median, Factor = factor, Count = count, EnergyShare = energy, Capped = cap is not null };
        if (cap is not null)
            (mean, squared) = Pass(new CappedVectors(source, outliers.MaximumLength), rows, new LengthHistogram(), cancellation);
        return new InputStatistics(mean, squared, outliers);
    }

    private static (double[] Mean, double MeanSquaredLength) Pass(
        IVectorSource source, RowSet rows, LengthHistogram lengths, CancellationToken cancellation)
    {
        int dimension = source.Dimension;
        var sums = new double[dimension];
        var buffer = new float[checked(Math.Min(RowsAtOnce, rows.Count) * dimension)];
        var numbers = new long[(int)Math.Min(RowsAtOnce, rows.Count)];
        double squares = 0;
        for (long start = 0; start < rows.Count; start += RowsAtOnce)
        {
            cancellation.ThrowIfCancellationRequested();
            var some = numbers.AsSpan(0, (int)Math.Min(RowsAtOnce, rows.Count - start));
            rows.Read(start, some);
            source.Read(some, buffer.AsSpan(0, some.Length * dimension));
            source.Release();
            for (int row = 0; row < some.Length; row++)
            {
                double length = AddRow(buffer.AsSpan(row * dimension, dimension), sums);
                if (!double.IsFinite(length))
                    throw FoveaException.NumericalFailure(
                        $"Vector {some[row]} holds NaN or infinity. Harvest the layer again, or leave the vector out.");
                squares += length;
                lengths.Add(length);
            }
        }
        for (int i = 0; i < dimension; i++) sums[i] /= rows.Count;
        return (sums, squares / rows.Count);
    }

    private static double AddRow(ReadOnlySpan<float> vector, Span<double> sums)
    {
        double length = 0;
        for (int i = 0; i < vector.Length; i++)
        {
            double value = vector[i];
            sums[i] += value;
            length += value * value;
        }
        return length;
    }
}
