namespace Fovea.Dictionaries.Training;

/// <summary>What a batch drawn at random without replacement from all vectors holds of their groups, on average and exactly.</summary>
internal static class ShuffledBatch
{
    /// <summary>Probabilities below this, relative to the largest, are left out.</summary>
    private const double Negligible = 1e-18;

    /// <summary>The expected −Σ p ln p over groups, p a group's share of the batch, and the expected number of groups in it.</summary>
    /// <param name="kinds">Vectors of a group, and how many groups have so many.</param>
    /// <param name="batchSize">Vectors of a batch, at most as many as there are.</param>
    public static (double Entropy, double Groups) Expect(IReadOnlyList<(long Size, int Groups)> kinds, int batchSize)
    {
        long all = kinds.Sum(kind => kind.Size * kind.Groups);
        double entropy = 0, distinct = 0;
        foreach (var (size, groups) in kinds)
        {
            var (mean, none) = Expect(all, size, batchSize);
            entropy += groups * mean;
            distinct += groups * (1 - none);
        }
        return (entropy, distinct);
    }

    /// <summary>
    /// Of one group: its number n in the batch is hypergeometric, and P(n + 1) / P(n) = (K − n)(B − n) / ((n + 1)(N − K − B + n + 1)).
    /// </summary>
    /// <returns>E(−p ln p), p = n / B, and P(n = 0).</returns>
    private static (double Entropy, double None) Expect(long all, long size, int batchSize)
    {
        long least = Math.Max(0, batchSize - (all - size)), most = Math.Min(batchSize, size);
        long mode = Math.Clamp((long)((batchSize + 1.0) * (size + 1) / (all + 2)), least, most);
        double total = 0, entropy = 0, none = 0;
        double chance = 1;
        for (long n = mode; n <= most && chance > Negligible; n++)
        {
            Add(n, chance);
            chance *= (double)(size - n) * (batchSize - n) / ((n + 1.0) * (all - size - batchSize + n + 1));
        }
        chance = 1;
        for (long n = mode; n > least && chance > Negligible; n--)
        {
            chance *= (double)n * (all - size - batchSize + n) / ((double)(size - n + 1) * (batchSize - n + 1));
            Add(n - 1, chance);
        }
        return (entropy / total, none / total);

        void Add(long n, double weight)
        {
            total += weight;
            entropy += weight * MixingCounter.Term(n, batchSize);
            if (n == 0) none += weight;
        }
    }
}
