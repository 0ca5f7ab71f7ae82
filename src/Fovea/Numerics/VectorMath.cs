using System.Numerics;
using System.Runtime.Intrinsics.X86;

namespace Fovea.Numerics;

/// <summary>
/// Sums of a few rows of a matrix, and products with them: four rows at a time, so that the vector in hand is read once for four.
/// </summary>
internal static unsafe class VectorMath
{
    /// <summary><c>sum += Σ_j factors[j] · matrix[rows[j]]</c>, <c>[d]</c>; terms with factor 0 cost as much as others.</summary>
    /// <param name="sum"><c>[d]</c>.</param>
    /// <param name="matrix">Rows of d numbers.</param>
    /// <param name="rows"><c>[count + ahead]</c>.</param>
    /// <param name="factors"><c>[count]</c>.</param>
    /// <param name="count">How many rows are added.</param>
    /// <param name="d">Their length.</param>
    /// <param name="ahead">How many of the rows that follow in <paramref name="rows"/> the caller comes to next: they are fetched into the
    /// cache meanwhile, since rows in no order are nothing that a processor foresees.</param>
    public static void AddRows(float* sum, float* matrix, int* rows, float* factors, int count, int d, int ahead = 0)
    {
        int j = 0, last = count + ahead - 1;
        for (; j <= count - 4; j += 4)
        {
            float* r0 = matrix + (long)rows[j] * d, r1 = matrix + (long)rows[j + 1] * d, r2 = matrix + (long)rows[j + 2] * d, r3 = matrix
                + (long)rows[j + 3] * d;
            float* n0 = matrix + (long)rows[Math.Min(j + 4, last)] * d, n1 = matrix + (long)rows[Math.Min(j + 5, last)] * d;
            float* n2 = matrix + (long)rows[Math.Min(j + 6, last)] * d, n3 = matrix + (long)rows[Math.Min(j + 7, last)] * d;
            float f0 = factors[j], f1 = factors[j + 1], f2 = factors[j + 2], f3 = factors[j + 3];
            Vector<float> v0 = new(f0), v1 = new(f1), v2 = new(f2), v3 = new(f3);
            int i = 0;
            for (; i <= d - 2 * Vector<float>.Count; i += 2 * Vector<float>.Count)
            {
                int k = i + Vector<float>.Count;
                Fetch(n0 + i);
                var left = Vector.MultiplyAddEstimate(v0, Vector.Load(r0 + i), Vector.Load(sum + i));
                var right = Vector.MultiplyAddEstimate(v0, Vector.Load(r0 + k), Vector.Load(sum + k));
                Fetch(n1 + i);
                left = Vector.MultiplyAddEstimate(v1, Vector.Load(r1 + i), left);
                right = Vector.MultiplyAddEstimate(v1, Vector.Load(r1 + k), right);
                Fetch(n2 + i);
                left = Vector.MultiplyAddEstimate(v2, Vector.Load(r2 + i), left);
                right = Vector.MultiplyAddEstimate(v2, Vector.Load(r2 + k), right);
                Fetch(n3 + i);
                Vector.MultiplyAddEstimate(v3, Vector.Load(r3 + i), left).Store(sum + i);
                Vector.MultiplyAddEstimate(v3, Vector.Load(r3 + k), right).Store(sum + k);
            }
            for (; i <= d - Vector<float>.Count; i += Vector<float>.Count)
            {
                var total = Vector.MultiplyAddEstimate(v0, Vector.Load(r0 + i), Vector.Load(sum + i));
                total = Vector.MultiplyAddEstimate(v1, Vector.Load(r1 + i), total);
                total = Vector.MultiplyAddEstimate(v2, Vector.Load(r2 + i), total);
                Vector.MultiplyAddEstimate(v3, Vector.Load(r3 + i), total).Store(sum + i);
            }
            for (; i < d; i++) sum[i] += f0 * r0[i] + f1 * r1[i] + f2 * r2[i] + f3 * r3[i];
        }
        for (; j < count; j++)
        {
            if (ahead > 0) Fetch(matrix + (long)rows[Math.Min(j + 4, last)] * d, d);
            AddRow(sum, matrix + (long)rows[j] * d, factors[j], d);
        }
    }

    /// <summary>Asks for <paramref name="count"/> numbers to be brought into the second-level cache; changes nothing else.</summary>
    public static void Fetch(float* from, int count)
    {
        for (int i = 0; i < count; i += 16) Fetch(from + i);
    }

    /// <summary>Asks for <paramref name="count"/> numbers to be brought into the first-level cache; changes nothing else.</summary>
    public static void FetchNear(float* from, int count)
    {
        if (!Sse.IsSupported) return;
        for (int i = 0; i < count; i += 16) Sse.Prefetch0(from + i);
    }

    /// <summary><c>sum += factor · row</c>, <c>[d]</c>.</summary>
    public static void AddRow(float* sum, float* row, float factor, int d)
    {
        var v = new Vector<float>(factor);
        int i = 0;
        for (; i <= d - Vector<float>.Count; i += Vector<float>.Count)
            Vector.MultiplyAddEstimate(v, Vector.Load(row + i), Vector.Load(sum + i)).Store(sum + i);
        for (; i < d; i++) sum[i] += factor * row[i];
    }

