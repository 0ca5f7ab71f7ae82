namespace Fovea.Dictionaries.Training;

/// <summary>
/// The point whose distances to some vectors have the smallest sum, by Weiszfeld's iteration in the form of Vardi and Zhang (2000, PNAS 97,
/// 1423), which does not stop at a vector it meets:
/// <code>
/// T(y) = Σ x_i/‖x_i − y‖ / Σ 1/‖x_i − y‖        R(y) = Σ (x_i − y)/‖x_i − y‖        over the x_i ≠ y; η of them are y
/// y ← (1 − γ) T(y) + γ y                        γ = min(1, η/‖R(y)‖)
/// </code>
/// It starts at the mean. In float64, in the order of the vectors: the same vectors give the same bits.
/// </summary>
internal static class GeometricMedian
{
    private const int MostSteps = 200;

    /// <summary>Steps end when y moves by less than this share of the mean distance.</summary>
    private const double Tolerance = 1e-9;

    /// <param name="vectors"><c>[rows, d]</c>, at least one row, finite.</param>
    /// <param name="dimension">d.</param>
    /// <param name="cancellation">Looked at in every step.</param>
    /// <returns><c>[d]</c>.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static double[] Of(ReadOnlySpan<float> vectors, int dimension, CancellationToken cancellation = default)
    {
        double[] point = Mean(vectors, dimension), sum = new double[dimension];
        for (int step = 0; step < MostSteps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (weights, distances, met) = Weigh(vectors, point, sum);
            if (weights == 0) break;
            // R = Σ w x − y Σ w.
            double pull = 0;
            for (int i = 0; i < dimension; i++) pull += Square(sum[i] - weights * point[i]);
            pull = Math.Sqrt(pull);
            double share = met == 0 ? 1 : Math.Max(0, 1 - met / pull), moved = 0;
            for (int i = 0; i < dimension; i++)
            {
                double next = point[i] + share * (sum[i] / weights - point[i]);
                moved += Square(next - point[i]);
                point[i] = next;
            }
            if (Math.Sqrt(moved) <= Tolerance * distances / (vectors.Length / dimension)) break;
        }
        return point;
    }

    /// <summary>Σ x/‖x − y‖ in <paramref name="sum"/>, Σ 1/‖x − y‖, Σ ‖x − y‖ and the number of vectors at y.</summary>
    private static (double Weights, double Distances, long Met) Weigh(ReadOnlySpan<float> vectors, double[] point, double[] sum)
    {
        double weights = 0, distances = 0;
        long met = 0;
        Array.Clear(sum);
        for (int start = 0; start < vectors.Length; start += point.Length)
        {
            var vector = vectors.Slice(start, point.Length);
            double squares = 0;
            for (int i = 0; i < point.Length; i++) squares += Square(vector[i] - point[i]);
            if (squares == 0)
            {
                met++;
                continue;
            }
            double distance = Math.Sqrt(squares), weight = 1 / distance;
            for (int i = 0; i < point.Length; i++) sum[i] += weight * vector[i];
            weights += weight;
            distances += distance;
        }
        return (weights, distances, met);
    }

    private static double[] Mean(ReadOnlySpan<float> vectors, int dimension)
    {
        var mean = new double[dimension];
        for (int start = 0; start < vectors.Length; start += dimension)
            for (int i = 0; i < dimension; i++) mean[i] += vectors[start + i];
        for (int i = 0; i < dimension; i++) mean[i] /= vectors.Length / dimension;
        return mean;
    }

    private static double Square(double value) => value * value;
}
