namespace Fovea.Activations;

/// <summary>What to harvest. Defaults as section 7.3 of the paper.</summary>
public sealed record HarvestOptions
{
    /// <summary>Layers by name; all are read in one forward pass.</summary>
    public required IReadOnlyList<string> Layers { get; init; }

    /// <summary>Patch scores by name (<see cref="Filters.PatchScores.Names"/>).</summary>
    public IReadOnlyList<string> Filters { get; init; } = ["none", "magnitude"];

    /// <summary>
    /// Whether maps of one class are of the class that the network gives the largest logit; else of the image's own, which must be one of
    /// the network's.
    /// </summary>
    public bool PredictedClass { get; init; }

    /// <summary>Images a forward pass.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Threshold ε of the number of active units.</summary>
    public double ActiveThreshold { get; init; } = 0.1;

    /// <summary>Share of the images held out from stage 3.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Seed of draws and split.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>A shard of vectors takes at most about this many bytes.</summary>
    public long ShardBytes { get; init; } = 64 << 20;
}

/// <summary>Where a harvest is.</summary>
/// <param name="Images">Images done, those of earlier invocations included.</param>
/// <param name="Total">Images in all.</param>
public sealed record HarvestProgress(int Images, int Total);