    /// <summary><c>products[j] = vector · matrix[rows[j]]</c>.</summary>
    public static void Products(float* vector, float* matrix, int* rows, int count, int d, float* products)
    {
        int j = 0;
        for (; j <= count - 4; j += 4)
        {
            float* r0 = matrix + (long)rows[j] * d, r1 = matrix + (long)rows[j + 1] * d, r2 = matrix + (long)rows[j + 2] * d, r3 = matrix
                + (long)rows[j + 3] * d;
            Vector<float> s0 = default, s1 = default, s2 = default, s3 = default;
            int i = 0;
            for (; i <= d - Vector<float>.Count; i += Vector<float>.Count)
            {
                var v = Vector.Load(vector + i);
                s0 = Vector.MultiplyAddEstimate(v, Vector.Load(r0 + i), s0);
                s1 = Vector.MultiplyAddEstimate(v, Vector.Load(r1 + i), s1);
                s2 = Vector.MultiplyAddEstimate(v, Vector.Load(r2 + i), s2);
                s3 = Vector.MultiplyAddEstimate(v, Vector.Load(r3 + i), s3);
            }
            float t0 = Vector.Sum(s0), t1 = Vector.Sum(s1), t2 = Vector.Sum(s2), t3 = Vector.Sum(s3);
            for (; i < d; i++)
            {
                t0 += vector[i] * r0[i];
                t1 += vector[i] * r1[i];
                t2 += vector[i] * r2[i];
                t3 += vector[i] * r3[i];
            }
            (products[j], products[j + 1], products[j + 2], products[j + 3]) = (t0, t1, t2, t3);
        }
        for (; j < count; j++) products[j] = Product(vector, matrix + (long)rows[j] * d, d);
    }

    /// <summary><c>a · b</c>.</summary>
    public static float Product(float* a, float* b, int d)
    {
        Vector<float> s0 = default, s1 = default;
        int i = 0;
        for (; i <= d - 2 * Vector<float>.Count; i += 2 * Vector<float>.Count)
        {
            s0 = Vector.MultiplyAddEstimate(Vector.Load(a + i), Vector.Load(b + i), s0);
            s1 = Vector.MultiplyAddEstimate(Vector.Load(a + i + Vector<float>.Count), Vector.Load(b + i + Vector<float>.Count), s1);
        }
        float sum = Vector.Sum(s0 + s1);
        for (; i < d; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>Σ |a|, <c>[d]</c>.</summary>
    public static float SumOfMagnitudes(float* a, int d)
    {
        Vector<float> s0 = default, s1 = default;
        int i = 0;
        for (; i <= d - 2 * Vector<float>.Count; i += 2 * Vector<float>.Count)
        {
            s0 += Vector.Abs(Vector.Load(a + i));
            s1 += Vector.Abs(Vector.Load(a + i + Vector<float>.Count));
        }
        float sum = Vector.Sum(s0 + s1);
        for (; i < d; i++) sum += Math.Abs(a[i]);
        return sum;
    }

    /// <summary>Whether no number is NaN or infinite.</summary>
    public static bool AreFinite(ReadOnlySpan<float> a)
    {
        int i = 0;
        // A finite number less itself is 0, another NaN.
        Vector<float> sum = default;
        for (; i <= a.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var some = new Vector<float>(a[i..]);
            sum += some - some;
        }
        float left = Vector.Sum(sum);
        for (; i < a.Length; i++) left += a[i] - a[i];
        return left == 0;
    }

    /// <summary>Adds a vector to <paramref name="sum"/>, <c>[d]</c>, in float64.</summary>
    /// <returns>Its squared length in float64.</returns>
    public static double AddWide(double* sum, float* a, int d)
    {
        Vector<double> s0 = default, s1 = default;
        int i = 0;
        for (; i <= d - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(Vector.Load(a + i), out var low, out var high);
            (Vector.Load(sum + i) + low).Store(sum + i);
            (Vector.Load(sum + i + Vector<double>.Count) + high).Store(sum + i + Vector<double>.Count);
            s0 += low * low;
            s1 += high * high;
        }
        double length = Vector.Sum(s0 + s1);
        for (; i < d; i++)
        {
            double value = a[i];
            sum[i] += value;
            length += value * value;
        }
        return length;
    }

    /// <summary><c>a *= factor</c>, <c>[d]</c>.</summary>
    public static void Scale(float* a, float factor, int d)
    {
        int i = 0;
        for (; i <= d - Vector<float>.Count; i += Vector<float>.Count) (Vector.Load(a + i) * factor).Store(a + i);
        for (; i < d; i++) a[i] *= factor;
    }

    /// <summary><c>difference = a − b</c>, <c>[d]</c>.</summary>
    public static void Subtract(float* a, float* b, float* difference, int d)
    {
        int i = 0;
        for (; i <= d - Vector<float>.Count; i += Vector<float>.Count) (Vector.Load(a + i) - Vector.Load(b + i)).Store(difference + i);
        for (; i < d; i++) difference[i] = a[i] - b[i];
    }

    private static void Fetch(float* from)
    {
        if (Sse.IsSupported) Sse.Prefetch1(from);
    }
}
