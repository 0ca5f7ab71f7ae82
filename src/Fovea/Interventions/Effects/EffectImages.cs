using Fovea.Numerics;

namespace Fovea.Interventions.Effects;

/// <summary>The images that effects of a run's units are measured on.</summary>
public static class EffectImages
{
    /// <summary>Draws some of the images: the same for all layers, units and operations of a run.</summary>
    /// <param name="among">Indices to draw from.</param>
    /// <param name="count">How many at most, 1 or more.</param>
    /// <param name="seed">The run's seed.</param>
    /// <returns>Indices, ascending.</returns>
    public static int[] Draw(IReadOnlyList<int> among, int count, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(among);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return [.. new CounterRandom(seed, "proof/images", 0).Permutation(among.Count).Take(count).Select(i => among[i]).Order()];
    }
}
