using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Models.Graph;

/// <summary>How a network is run: what differs between training and evaluation.</summary>
public sealed class ForwardMode : IDisposable
{
    /// <summary>The weight of the newest batch in the running statistics, as in PyTorch.</summary>
    public const double DefaultMomentum = 0.1;

    private readonly Dictionary<int, (ulong Seed, long Draws)> _dropout = [];
    private Tensor? _one;

    /// <summary>Batch normalisation uses the batch's own mean and variance and moves its running ones.</summary>
    public bool BatchStatistics { get; set; }

    /// <summary>Dropout drops.</summary>
    public bool Dropout { get; set; }

    /// <summary>The weight of the next batch in the running statistics; 1 / (batches so far + 1) makes them plain averages.</summary>
    public double Momentum { get; set; } = DefaultMomentum;

    /// <summary>
    /// What batch counters are raised by: kept, since a temporary scalar may be collected while libtorch reads it (docs/decisions/0009).
    /// </summary>
    internal Tensor One => _one ??= ones(1, dtype: int64).squeeze_().DetachFromDisposeScope();

    /// <inheritdoc/>
    public void Dispose() => _one?.Dispose();

    /// <summary>The next masks of a dropout node are the first ones of this seed.</summary>
    internal void SeedDropout(int node, ulong seed) => _dropout[node] = (seed, 0);

    /// <summary>The seed of a dropout node's next mask.</summary>
    internal ulong NextMask(int node)
    {
        (ulong seed, long draws) = _dropout.GetValueOrDefault(node);
        _dropout[node] = (seed, draws + 1);
        return new CounterRandom(seed, "dropout", draws).NextUInt64();
    }
}
