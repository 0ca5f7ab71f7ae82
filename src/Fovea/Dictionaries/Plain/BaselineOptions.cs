namespace Fovea.Dictionaries.Plain;

/// <summary>
/// What all plain dictionaries are fitted with. Memory of a fit grows with d, n, the batch and the sample, never with the number of rows.
/// </summary>
public sealed record BaselineOptions
{
    /// <summary>n, the number of directions; null takes d. Neurons, PCA and ICA have at most d.</summary>
    public int? LatentSize { get; init; }

    /// <summary>
    /// Active latents a vector at most, so that L0 can be matched with a sparse autoencoder; null keeps every coefficient. Each dictionary
    /// says how it chooses them. k-means always has one.
    /// </summary>
    public int? K { get; init; }

    /// <summary>The run's seed.</summary>
    public ulong Seed { get; init; }

    /// <summary>Rows read at once.</summary>
    public int BatchRows { get; init; } = 4096;

    /// <summary>
    /// Rows kept in memory by what cannot stream (iterations of ICA, seeding of k-means, NMF, semi-NMF), drawn without replacement by the
    /// seed; all rows where there are fewer. At 16,384 and d = 512 this is 32 MiB, and NMF's codes of n = 1024 another 64 MiB.
    /// </summary>
    public int SampleRows { get; init; } = 16_384;

    /// <summary>Most iterations of an iterative fit; null takes the dictionary's own limit.</summary>
    public int? MaxIterations { get; init; }

    /// <summary>When an iterative fit counts as converged; null takes the dictionary's own measure (each states it).</summary>
    public double? Tolerance { get; init; }

    internal void Validate()
    {
        if (LatentSize is <= 0) throw FoveaException.BadConfiguration($"A dictionary needs at least one direction, not {LatentSize}.");
        if (K is <= 0) throw FoveaException.BadConfiguration($"k must be above 0 (null keeps every coefficient), not {K}.");
        if (BatchRows <= 0) throw FoveaException.BadConfiguration($"Rows read at once must be above 0, not {BatchRows}.");
        if (SampleRows <= 0) throw FoveaException.BadConfiguration($"The sample must have rows, not {SampleRows}.");
        if (MaxIterations is <= 0) throw FoveaException.BadConfiguration($"A fit needs at least one iteration, not {MaxIterations}.");
        if (Tolerance is { } tolerance && !(tolerance >= 0 && double.IsFinite(tolerance)))
            throw FoveaException.BadConfiguration($"A tolerance is a number not below 0, not {tolerance}.");
    }

    /// <summary>n of a dictionary that has at most d directions.</summary>
    internal int LatentsAtMost(int inputSize, string what)
    {
        int latents = LatentSize ?? inputSize;
        if (latents > inputSize)
            throw FoveaException.BadConfiguration(
                $"{what} has at most d = {inputSize} directions, {latents} were asked for. Ask for {inputSize} or fewer.");
        return latents;
    }
}
