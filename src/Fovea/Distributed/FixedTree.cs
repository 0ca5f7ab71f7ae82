using System.Numerics;

namespace Fovea.Distributed;

/// <summary>
/// Sums in a fixed binary tree: of 8 addends ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7)). Floating-point sums depend on their order; in this one whoever holds
/// 2ᵏ neighbours adds them first, and nobody else needs to know how many held how much.
/// </summary>
internal static unsafe class FixedTree
{
    /// <summary>Leaves room for a tree: it has to be a power of two.</summary>
    public static bool Fits(int addends) => addends > 0 && BitOperations.IsPow2(addends);

    /// <summary>Adds rows of numbers into the first one.</summary>
    /// <param name="rows"><c>[addends, length]</c>; all are used up.</param>
    /// <param name="addends">A power of two.</param>
    /// <param name="length">Numbers of a row.</param>
    public static void Sum(float* rows, int addends, long length)
    {
        for (int step = 1; step < addends; step *= 2)
        {
            for (int at = 0; at < addends; at += 2 * step) Add(rows + at * length, rows + (at + step) * length, length);
        }
    }

    /// <summary><c>sum += addend</c>.</summary>
    public static void Add(float* sum, float* addend, long length)
    {
        long i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count) (Vector.Load(sum + i) + Vector.Load(addend + i)).Store(sum + i);
        for (; i < length; i++) sum[i] += addend[i];
    }
}
