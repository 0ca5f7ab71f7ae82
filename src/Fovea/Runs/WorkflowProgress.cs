namespace Fovea.Runs;

/// <summary>Where a running stage is; what a progress bar or a log line shows.</summary>
/// <param name="Stage">The stage: <c>train</c>, <c>harvest</c>, <c>dictionary topk</c> …</param>
/// <param name="Done">Items done.</param>
/// <param name="Total">Items in all; 0 where unknown.</param>
/// <param name="Unit">What the items are: images, vectors, pictures.</param>
/// <param name="Detail">Loss and the like, ready to print; may be empty.</param>
public sealed record WorkflowProgress(string Stage, long Done, long Total, string Unit, string Detail = "")
{
    /// <summary>Which part of the stage the items are of, from 1, and how many it has; null where its items are counted as one.</summary>
    public (int Place, int Count)? Part { get; init; }
}
