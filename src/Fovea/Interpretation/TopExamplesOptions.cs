namespace Fovea.Interpretation;

/// <summary>How a pass over a dataset is made.</summary>
public sealed record TopExamplesOptions
{
    /// <summary>Top examples kept for each unit.</summary>
    public int Examples { get; init; } = 9;

    /// <summary>Examples of each other kind (<see cref="ExampleKinds"/>).</summary>
    public int Others { get; init; } = 3;

    /// <summary>
    /// Active images drawn for each unit, which quantile bands are taken from; random examples are drawn from all, by another stream. A
    /// unit that at most this many images activate has exact bands. For others a place among n drawn images misses the true quantile by
    /// more than ε with probability at most 2 exp(−2nε²) (Massart 1990): by 7 % in one of 75.
    /// </summary>
    public int Sample { get; init; } = 512;

    /// <summary>The run's seed: which images are drawn depends on it, the unit and the image alone.</summary>
    public ulong Seed { get; init; }

    /// <summary>Images a forward pass; changes results by the rounding of libtorch's kernels only.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>The images to look at, as indices of the source; all when null.</summary>
    public IReadOnlyList<int>? Images { get; init; }

    /// <summary>The images' classes; null: those of the source in a pass over images, none in a pass over stored activations.</summary>
    public ImageLabels? Labels { get; init; }

    /// <summary>What else is fed each group's values.</summary>
    public ILookup<UnitGroup, IUnitObserver>? Observers { get; init; }
}

/// <summary>How far a pass is.</summary>
/// <param name="Images">Images done.</param>
/// <param name="Total">Images in all.</param>
public sealed record TopExamplesProgress(int Images, int Total);
