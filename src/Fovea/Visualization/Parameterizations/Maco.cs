using Fovea.Datasets;
using Fovea.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Fovea.Visualization.Parameterizations;

/// <summary>
/// Magnitude-constrained pictures (MACO; Fel et al. 2023): only the phase φ of each Fourier coefficient is free, its magnitude is that of
/// real images. rgb = σ(logit μ + 4·L·z / std z), z = F⁻¹(r·e^{iφ}) without its constants, r a <see cref="SpectrumTemplate"/> in
/// decorrelated colours, L a root of the colour covariance, μ the mean colour. The 4 undoes the logistic function's slope at grey: to first
/// order the picture has the mean and the covariance of the data.
/// </summary>
/// <remarks>
/// Free numbers: <c>[N, 3, H, W/2 + 1]</c>, φ in units of <see cref="Scale"/>. The columns of waves without a horizontal part hold each
/// wave twice; the second half follows the first, and real coefficients keep their sign, so that the magnitudes are r exactly whatever φ
/// is. (The published programs let the two copies interfere.) A constant has no phase: the mean colour is the data's. Phases are used as
/// they are, not standardised.
/// </remarks>
public sealed class Maco : IImageParameterization
{
    /// <summary>s unless said otherwise; docs/decisions/0007-feature-pictures.md says why.</summary>
    public const double DefaultScale = 0.1;

    private const double Contrast = 4, Epsilon = 1e-4;

    private readonly ColourMix _mix;

    /// <summary>
    /// With the given colours and spectrum: ImageNet's colours and 1/f^1.4 when null. A measured spectrum belongs to the colours and root
    /// it was measured with.
    /// </summary>
    public Maco(ColourStatistics? statistics = null, SpectrumTemplate? spectrum = null, ColourRoot root = ColourRoot.Cholesky)
    {
        (Statistics, Spectrum, Root) = (statistics ?? ColourStatistics.ImageNet, spectrum ?? SpectrumTemplate.Radial(), root);
        _mix = new ColourMix(Statistics.Root(root));
    }

    /// <inheritdoc/>
    public ColourStatistics Statistics { get; }

    /// <summary>The magnitudes.</summary>
    public SpectrumTemplate Spectrum { get; }

    /// <summary>Which root of the colour covariance.</summary>
    public ColourRoot Root { get; }

    /// <summary>Radians a free number of 1 turns a phase by.</summary>
    public double Scale { get; init; } = DefaultScale;

    /// <inheritdoc/>
    public string Name => $"phases only (MACO), {Spectrum.Name}";

    /// <inheritdoc/>
    public string Description =>
        FormattableString.Invariant($"phases only (MACO), {Spectrum.Description}, {ColourMix.Describe(Root)}, scale {Scale}");

    /// <inheritdoc/>
    public bool IsSpatial => false;

    /// <summary>Colours and spectrum measured on the same seeded sample of images.</summary>
    /// <param name="source">The images.</param>
    /// <param name="size">Side in pixels at which the spectrum is measured: that of the pictures.</param>
    /// <param name="images">At most so many images; 0: all.</param>
    /// <param name="seed">The draw of the images.</param>
    /// <param name="cancellationToken">Looked at between batches of images.</param>
    /// <exception cref="FoveaException">The source has no readable image or one colour only.</exception>
    public static Maco Measure(
        IImageSource source, int size, int images = 500, ulong seed = 1, CancellationToken cancellationToken = default)
    {
        var colours = ColourStatistics.Measure(source, images, seed, cancellationToken);
        return new Maco(colours, SpectrumTemplate.Measure(source, size, colours, ColourRoot.Cholesky, images, seed, cancellationToken));
    }

    /// <summary>Phases uniform round the circle.</summary>
    /// <inheritdoc/>
    public Tensor Start(IReadOnlyList<CounterRandom> streams, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(streams);
        int columns = Frequencies.Columns(width), size = 3 * height * columns;
        var values = new float[streams.Count * size];
        ParallelLoop.For(streams.Count, i =>
        {
            for (int k = 0; k < size; k++) values[i * size + k] = (float)(streams[i].NextDouble(-Math.PI, Math.PI) / Scale);
        });
        return tensor(values, [streams.Count, 3, height, columns]);
    }

    /// <inheritdoc/>
    public Tensor ToRgb(Tensor parameters, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        using var scope = NewDisposeScope();
        Tensor phases = Symmetric(parameters * Scale, width);
        Tensor magnitudes = tensor(
            Spectrum.At(height, width), [1, 3, height, Frequencies.Columns(width)], dtype: phases.dtype, device: phases.device);
        Tensor waves = fft.irfft2(polar(magnitudes.expand_as(phases).contiguous(), phases), [height, width], norm: FFTNormType.Ortho);
        Tensor centred = waves - waves.mean([2, 3], keepdim: true);
        Tensor standard = centred / (centred.square().mean([1, 2, 3], keepdim: true).sqrt() + Epsilon);
        Tensor mean = tensor(Statistics.Mean.ToArray(), [1, 3, 1, 1], dtype: phases.dtype, device: phases.device).logit(ColourMix.Epsilon);
        return (_mix.Apply(standard, Contrast) + mean).sigmoid().MoveToOuterDisposeScope();
    }

    /// <summary>The phases of pictures: their outlines stay, their magnitudes become the template's.</summary>
    /// <inheritdoc/>
    public Tensor FromRgb(Tensor rgb)
    {
        ArgumentNullException.ThrowIfNull(rgb);
        using var scope = NewDisposeScope();
        Tensor waves = _mix.Undo(rgb.logit(ColourMix.Epsilon), Contrast);
        return (fft.rfft2(waves, norm: FFTNormType.Ortho).angle() / Scale).MoveToOuterDisposeScope();
    }

    /// <summary>The first column, and the last of an even width, made such that a real picture has them: φ(−f) = −φ(f).</summary>
    private static Tensor Symmetric(Tensor phases, int width)
    {
        long columns = phases.shape[3];
        Tensor first = Odd(phases.narrow(3, 0, 1));
        if (columns == 1) return first;
        return width % 2 == 1
            ? cat([first, phases.narrow(3, 1, columns - 1)], 3)
            : cat([first, phases.narrow(3, 1, columns - 2), Odd(phases.narrow(3, columns - 1, 1))], 3);
    }

    /// <summary>
    /// Column <c>[N, 3, H, 1]</c>: rows 1 … decide, rows H − 1 … follow; rows 0 and H/2 are real, 0 or π, whichever is nearer.
    /// </summary>
    private static Tensor Odd(Tensor column)
    {
        long height = column.shape[2], deciding = (height - 1) / 2;
        List<Tensor> rows = [Real(column.narrow(2, 0, 1))];
        if (deciding > 0) rows.Add(column.narrow(2, 1, deciding));
        if (height % 2 == 0) rows.Add(Real(column.narrow(2, height / 2, 1)));
        if (deciding > 0) rows.Add(-column.narrow(2, 1, deciding).flip(2));
        return cat(rows, 2);
    }

    private static Tensor Real(Tensor phases) => phases.detach().cos().lt(0).to_type(phases.dtype) * Math.PI;
}
