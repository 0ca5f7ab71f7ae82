namespace Fovea.Interpretation;

/// <summary>How a pass over a dataset is made.</summary>
public sealed record TopExamplesOptions
{
    /// <summary>Examples kept for each unit.</summary>
    public int Examples { get; init; } = 9;

    /// <summary>Images a forward pass; changes results by the rounding of libtorch's kernels only.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>The images to look at, as indices of the source; all when null.</summary>
    public IReadOnlyList<int>? Images { get; init; }
}

/// <summary>How far a pass is.</summary>
/// <param name="Images">Images done.</param>
/// <param name="Total">Images in all.</param>
public sealed record TopExamplesProgress(int Images, int Total);
