namespace Fovea.Distributed;

/// <summary>The k-th largest of numbers that lie on several ranks: digit by digit from the top, by how many have each digit.</summary>
internal static unsafe class RankSelection
{
    private const int TopBit = 31, BitsOfDigit = 11;

    /// <summary>The k-th largest key over all ranks, its lowest <paramref name="ignored"/> bits cleared; 0 where fewer than k keys are above 0.</summary>
    /// <param name="ranks">Who has keys.</param>
    /// <param name="keys">Not below 0.</param>
    /// <param name="count">How many are on this rank.</param>
    /// <param name="k">Above 0.</param>
    /// <param name="ignored">Bits that do not matter.</param>
    public static int KthLargest(this IRanks ranks, int* keys, int count, long k, int ignored)
    {
        int found = 0;
        for (int high = TopBit; high > ignored;)
        {
            int bits = Math.Min(BitsOfDigit, high - ignored), shift = high - bits;
            var counts = new long[1 << bits];
            for (int i = 0; i < count; i++)
            {
                // Those that share the digits found so far.
                if ((long)keys[i] >> high == (long)found >> high) counts[(keys[i] >> shift) & (counts.Length - 1)]++;
            }
            ranks.Sum(counts);
            int digit = counts.Length - 1;
            for (; digit > 0 && counts[digit] < k; digit--) k -= counts[digit];
            found |= digit << shift;
            high = shift;
        }
        return found;
    }
}
