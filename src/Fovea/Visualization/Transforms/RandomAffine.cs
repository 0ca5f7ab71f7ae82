using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Visualization.Transforms;

/// <summary>
/// Random scaling, rotation, translation and flip of each picture of a batch: the paper's transformation robustness (section 9.2.2), with
/// its ranges (section 9.2.3) as defaults. Drawn per picture from its own stream; sampled bilinearly in one kernel for the batch.
/// </summary>
public sealed record RandomAffine : ITransform
{
    /// <summary>Smallest scale.</summary>
    public double MinimumScale { get; init; } = 0.8;

    /// <summary>Largest scale.</summary>
    public double MaximumScale { get; init; } = 1.2;

    /// <summary>Rotation is uniform in ± this many degrees.</summary>
    public double Degrees { get; init; } = 15;

    /// <summary>Translation is uniform in ± this share of the side, in each direction.</summary>
    public double Translation { get; init; } = 0.2;

    /// <summary>Probability of a horizontal flip.</summary>
    public double Flip { get; init; } = 0.5;

    /// <summary>What lies outside the picture.</summary>
    public Outside Outside { get; init; } = Outside.Zero;

    /// <summary>Draws one transformation: five numbers of the stream, always in the same order.</summary>
    /// <exception cref="FoveaException">The ranges cannot be drawn from.</exception>
    public AffineDraw Draw(CounterRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        Require();
        double scale = random.NextDouble(MinimumScale, MaximumScale), degrees = random.NextDouble(-Degrees, Degrees);
        double x = random.NextDouble(-Translation, Translation), y = random.NextDouble(-Translation, Translation);
        return new AffineDraw(scale, degrees, x, y, random.NextDouble() < Flip);
    }

    /// <inheritdoc/>
    public string Description =>
        FormattableString.Invariant(
            $"affine: scale {MinimumScale}-{MaximumScale}, ±{Degrees}°, ±{Translation} of the side, flip {Flip}{(Outside == Outside.Zero ? "" : $", {Outside} outside")}");

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, IReadOnlyList<CounterRandom> streams)
    {
        ArgumentNullException.ThrowIfNull(streams);
        return Apply(images, [.. streams.Select(Draw)]);
    }

    /// <summary>Transforms picture i of <paramref name="images"/> by <c>draws[i]</c>; differentiable.</summary>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    /// <param name="draws">One draw a picture.</param>
    /// <returns><c>[N, C, H, W]</c>.</returns>
    public Tensor Apply(Tensor images, IReadOnlyList<AffineDraw> draws) => AffineSampling.Apply(images, draws, Outside);

    private void Require()
    {
        if (!(MinimumScale > 0 && MaximumScale >= MinimumScale && double.IsFinite(MaximumScale) && double.IsFinite(Degrees)
            && double.IsFinite(Translation)))
            throw FoveaException.BadConfiguration(
                $"A picture cannot be scaled by {MinimumScale} to {MaximumScale}, turned by ±{Degrees}° and shifted by "
                    + $"±{Translation} of its side.");
    }
}
