using Fovea.Numerics;

namespace Fovea.Activations;

/// <summary>
/// The sampling pipeline of the paper (section 7.2.6, figure 7): a map whose values are all NaN or sum to zero falls back to uniform
/// sampling; NaN becomes zero; the map is divided by its sum; as many positions as the map has are drawn with replacement.
/// </summary>
public static class PatchSampler
{
    /// <summary>Draws positions from one image's score map.</summary>
    /// <param name="map">Scores, non-negative or NaN, one a position.</param>
    /// <param name="random">The image's own stream.</param>
    /// <param name="positions">Receives the drawn positions, in the order of drawing.</param>
    /// <param name="weights">
    /// Receives 1 / (positions × probability) of each draw: the importance weight that turns an average over draws into an average over
    /// all positions (of those that can be drawn).
    /// </param>
    /// <returns>Whether the fallback was used.</returns>
    public static bool Draw(ReadOnlySpan<float> map, CounterRandom random, Span<int> positions, Span<float> weights)
    {
        ArgumentNullException.ThrowIfNull(random);
        Span<double> cumulative = map.Length <= 4096 ? stackalloc double[map.Length] : new double[map.Length];
        bool fallback = Accumulate(map, cumulative);
        double total = cumulative[^1];
        for (int i = 0; i < positions.Length; i++)
        {
            double target = random.NextDouble() * total;
            int position = FirstAbove(cumulative, target);
            positions[i] = position;
            double probability = (cumulative[position] - (position > 0 ? cumulative[position - 1] : 0)) / total;
            weights[i] = (float)(1 / (map.Length * probability));
        }
        return fallback;
    }

    /// <summary>Every position once, in order, with weight 1: what the absence of a filter means.</summary>
    public static void TakeAll(Span<int> positions, Span<float> weights)
    {
        for (int i = 0; i < positions.Length; i++) positions[i] = i;
        weights.Fill(1);
    }

    /// <summary>Whether sampling from this map falls back to uniform: nothing in it is positive once NaN counts as zero.</summary>
    public static bool IsAllZero(ReadOnlySpan<float> map)
    {
        foreach (float value in map)
        {
            if (value > 0) return false;
        }
        return true;
    }

    private static bool Accumulate(ReadOnlySpan<float> map, Span<double> cumulative)
    {
        bool fallback = IsAllZero(map);
        double sum = 0;
        for (int i = 0; i < map.Length; i++)
        {
            sum += fallback ? 1 : map[i] > 0 ? map[i] : 0; // false for NaN
            cumulative[i] = sum;
        }
        if (!double.IsFinite(sum))
            throw FoveaException.NumericalFailure("A score map holds infinite values: the activations have overflowed.");
        return fallback;
    }

    /// <summary>The first position whose cumulative sum exceeds <paramref name="target"/>; it has positive probability.</summary>
    private static int FirstAbove(ReadOnlySpan<double> cumulative, double target)
    {
        int low = 0, high = cumulative.Length - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (cumulative[middle] > target) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}
