using System.Numerics;
using System.Runtime.CompilerServices;

namespace Fovea.Interpretation;

/// <summary>
/// The inner loop of the streaming pass: one position's values of neighbouring units into the image's maximum and sum and the position's
/// sum and count.
/// </summary>
internal static class UnitRow
{
    /// <summary>Adds <paramref name="width"/> values; active are those above <paramref name="threshold"/> in absolute value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Add(
        float* row, int width, float threshold, float* maximum, float* sum, double* positionSum, int* positionActive)
    {
        int u = 0, half = Vector<double>.Count;
        var limit = new Vector<float>(threshold);
        for (; u <= width - Vector<float>.Count; u += Vector<float>.Count)
        {
            Vector<float> value = Vector.Load(row + u);
            Vector.Store(Vector.Max(Vector.Load(maximum + u), value), maximum + u);
            Vector.Store(Vector.Load(sum + u) + value, sum + u);
            Vector.Widen(value, out var low, out var high);
            Vector.Store(Vector.Load(positionSum + u) + low, positionSum + u);
            Vector.Store(Vector.Load(positionSum + u + half) + high, positionSum + u + half);
            Vector.Store(Vector.Load(positionActive + u) - Vector.GreaterThan(Vector.Abs(value), limit), positionActive + u); // true is −1
        }
        for (; u < width; u++)
        {
            maximum[u] = MathF.Max(maximum[u], row[u]);
            sum[u] += row[u];
            positionSum[u] += row[u];
            if (MathF.Abs(row[u]) > threshold) positionActive[u]++;
        }
    }
}
