namespace Fovea.Interpretation;

/// <summary>A dataset image shown for a unit.</summary>
/// <param name="Image">The image's index in its source.</param>
/// <param name="Value">The unit's largest value over the image's positions; of a latent's near miss its largest pre-activation.</param>
/// <param name="Y">Row of that position on the layer's grid; the first in reading order where several are equal. Of a neuron's near miss,
/// the grid's middle.</param>
/// <param name="X">Its column.</param>
public readonly record struct TopExample(int Image, float Value, int Y, int X)
{
    /// <summary>
    /// The unit's mean over the image's positions; 0 for a near miss. What the image's logits have of the unit, where pooling and a linear
    /// head follow, is this times <see cref="LogitEffects.Weight"/>.
    /// </summary>
    public float Mean { get; init; }
}

/// <summary>Dataset images of one kind.</summary>
/// <param name="Kind">One of <see cref="ExampleKinds"/>.</param>
/// <param name="Examples">In the order they are shown in.</param>
public sealed record ExampleSet(string Kind, IReadOnlyList<TopExample> Examples);

/// <summary>What one pass over a dataset says about a unit.</summary>
/// <param name="Unit">Channel or latent.</param>
/// <param name="Density">Share of the positions at which it is active: not zero for a latent (a code is never negative), above 0.1 in
/// absolute value for a neuron.</param>
/// <param name="Mean">Mean over all positions.</param>
/// <param name="Maximum">Largest value.</param>
/// <param name="Examples">The images with the largest values, best first; equal values in the order of the images. For latents only images
/// that activate it.</param>
public sealed record UnitStatistics(int Unit, double Density, double Mean, double Maximum, IReadOnlyList<TopExample> Examples)
{
    /// <summary>Images of the other kinds: quantile bands, random positives, near misses.</summary>
    public IReadOnlyList<ExampleSet> Others { get; init; } = [];

    /// <summary>All kinds, the top examples first.</summary>
    public IEnumerable<ExampleSet> AllExamples => Others.Prepend(new ExampleSet(ExampleKinds.Top, Examples));
}

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

    /// <summary>How the values of each unit are distributed; null where no pass was made.</summary>
    public ActivationHistogram? Histogram { get; init; }

    /// <summary>Where on the grid each unit is active; null where no pass was made.</summary>
    public GridProfile? Grid { get; init; }

    /// <summary>Which classes activate each unit; null where images have none.</summary>
    public ClassProfile? Classes { get; init; }

    /// <summary>
    /// The order of a gallery: units that do much at few positions first, by decreasing mean activation; then the dense ones, likewise;
    /// equal ones by number. Not by maximum: a handful of outlying images would have all places.
    /// </summary>
    public IReadOnlyList<int> ByInterest() =>
        [.. Units.OrderBy(unit => unit.Density > Dense).ThenByDescending(unit => unit.Mean).ThenBy(unit => unit.Unit)
            .Select(unit => unit.Unit)];
}
