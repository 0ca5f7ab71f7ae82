using Fovea.Numerics;
using Fovea.Visualization.Regularizers;
using TorchSharp;
using static TorchSharp.torch;

namespace Fovea.Visualization.Transforms;

/// <summary>
/// A Gaussian blur of each picture with a standard deviation uniform in a range; beyond the edge lies the nearest pixel of the border.
/// </summary>
/// <param name="Minimum">Smallest standard deviation in pixels.</param>
/// <param name="Maximum">Largest.</param>
public sealed record RandomBlur(double Minimum, double Maximum) : ITransform
{
    /// <inheritdoc/>
    public string Description => FormattableString.Invariant($"blur {Minimum}-{Maximum} px");

    /// <inheritdoc/>
    public ITransform ScaledBy(double factor) => new RandomBlur(Minimum * factor, Maximum * factor);

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, IReadOnlyList<CounterRandom> streams)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(streams);
        if (!(Minimum >= 0 && Maximum >= Minimum && Maximum > 0))
            throw FoveaException.BadConfiguration($"A picture cannot be blurred by {Minimum} to {Maximum} px.");
        using var scope = NewDisposeScope();
        long n = images.shape[0], c = images.shape[1], h = images.shape[2], w = images.shape[3], taps = GaussianBlur.Kernel(
            Maximum).Length, radius = taps / 2;
        double[] kernels = [.. streams.SelectMany(random => Kernel(random.NextDouble(Minimum, Maximum), (int)taps))];
        // A group of the convolution a plane: every picture has its own kernel and all share one call.
        Tensor lines = tensor(kernels, [n, 1, taps], dtype: images.dtype, device: images.device).expand(n, c, taps)
            .reshape(n * c, 1, 1, taps);
        Tensor planes = nn.functional.pad(images.reshape(1, n * c, h, w), [radius, radius, radius, radius], PaddingModes.Replicate);
        Tensor rows = nn.functional.conv2d(planes, lines, groups: n * c);
        return nn.functional.conv2d(rows, lines.transpose(2, 3), groups: n * c).reshape(n, c, h, w).MoveToOuterDisposeScope();
    }

    /// <summary>The kernel of one picture in the middle of as many taps as the widest has.</summary>
    private static double[] Kernel(double sigma, int taps)
    {
        var all = new double[taps];
        double[] own = sigma > 0 ? GaussianBlur.Kernel(sigma) : [1];
        own.CopyTo(all, (taps - own.Length) / 2);
        return all;
    }
}
