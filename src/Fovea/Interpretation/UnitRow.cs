using System.Numerics;
using System.Runtime.CompilerServices;

namespace Fovea.Interpretation;

/// <summary>The inner loop of the streaming pass: one position's values of neighbouring units into running maximum, sum and count.</summary>
internal static class UnitRow
{
    /// <summary>Adds <paramref name="width"/> values; active are those above <paramref name="threshold"/> in absolute value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Add(float* row, int width, float threshold, float* maximum, float* sum, int* active)
    {
        int u = 0;
        var limit = new Vector<float>(threshold);
        for (; u <= width - Vector<float>.Count; u += Vector<float>.Count)
        {
            Vector<float> value = Vector.Load(row + u);
            Vector.Store(Vector.Max(Vector.Load(maximum + u), value), maximum + u);
            Vector.Store(Vector.Load(sum + u) + value, sum + u);
            Vector.Store(Vector.Load(active + u) - Vector.GreaterThan(Vector.Abs(value), limit), active + u); // true is −1
        }
        for (; u < width; u++)
        {
            maximum[u] = MathF.Max(maximum[u], row[u]);
            sum[u] += row[u];
            if (MathF.Abs(row[u]) > threshold) active[u]++;
        }
    }
}
