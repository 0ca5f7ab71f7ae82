namespace Fovea.Datasets;

/// <summary>How images are loaded ahead.</summary>
public sealed record LoaderOptions
{
    /// <summary>Images in a batch.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Threads that decode and augment; as many as the computation has.</summary>
    public int Workers { get; init; } = Numerics.Workers.Count;

    /// <summary>Batches in the making or waiting at most; memory is bounded by them.</summary>
    public int QueuedBatches { get; init; } = 4;

    /// <summary>Throws unless all are positive.</summary>
    /// <exception cref="FoveaException">One is not.</exception>
    internal void Validate()
    {
        if (BatchSize <= 0 || Workers <= 0 || QueuedBatches <= 0)
        {
            throw FoveaException.BadConfiguration(
                $"Loading needs positive numbers: batch size {BatchSize}, workers {Workers}, queued batches {QueuedBatches}.");
        }
    }
}
