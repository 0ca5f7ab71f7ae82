using System.Numerics;
using System.Runtime.Intrinsics;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// The k largest positive values of a row. The bits of a positive float, read as an integer, are in the order of the floats, so the k-th
/// largest is found bit by bit from the top by counting how many keys reach a candidate. First on the stripes' maxima, coarsely: at least k
/// values reach that bound, so nothing below it is needed; then exactly, on the few values that reach it. Of equal values the lower index
/// is taken.
/// </summary>
internal static unsafe class TopSelection
{
    /// <summary>Bits of the bound: sign, exponent and 7 bits of the fraction are enough to leave few values above what is wanted.</summary>
    private const int BoundBits = 16;

    private const int MostOnStack = 1024;

    /// <summary>Up to how many values too many are dropped one by one: the bound leaves three or four of 36.</summary>
    private const int MostDropped = 8;

    /// <summary>The largest positive values, by ascending index.</summary>
    /// <param name="z">The row, <c>[n]</c>.</param>
    /// <param name="n">A multiple of two panels.</param>
    /// <param name="maxima">Maxima of disjoint parts that cover the row, <c>[stripes]</c>.</param>
    /// <param name="stripes">A multiple of <see cref="PanelMatrix.Width"/>.</param>
    /// <param name="k">How many, above 0.</param>
    /// <param name="indices">Room for n indices.</param>
    /// <param name="values">Room for n values.</param>
    /// <returns>How many were selected: k, or the number of positive values if smaller.</returns>
    public static int Select(float* z, int n, float* maxima, int stripes, int k, int* indices, float* values)
    {
        int bound = Math.Max(1, KthLargest((int*)maxima, stripes, k, BoundBits));
        int found = AtLeast(z, n, BitConverter.Int32BitsToSingle(bound), indices, values);
        return found <= k ? found : Keep(indices, values, found, k);
    }

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
        var bound = new Vector<int>(least);
        var sum = Vector<int>.Zero;
        int i = 0;
        for (; i <= count - Vector<int>.Count; i += Vector<int>.Count) sum -= Vector.GreaterThanOrEqual(Vector.Load(keys + i), bound);
        int total = Vector.Sum(sum);
        for (; i < count; i++) total += keys[i] >= least ? 1 : 0;
        return total;
    }
}
