using Fovea.Numerics;

namespace Fovea.Visualization.Objectives;

/// <summary>
/// Which picture this is. It names the streams of random numbers of its start and its views, so that they follow from (seed, layer, unit,
/// replica) and not from the batch.
/// </summary>
/// <param name="Layer">The layer that names the objective.</param>
/// <param name="Unit">Channel, latent, class or row; not negative.</param>
/// <param name="Replica">0 for the unit's first picture, 1 for its second, ….</param>
public readonly record struct PictureKey(string Layer, int Unit, int Replica = 0)
{
    /// <summary>Keys of units in their order; a unit that comes again is its next replica.</summary>
    /// <exception cref="FoveaException">A unit is negative.</exception>
    public static PictureKey[] Number(string layer, IReadOnlyList<int> units)
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentNullException.ThrowIfNull(units);
        var seen = new Dictionary<int, int>();
        return [.. units.Select(unit =>
        {
            if (unit < 0) throw FoveaException.BadConfiguration($"Unit {unit} of {layer} cannot be shown: units are counted from 0.");
            int replica = seen.GetValueOrDefault(unit);
            seen[unit] = replica + 1;
            return new PictureKey(layer, unit, replica);
        })];
    }

    /// <summary>The picture's own random numbers for one purpose.</summary>
    internal CounterRandom Stream(ulong seed, string purpose) =>
        new(seed, $"visualize/{purpose}/{Layer}", ((long)Replica << 32) | (uint)Unit);
}
