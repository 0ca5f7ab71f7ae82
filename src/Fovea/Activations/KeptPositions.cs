using Fovea.Numerics;

namespace Fovea.Activations;

/// <summary>
/// Draws some positions of an image without replacement, each with a probability of its own: π proportional to its score where that is
/// below 1, else 1. Systematic sampling in a random order (Madow 1949; Hartley and Rao 1962) has these probabilities exactly, so that
/// sums weighted by 1/π are those of all positions on average (Horvitz and Thompson 1952).
/// </summary>
internal static class KeptPositions
{
    /// <summary>Draws.</summary>
    /// <param name="map">
    /// Scores, non-negative or NaN, one a position. Where nothing is positive all count as one; NaN counts as 0. Positions of score 0 are
    /// drawn, each as likely, where fewer than are wanted have more.
    /// </param>
    /// <param name="random">The image's own stream.</param>
    /// <param name="positions">Receives as many positions as it has room for, at most the map's, ascending.</param>
    /// <param name="weights">
    /// Receives K / (positions of the map × π) of each of the K: averages over what was drawn, weighted so, are on average those over all
    /// positions that can be drawn.
    /// </param>
    /// <returns>Whether all counted as one.</returns>
    /// <exception cref="FoveaException">Numerical: the scores are infinite.</exception>
    public static bool Draw(ReadOnlySpan<float> map, CounterRandom random, Span<int> positions, Span<float> weights)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(positions.Length, map.Length, nameof(positions));
        bool fallback = PatchSampler.IsAllZero(map);
        var chances = new double[map.Length];
        for (int i = 0; i < chances.Length; i++) chances[i] = fallback ? 1 : map[i] > 0 ? map[i] : 0; // false for NaN
        ToChances(chances, positions.Length);
        int drawn = 0;
        double before = 0, offset = random.NextDouble();
        int[] order = random.Permutation(map.Length);
        for (int i = 0; i < order.Length; i++)
        {
            double chance = chances[order[i]];
            if (chance <= 0) continue;
            double after = before + chance;
            if (Math.Floor(after + offset) > Math.Floor(before + offset) && drawn < positions.Length) positions[drawn++] = order[i];
            before = after;
        }
        // Where rounding has lost one it is the likeliest that is left, the first of those in order.
        while (drawn < positions.Length)
        {
            int best = -1;
            foreach (int place in order)
            {
                if (!positions[..drawn].Contains(place) && (best < 0 || chances[place] > chances[best])) best = place;
            }
            positions[drawn++] = best;
        }
        positions.Sort();
        for (int i = 0; i < positions.Length; i++)
            weights[i] = (float)(positions.Length / (map.Length * chances[positions[i]]));
        return fallback;
    }

    /// <summary>From scores to probabilities of being drawn, whose sum is <paramref name="count"/>.</summary>
    internal static void ToChances(Span<double> scores, int count)
    {
        int positive = 0;
        foreach (double score in scores)
        {
            if (!double.IsFinite(score))
                throw FoveaException.NumericalFailure("A score map holds infinite values: the activations have overflowed.");
            if (score > 0) positive++;
        }
        if (positive <= count)
        {
            // All that score, and of the others each as likely.
            double others = positive == scores.Length ? 0 : (double)(count - positive) / (scores.Length - positive);
            foreach (ref double score in scores) score = score > 0 ? 1 : others;
            return;
        }
        var certain = new bool[scores.Length];
        for (int left = count; ;)
        {
            double sum = 0;
            for (int i = 0; i < scores.Length; i++) sum += certain[i] ? 0 : scores[i];
            int found = 0;
            for (int i = 0; i < scores.Length; i++)
            {
                if (!certain[i] && left * scores[i] >= sum)
                {
                    certain[i] = true;
                    found++;
                }
            }
            if (found > 0)
            {
                left -= found;
                if (left > 0) continue;
            }
            for (int i = 0; i < scores.Length; i++) scores[i] = certain[i] ? 1 : left == 0 ? 0 : left * scores[i] / sum;
            return;
        }
    }
}
