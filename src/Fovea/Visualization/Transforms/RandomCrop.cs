using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Visualization.Transforms;

/// <summary>
/// A random box of each picture, resampled bilinearly to the size of the view (MACO's crops, Fel et al. 2023): its side is a uniform share
/// of the picture's, its centre normal about the middle and moved inwards until the box lies inside.
/// </summary>
/// <param name="Minimum">Smallest share of the side.</param>
/// <param name="Maximum">Largest, at most 1.</param>
public sealed record RandomCrop(double Minimum, double Maximum) : ITransform
{
    /// <summary>Standard deviation of the centre, as a share of the side.</summary>
    public double Spread { get; init; } = 0.15;

    /// <summary>Height of the view in pixels, the width being the picture's share of it; 0: the picture's own.</summary>
    public int Size { get; init; }

    /// <inheritdoc/>
    public string Description =>
        FormattableString.Invariant($"crop {Minimum}-{Maximum} of the side, centre ±{Spread}{(Size > 0 ? $", to {Size} px" : "")}");

    /// <summary>Draws one box, as the affine map that makes it the whole view.</summary>
    public AffineDraw Draw(CounterRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        double side = random.NextDouble(Minimum, Maximum), free = (1 - side) / 2;
        double x = Math.Clamp(Spread * random.NextGaussian(), -free, free), y = Math.Clamp(Spread * random.NextGaussian(), -free, free);
        return new AffineDraw(1 / side, 0, -x / side, -y / side, false);
    }

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, IReadOnlyList<CounterRandom> streams)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(streams);
        if (!(Minimum > 0 && Maximum >= Minimum && Maximum <= 1 && Spread >= 0 && Size >= 0))
            throw FoveaException.BadConfiguration($"Boxes of {Minimum} to {Maximum} of the side cannot be cropped to {Size} px.");
        long rows = Size > 0 ? Size : images.shape[2];
        long columns = Size > 0 ? (long)Math.Max(1, Math.Round((double)Size * images.shape[3] / images.shape[2])) : images.shape[3];
        return AffineSampling.Apply(images, [.. streams.Select(Draw)], Outside.Border, rows, columns);
    }
}
