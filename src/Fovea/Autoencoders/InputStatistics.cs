using Fovea.Activations;

namespace Fovea.Autoencoders;

/// <summary>Mean and mean squared length of the training vectors, from one pass in the order of the rows, in float64.</summary>
/// <param name="Mean">x̄, <c>[d]</c>.</param>
/// <param name="MeanSquaredLength">E‖x‖².</param>
internal sealed record InputStatistics(double[] Mean, double MeanSquaredLength)
{
    private const int RowsAtOnce = 4096;

    /// <summary>s with E‖s·x‖² = d, or 1 where every vector is zero.</summary>
    public double Scale => MeanSquaredLength > 0 ? Math.Sqrt(Mean.Length / MeanSquaredLength) : 1;

    /// <exception cref="FoveaException">Numerical: a vector holds NaN or infinity; the message names its row.</exception>
    public static InputStatistics Measure(IVectorSource source, long[] rows, CancellationToken cancellation)
    {
        int dimension = source.Dimension;
        var sums = new double[dimension];
        var buffer = new float[(long)Math.Min(RowsAtOnce, rows.Length) * dimension];
        double squares = 0;
        for (int start = 0; start < rows.Length; start += RowsAtOnce)
        {
            cancellation.ThrowIfCancellationRequested();
            var some = rows.AsSpan(start, Math.Min(RowsAtOnce, rows.Length - start));
            source.Read(some, buffer.AsSpan(0, some.Length * dimension));
            for (int row = 0; row < some.Length; row++)
            {
                double length = AddRow(buffer.AsSpan(row * dimension, dimension), sums);
                if (!double.IsFinite(length))
                    throw FoveaException.NumericalFailure($"Vector {some[row]} holds NaN or infinity. Harvest the layer again, or leave the vector out.");
                squares += length;
            }
        }
        for (int i = 0; i < dimension; i++) sums[i] /= rows.Length;
        return new InputStatistics(sums, squares / rows.Length);
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
