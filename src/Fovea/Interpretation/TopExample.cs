namespace Fovea.Interpretation;

/// <summary>A dataset image that activates a unit.</summary>
/// <param name="Image">The image's index in its source.</param>
/// <param name="Value">The unit's largest value over the image's positions.</param>
/// <param name="Y">Row of that position on the layer's grid; the first in reading order where several are equal.</param>
/// <param name="X">Its column.</param>
public readonly record struct TopExample(int Image, float Value, int Y, int X);

/// <summary>What one pass over a dataset says about a unit.</summary>
/// <param name="Unit">Channel or latent.</param>
/// <param name="Density">Share of the positions at which it is active: not zero for a latent (a code is never negative), above 0.1 in absolute value for a neuron.</param>
/// <param name="Mean">Mean over all positions.</param>
/// <param name="Maximum">Largest value.</param>
/// <param name="Examples">The images with the largest values, best first; equal values in the order of the images. For latents only images that activate it.</param>
public sealed record UnitStatistics(int Unit, double Density, double Mean, double Maximum, IReadOnlyList<TopExample> Examples);

/// <summary>What one pass over a dataset says about a group of units.</summary>
/// <param name="Group">The units.</param>
/// <param name="Images">Images seen.</param>
/// <param name="Height">Rows of the layer's grid.</param>
/// <param name="Width">Columns of the layer's grid.</param>
/// <param name="Units">By unit number.</param>
public sealed record GroupStatistics(UnitGroup Group, int Images, int Height, int Width, IReadOnlyList<UnitStatistics> Units)
{
    /// <summary>A unit active at more positions than this share says little by being active.</summary>
    private const double Dense = 0.1;

    /// <summary>
    /// The order of a gallery: units that do much at few positions first, by decreasing mean activation; then the dense ones, likewise; equal ones by number. Not
    /// by maximum: a handful of outlying images would have all places.
    /// </summary>
    public IReadOnlyList<int> ByInterest() =>
        [.. Units.OrderBy(unit => unit.Density > Dense).ThenByDescending(unit => unit.Mean).ThenBy(unit => unit.Unit).Select(unit => unit.Unit)];
}
