using Fovea.Numerics;
using Fovea.Visualization.Pullbacks;
using static TorchSharp.torch;

namespace Fovea.Visualization.Parameterizations;

/// <summary>
/// Pixels in decorrelated colours: rgb = σ(s·L·t), L a root of a colour covariance divided by its largest column norm: the Cholesky factor
/// (section 9.2.2 of the paper) or lucid's principal axes (Olah et al. 2017). A step in one coordinate of t moves colours as they vary
/// together in real images.
/// </summary>
public sealed class DecorrelatedPixels : IImageParameterization, ILogisticPixels
{
    /// <summary>s unless said otherwise; docs/decisions/0007-feature-pictures.md says why.</summary>
    public const double DefaultScale = 0.1;

    private readonly ColourMix _mix;

    /// <summary>Decorrelated by <paramref name="statistics"/>; ImageNet's when null.</summary>
    public DecorrelatedPixels(ColourStatistics? statistics = null, ColourRoot root = ColourRoot.Cholesky)
    {
        (Statistics, Root) = (statistics ?? ColourStatistics.ImageNet, root);
        _mix = new ColourMix(Statistics.NormalizedRoot(root));
    }

    /// <inheritdoc/>
    public ColourStatistics Statistics { get; }

    /// <summary>Which root of their covariance.</summary>
    public ColourRoot Root { get; }

    /// <inheritdoc/>
    public string Name => $"decorrelated pixels ({ColourMix.Describe(Root)})";

    /// <inheritdoc/>
    public string Description => FormattableString.Invariant($"{Name}, scale {Scale}, start ±{StartDeviation}");

    /// <inheritdoc/>
    public bool IsSpatial => true;

    /// <summary>The factor s.</summary>
    public double Scale { get; init; } = DefaultScale;

    /// <summary>Standard deviation of the noise at the start, in s·t.</summary>
    public double StartDeviation { get; init; } = 0.1;

    double[,] ILogisticPixels.Matrix => _mix.Times(Scale);

    /// <inheritdoc/>
    public Tensor Start(IReadOnlyList<CounterRandom> streams, int height, int width) =>
        PixelNoise.Draw(streams, [3, height, width], StartDeviation / Scale);

    /// <inheritdoc/>
    public Tensor ToRgb(Tensor parameters, int height, int width)
    {
        using var mixed = _mix.Apply(parameters, Scale);
        return mixed.sigmoid();
    }

    /// <inheritdoc/>
    public Tensor FromRgb(Tensor rgb)
    {
        using var logit = rgb.logit(ColourMix.Epsilon);
        return _mix.Undo(logit, Scale);
    }
}
