namespace Fovea.Interventions;

/// <summary>How a splice is measured.</summary>
public sealed record SpliceOptions
{
    /// <summary>Images a forward pass; changes results by rounding only.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Indices of the source's images to judge; null for all.</summary>
    public IReadOnlyList<int>? Images { get; init; }

    /// <summary>
    /// The mean of the layer's vectors over the training images, <c>[C]</c>, for mean ablation; null leaves mean ablation out. It is not
    /// measured on the judged images: what replaces a layer must not know them.
    /// </summary>
    public IReadOnlyList<float>? Mean { get; init; }
}
