using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Visualization.Transforms;

/// <summary>
/// Grows or shrinks each picture about its centre by a factor uniform in a range; the size of the view stays, mean colour fills what is
/// left.
/// </summary>
/// <param name="Minimum">Smallest factor.</param>
/// <param name="Maximum">Largest factor.</param>
public sealed record RandomScale(double Minimum, double Maximum) : ITransform
{
    /// <inheritdoc/>
    public string Description => FormattableString.Invariant($"scale {Minimum}-{Maximum}");

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, IReadOnlyList<CounterRandom> streams)
    {
        ArgumentNullException.ThrowIfNull(streams);
        if (!(Minimum > 0 && Maximum >= Minimum))
            throw FoveaException.BadConfiguration($"A picture cannot be scaled by {Minimum} to {Maximum}.");
        return AffineSampling.Apply(
            images, [.. streams.Select(random => new AffineDraw(random.NextDouble(Minimum, Maximum), 0, 0, 0, false))], Outside.Zero);
    }
}
