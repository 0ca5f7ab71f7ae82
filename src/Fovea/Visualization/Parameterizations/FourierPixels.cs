using System.Collections.Concurrent;
using Fovea.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Fovea.Visualization.Parameterizations;

/// <summary>
/// The picture by its Fourier coefficients c, in decorrelated colours (Olah et al. 2017, with lucid's numbers):
/// rgb = σ(L·F⁻¹(c / max(|f|, 1/longer side)^decay) / 4), F⁻¹ the orthonormal inverse real transform, L a root of the colour covariance
/// over its largest column norm. A step in a coefficient moves slow waves more than fast ones, as real images have them.
/// </summary>
/// <remarks>Free numbers are real: <c>[N, 3, H, W/2 + 1, 2]</c>, real and imaginary parts. Odd sides are exact, none is cropped.</remarks>
public sealed class FourierPixels : IImageParameterization
{
    /// <summary>lucid's constant between the transform and the logistic function.</summary>
    private const double Divisor = 4;

    private readonly ColourMix _mix;
    private readonly ConcurrentDictionary<(int Height, int Width), double[]> _scales = new();

    /// <summary>Decorrelated by <paramref name="statistics"/>; ImageNet's when null.</summary>
    public FourierPixels(ColourStatistics? statistics = null, ColourRoot root = ColourRoot.PrincipalAxes)
    {
        (Statistics, Root) = (statistics ?? ColourStatistics.ImageNet, root);
        _mix = new ColourMix(Statistics.NormalizedRoot(root));
    }

    /// <inheritdoc/>
    public ColourStatistics Statistics { get; }

    /// <summary>Which root of their covariance.</summary>
    public ColourRoot Root { get; }

    /// <summary>The exponent of |f|: 1 as in lucid; real images have about 1.4.</summary>
    public double Decay { get; init; } = 1;

    /// <summary>Standard deviation of the coefficients at the start.</summary>
    public double StartDeviation { get; init; } = 0.01;

    /// <inheritdoc/>
    public string Name => FormattableString.Invariant($"Fourier, decay {Decay}, decorrelated ({ColourMix.Describe(Root)})");

    /// <inheritdoc/>
    public string Description => FormattableString.Invariant($"{Name}, start ±{StartDeviation}");

    /// <inheritdoc/>
    public bool IsSpatial => false;

    /// <inheritdoc/>
    public Tensor Start(IReadOnlyList<CounterRandom> streams, int height, int width) =>
        PixelNoise.Draw(streams, [3, height, Frequencies.Columns(width), 2], StartDeviation);

    /// <inheritdoc/>
    public Tensor ToRgb(Tensor parameters, int height, int width)
    {
        using var scope = NewDisposeScope();
        Tensor spectrum = view_as_complex(parameters * Scale(parameters, height, width));
        Tensor waves = fft.irfft2(spectrum, [height, width], norm: FFTNormType.Ortho);
        return _mix.Apply(waves, 1 / Divisor).sigmoid().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor FromRgb(Tensor rgb)
    {
        using var scope = NewDisposeScope();
        Tensor waves = _mix.Undo(rgb.logit(ColourMix.Epsilon), 1 / Divisor);
        Tensor spectrum = view_as_real(fft.rfft2(waves, norm: FFTNormType.Ortho));
        return (spectrum / Scale(spectrum, (int)rgb.shape[2], (int)rgb.shape[3])).MoveToOuterDisposeScope();
    }

    private Tensor Scale(Tensor like, int height, int width)
    {
        double[] scales = _scales.GetOrAdd((height, width), size => Frequencies.Decay(size.Height, size.Width, Decay));
        return tensor(scales, [1, 1, height, Frequencies.Columns(width), 1], dtype: like.dtype, device: like.device);
    }
}
