namespace Fovea.Documents;

/// <summary>
/// How well the batches of a training are mixed: of consecutive ones from the middle of the first pass, how evenly each draws on the images
/// and on the shards that the vectors are from (docs/reference/metrics.md).
/// </summary>
/// <param name="FirstStep">The first of them, from 0.</param>
/// <param name="Batches">How many.</param>
/// <param name="Images">By image.</param>
/// <param name="Shards">By shard.</param>
public sealed record MixingQuality(long FirstStep, int Batches, GroupMixing Images, GroupMixing Shards);

/// <summary>How evenly batches draw on groups of vectors.</summary>
public sealed record GroupMixing
{
    /// <summary>Groups with vectors that are trained on.</summary>
    public required int Groups { get; init; }

    /// <summary>
    /// Mean over batches of −Σ p ln p, p a group's share of a batch, divided by the largest value that a batch of these vectors can have: 1
    /// is as even as the data allow, 0 a batch of one group.
    /// </summary>
    public required double Entropy { get; init; }

    /// <summary>Of the worst batch.</summary>
    public required double LowestEntropy { get; init; }

    /// <summary>What a permutation of all vectors gives on average.</summary>
    public required double ShuffledEntropy { get; init; }

    /// <summary>Mean over batches of the number of groups in a batch, divided by the most that there can be.</summary>
    public required double Coverage { get; init; }

    /// <summary>Of the worst batch.</summary>
    public required double LowestCoverage { get; init; }

    /// <summary>What a permutation of all vectors gives on average.</summary>
    public required double ShuffledCoverage { get; init; }
}
