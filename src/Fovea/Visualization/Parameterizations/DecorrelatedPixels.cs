using static TorchSharp.torch;

namespace Fovea.Visualization.Parameterizations;

/// <summary>
/// Pixels in decorrelated colours: rgb = σ(s·L·t), L the Cholesky factor of a colour covariance divided by its largest column norm (section 9.2.2 of the paper;
/// Olah et al. 2017). A step in one coordinate of t moves colours as they vary together in real images.
/// </summary>
public sealed class DecorrelatedPixels : IImageParameterization
{
    /// <summary>s unless said otherwise; docs/decisions/0007-feature-pictures.md says why.</summary>
    public const double DefaultScale = 0.1;

    /// <summary>Colours are pulled this far from 0 and 1 before the logistic function is inverted.</summary>
    internal const double Epsilon = 1e-4;

    private readonly double[,] _mix;
    private readonly double[,] _unmix;

    /// <summary>Decorrelated by <paramref name="statistics"/>; ImageNet's when null.</summary>
    public DecorrelatedPixels(ColourStatistics? statistics = null)
    {
        Statistics = statistics ?? ColourStatistics.ImageNet;
        _mix = Statistics.NormalizedCholesky();
        _unmix = InvertLower(_mix);
    }

    /// <summary>The colours it was built from.</summary>
    public ColourStatistics Statistics { get; }

    /// <inheritdoc/>
    public string Name => "decorrelated pixels (Cholesky)";

    /// <inheritdoc/>
    public bool IsSpatial => true;

    /// <summary>The factor s.</summary>
    public double Scale { get; init; } = DefaultScale;

    /// <summary>Standard deviation of the noise at the start, in s·t.</summary>
    public double StartDeviation { get; init; } = 0.1;

    /// <inheritdoc/>
    public Tensor Start(IReadOnlyList<CounterRandom> streams, int height, int width) => PixelNoise.Draw(streams, height, width, StartDeviation / Scale);

    /// <inheritdoc/>
    public Tensor ToRgb(Tensor parameters)
    {
        using var mixed = Mix(parameters, _mix, Scale);
        return mixed.sigmoid();
    }

    /// <inheritdoc/>
    public Tensor FromRgb(Tensor rgb)
    {
        using var logit = rgb.logit(Epsilon);
        return Mix(logit, _unmix, 1 / Scale);
    }

    /// <summary>factor · M · colour at every pixel: a 1×1 convolution.</summary>
    private static Tensor Mix(Tensor images, double[,] matrix, double factor)
    {
        using var scope = NewDisposeScope();
        var entries = new double[9];
        for (int k = 0; k < 9; k++) entries[k] = factor * matrix[k / 3, k % 3];
        return nn.functional.conv2d(images, tensor(entries, [3, 3, 1, 1], dtype: images.dtype, device: images.device)).MoveToOuterDisposeScope();
    }

    private static double[,] InvertLower(double[,] l)
    {
        var inverse = new double[3, 3];
        for (int j = 0; j < 3; j++)
        {
            for (int i = j; i < 3; i++)
            {
                double rest = i == j ? 1 : 0;
                for (int k = j; k < i; k++) rest -= l[i, k] * inverse[k, j];
                inverse[i, j] = rest / l[i, i];
            }
        }
        return inverse;
    }
}
