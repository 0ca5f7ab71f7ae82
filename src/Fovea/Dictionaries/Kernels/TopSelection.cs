using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fovea.Numerics;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// The k largest positive values of a row. The bits of a positive float, read as an integer, are in the order of the floats, so the k-th
/// largest is found bit by bit from the top by counting how many keys reach a candidate. First on maxima of stripes, coarsely: at least k
/// values reach that bound, so nothing below it is needed; then exactly, on the few values that reach it, which are looked for in the
/// stripes that do. Of equal values the lower index is taken.
/// </summary>
internal static unsafe class TopSelection
{
    /// <summary>Bits of the bound: sign, exponent and 7 bits of the fraction are enough to leave few values above what is wanted.</summary>
    private const int BoundBits = 16;

    /// <summary>
    /// About how many maxima there are for each value that is wanted, when the bound is looked for: more take longer to count, fewer leave
    /// more values above it.
    /// </summary>
    private const int MaximaOfValue = 8;

    /// <summary>Panels at most behind one of these.</summary>
    private const int MostPanels = 32;

    private const int Width = PanelMatrix.Width, MostOnStack = 1024;

    /// <summary>Up to how many values too many are dropped one by one: the bound leaves three or four of 36.</summary>
    private const int MostDropped = 8;

    /// <summary>The largest positive values, by ascending index.</summary>
    /// <param name="row">The row, n numbers, with its stripes' maxima.</param>
    /// <param name="k">How many, above 0.</param>
    /// <param name="indices">Room for n indices.</param>
    /// <param name="values">Room for n values.</param>
    /// <returns>How many were selected: k, or the number of positive values if smaller.</returns>
    public static int Select(in ScoredRow row, int k, int* indices, float* values)
    {
        int parts = row.Stripes / Width, folds = 1;
        while (row.StripePanels * folds < MostPanels && Folded(parts, 2 * folds) >= (long)MaximaOfValue * k) folds *= 2;
        // Where the values are to come there is room until they do.
        float* maxima = folds == 1 ? row.Maxima : values;
        int count = folds == 1 ? row.Stripes : Fold(row.Maxima, parts, folds, values);
        int bound = Math.Max(1, KthLargest((int*)maxima, count, k, BoundBits));
        int found = AtLeast(row, BitConverter.Int32BitsToSingle(bound), indices, values);
        return found <= k ? found : Keep(indices, values, found, k);
    }

    /// <summary>How many maxima are left of <paramref name="parts"/> parts' when so many at a time are one.</summary>
    private static int Folded(int parts, int folds) => (parts + folds - 1) / folds * Width;

    /// <summary>The maxima of <paramref name="folds"/> neighbouring parts' stripes, lane by lane.</summary>
    /// <returns>Their number.</returns>
    private static int Fold(float* maxima, int parts, int folds, float* folded)
    {
        int count = 0;
        for (int first = 0; first < parts; first += folds, count += Width)
        {
            Vector256<float> low = Vector256.Load(maxima + first * Width), high = Vector256.Load(maxima + first * Width + 8);
            for (int part = first + 1; part < Math.Min(parts, first + folds); part++)
            {
                low = Vector256.Max(low, Vector256.Load(maxima + part * Width));
                high = Vector256.Max(high, Vector256.Load(maxima + part * Width + 8));
            }
            low.Store(folded + count);
            high.Store(folded + count + 8);
        }
        return count;
    }

    /// <summary>Every value not below <paramref name="bound"/>, by ascending index, of the parts whose maxima reach it.</summary>
    private static int AtLeast(in ScoredRow row, float bound, int* indices, float* values)
    {
        int parts = row.Stripes / Width, length = Width * row.StripePanels, reached = 0, found = 0;
        // At the end of the indices: a part gives no more of them than it is long, so they come up to its number once that was read.
        int* list = indices + row.Length - parts;
        float* z = row.Z;
        var least = Vector256.Create(bound);
        for (int part = 0; part < parts; part++)
        {
            list[reached] = part;
            float* maxima = row.Maxima + part * Width;
            // What is not below it: a maximum that is NaN says nothing of the others.
            uint below = Below(maxima, least) & Below(maxima + 8, least);
            reached += below == byte.MaxValue ? 0 : 1;
        }
        // z of a block has left the nearest cache since.
        for (int i = 0; i < reached; i++) VectorMath.FetchNear(z + list[i] * length, Math.Min(length, row.Length - list[i] * length));
        for (int i = 0; i < reached; i++)
        {
            int first = list[i] * length, panels = Math.Min(row.StripePanels, (row.Length - first) / Width);
            ulong mask = 0;
            for (int panel = 0; panel < panels; panel++)
            {
                float* own = z + first + panel * Width;
                mask |= (ulong)(Reach(own, least) | Reach(own + 8, least) << 8) << (panel * Width);
            }
            while (mask != 0)
            {
                int at = first + BitOperations.TrailingZeroCount(mask);
                mask &= mask - 1;
                indices[found] = at;
                values[found++] = z[at];
            }
        }
        return found;
    }

    /// <summary>Which of 8 values are below a bound, as bits.</summary>
    private static uint Below(float* z, Vector256<float> bound) =>
        Vector256.ExtractMostSignificantBits(Vector256.LessThan(Vector256.Load(z), bound));

