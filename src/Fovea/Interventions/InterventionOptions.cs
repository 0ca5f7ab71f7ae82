namespace Fovea.Interventions;

/// <summary>How interventions are measured.</summary>
public sealed record InterventionOptions
{
    /// <summary>Images a forward pass; changes results by rounding only.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Indices of the source's images to judge; null for all.</summary>
    public IReadOnlyList<int>? Images { get; init; }

    /// <summary>Decides which other image each image is resampled from.</summary>
    public ulong Seed { get; init; } = 1;
}
