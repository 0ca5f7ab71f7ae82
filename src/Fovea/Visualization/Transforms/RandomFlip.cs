using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Visualization.Transforms;

/// <summary>Swaps left and right of some pictures.</summary>
/// <param name="Probability">Of each picture's swap.</param>
public sealed record RandomFlip(double Probability = 0.5) : ITransform
{
    /// <inheritdoc/>
    public string Description => FormattableString.Invariant($"flip {Probability}");

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, IReadOnlyList<CounterRandom> streams)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(streams);
        using var scope = NewDisposeScope();
        Tensor swapped = tensor(
            streams.Select(random => random.NextDouble() < Probability).ToArray(), [streams.Count, 1, 1, 1], device: images.device);
        return where(swapped, images.flip(3), images).MoveToOuterDisposeScope();
    }
}
