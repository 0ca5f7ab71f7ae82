using Fovea.Numerics;
using Fovea.Visualization.Pullbacks;
using static TorchSharp.torch;

namespace Fovea.Visualization.Parameterizations;

/// <summary>
/// The plain picture: rgb = σ(s·t), each channel of each pixel on its own (the paper's naive approach, section 9.2.1). The logistic
/// function keeps every colour displayable; s sets how far one unit of t, which is what a learning rate of 1 moves, changes a colour.
/// </summary>
public sealed class Pixels : IImageParameterization, ILogisticPixels
{
    /// <inheritdoc/>
    public string Name => "pixels";

    /// <inheritdoc/>
    public string Description => FormattableString.Invariant($"{Name}, scale {Scale}, start ±{StartDeviation}");

    /// <inheritdoc/>
    public bool IsSpatial => true;

    /// <summary>The factor s.</summary>
    public double Scale { get; init; } = DecorrelatedPixels.DefaultScale;

    /// <summary>Standard deviation of the noise at the start, in s·t.</summary>
    public double StartDeviation { get; init; } = 0.5;

    double[,] ILogisticPixels.Matrix => new[,] { { Scale, 0, 0 }, { 0, Scale, 0 }, { 0, 0, Scale } };

    /// <inheritdoc/>
    public Tensor Start(IReadOnlyList<CounterRandom> streams, int height, int width) =>
        PixelNoise.Draw(streams, [3, height, width], StartDeviation / Scale);

    /// <inheritdoc/>
    public Tensor ToRgb(Tensor parameters, int height, int width)
    {
        using var scaled = parameters * Scale;
        return scaled.sigmoid();
    }

    /// <inheritdoc/>
    public Tensor FromRgb(Tensor rgb)
    {
        using var logit = rgb.logit(ColourMix.Epsilon);
        return logit / Scale;
    }
}