    /// <summary>Every value not below <paramref name="bound"/>, by ascending index.</summary>
    /// <param name="z">The row.</param>
    /// <param name="n">A multiple of two panels.</param>
    /// <param name="bound">Above 0.</param>
    /// <param name="indices">Room for n indices.</param>
    /// <param name="values">Room for n values.</param>
    public static int AtLeast(float* z, int n, float bound, int* indices, float* values)
    {
        int found = 0;
        var least = Vector256.Create(bound);
        for (int i = 0; i < n; i += 4 * Vector256<float>.Count)
        {
            // Four at a time: hits are few, and each look at whether there is one costs as much as finding it.
            uint mask = Reach(z + i, least) | Reach(z + i + 8, least) << 8 | Reach(z + i + 16, least) << 16
                | Reach(z + i + 24, least) << 24;
            while (mask != 0)
            {
                int at = i + BitOperations.TrailingZeroCount(mask);
                mask &= mask - 1;
                indices[found] = at;
                values[found++] = z[at];
            }
        }
        return found;
    }

    /// <summary>Which of 8 values are not below a bound, as bits.</summary>
    private static uint Reach(float* z, Vector256<float> least) =>
        Vector256.ExtractMostSignificantBits(Vector256.GreaterThanOrEqual(Vector256.Load(z), least));

    /// <summary>Every value above its own latent's bound, by ascending index.</summary>
    /// <param name="z">The row.</param>
    /// <param name="n">A multiple of two panels.</param>
    /// <param name="bounds"><c>[n]</c>.</param>
    /// <param name="indices">Room for n indices.</param>
    /// <param name="values">Room for n values.</param>
    public static int Above(float* z, int n, float* bounds, int* indices, float* values)
    {
        int found = 0;
        for (int i = 0; i < n; i += 8)
        {
            uint mask = Vector256.ExtractMostSignificantBits(Vector256.GreaterThan(Vector256.Load(z + i), Vector256.Load(bounds + i)));
            while (mask != 0)
            {
                int at = i + BitOperations.TrailingZeroCount(mask);
                mask &= mask - 1;
                indices[found] = at;
                values[found++] = z[at];
            }
        }
        return found;
    }

    /// <summary>Keeps the k largest of <paramref name="count"/> &gt; k positive values in place, in their order.</summary>
    public static int Keep(int* indices, float* values, int count, int k)
    {
        if (count - k <= MostDropped)
        {
            for (; count > k; count--) DropSmallest(indices, values, count);
            return count;
        }
        int kth = KthLargest((int*)values, count, k, 0);
        int ties = k - CountAtLeast((int*)values, count, kth + 1), kept = 0;
        for (int i = 0; i < count; i++)
        {
            int key = ((int*)values)[i];
            if (key < kth || (key == kth && ties-- <= 0)) continue;
            indices[kept] = indices[i];
            values[kept++] = values[i];
        }
        return kept;
    }

    /// <summary>
    /// Orders <paramref name="count"/> &gt; k positive values so that the k largest come first; otherwise they keep their order.
    /// </summary>
    public static void PutLargestFirst(int* indices, float* values, int count, int k)
    {
        int kth = KthLargest((int*)values, count, k, 0), ties = k - CountAtLeast((int*)values, count, kth + 1), first = 0, rest = 0;
        Span<int> laterIndices = count - k <= MostOnStack ? stackalloc int[count - k] : new int[count - k];
        Span<float> laterValues = count - k <= MostOnStack ? stackalloc float[count - k] : new float[count - k];
        for (int i = 0; i < count; i++)
        {
            int key = ((int*)values)[i];
            if (key < kth || (key == kth && ties-- <= 0)) (laterIndices[rest], laterValues[rest++]) = (indices[i], values[i]);
            else (indices[first], values[first++]) = (indices[i], values[i]);
        }
        laterIndices.CopyTo(new Span<int>(indices + k, rest));
        laterValues.CopyTo(new Span<float>(values + k, rest));
    }

    /// <summary>The k-th largest key, its lowest <paramref name="ignored"/> bits cleared; 0 where fewer than k keys are above 0.</summary>
    public static int KthLargest(int* keys, int count, int k, int ignored)
    {
        int kth = 0;
        for (int bit = 30; bit >= ignored; bit--)
        {
            int candidate = kth | (1 << bit);
            if (CountAtLeast(keys, count, candidate) >= k) kth = candidate;
        }
        return kth;
    }

    /// <summary>Drops the smallest of positive values, of equals the last.</summary>
    private static void DropSmallest(int* indices, float* values, int count)
    {
        int least = int.MaxValue, at = 0;
        for (int i = 0; i < count; i++)
        {
            if (((int*)values)[i] <= least) (least, at) = (((int*)values)[i], i);
        }
        new ReadOnlySpan<int>(indices + at + 1, count - at - 1).CopyTo(new Span<int>(indices + at, count - at - 1));
        new ReadOnlySpan<float>(values + at + 1, count - at - 1).CopyTo(new Span<float>(values + at, count - at - 1));
    }

    /// <summary>How many keys are not below <paramref name="least"/>.</summary>
    public static int CountAtLeast(int* keys, int count, int least)
    {
        int i = 0, total = 0;
        if (Avx512F.IsSupported)
        {
            var wide = Vector512.Create(least);
            for (; i <= count - Vector512<int>.Count; i += Vector512<int>.Count)
            {
                total += BitOperations.PopCount(
                    Vector512.ExtractMostSignificantBits(Vector512.GreaterThanOrEqual(Vector512.Load(keys + i), wide)));
            }
        }
        var bound = new Vector<int>(least);
        var sum = Vector<int>.Zero;
        for (; i <= count - Vector<int>.Count; i += Vector<int>.Count) sum -= Vector.GreaterThanOrEqual(Vector.Load(keys + i), bound);
        total += Vector.Sum(sum);
        for (; i < count; i++) total += keys[i] >= least ? 1 : 0;
        return total;
    }
}
