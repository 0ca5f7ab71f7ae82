using Fovea.Numerics;
using Fovea.Visualization.Parameterizations;
using static TorchSharp.torch;

namespace Fovea.Visualization.Transforms;

/// <summary>Adds normal noise to every pixel and channel.</summary>
/// <param name="Deviation">Its standard deviation in units of the normalised input, whose own is about 1.</param>
public sealed record Noise(double Deviation) : ITransform
{
    /// <inheritdoc/>
    public string Description => FormattableString.Invariant($"noise {Deviation}");

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, IReadOnlyList<CounterRandom> streams)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var scope = NewDisposeScope();
        return (images + PixelNoise.Draw(streams, images.shape[1..], Deviation).to(images.dtype)
            .to(images.device)).MoveToOuterDisposeScope();
    }
}
