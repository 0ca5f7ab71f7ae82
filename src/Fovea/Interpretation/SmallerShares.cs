using System.Numerics;

namespace Fovea.Interpretation;

/// <summary>Of ascending numbers, what share of others is smaller: on average the area under the ROC curve (Mann and Whitney 1947).</summary>
internal static class SmallerShares
{
    /// <summary>For each number the share of the others that are smaller, equal ones counted half.</summary>
    /// <param name="numbers">Ascending.</param>
    /// <param name="others">Ascending, one or more.</param>
    public static double[] Of<T>(T[] numbers, T[] others) where T : IFloatingPoint<T>
    {
        var shares = new double[numbers.Length];
        int smaller = 0, notLarger = 0;
        for (int i = 0; i < numbers.Length; i++)
        {
            while (smaller < others.Length && others[smaller] < numbers[i]) smaller++;
            while (notLarger < others.Length && others[notLarger] <= numbers[i]) notLarger++;
            shares[i] = (smaller + notLarger) / 2.0 / others.Length;
        }
        return shares;
    }
}
