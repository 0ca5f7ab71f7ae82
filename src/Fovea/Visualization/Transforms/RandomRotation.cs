using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Visualization.Transforms;

/// <summary>Turns each picture about its centre by an angle uniform in a range; mean colour fills the corners.</summary>
/// <param name="Degrees">The range is ± this.</param>
public sealed record RandomRotation(double Degrees) : ITransform
{
    /// <inheritdoc/>
    public string Description => FormattableString.Invariant($"rotate ±{Degrees}°");

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, IReadOnlyList<CounterRandom> streams)
    {
        ArgumentNullException.ThrowIfNull(streams);
        return AffineSampling.Apply(
            images, [.. streams.Select(random => new AffineDraw(1, random.NextDouble(-Degrees, Degrees), 0, 0, false))], Outside.Zero);
    }
}
