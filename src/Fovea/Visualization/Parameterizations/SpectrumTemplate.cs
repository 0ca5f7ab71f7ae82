using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Fovea.Visualization.Parameterizations;

/// <summary>How strong each wave is in real images, in decorrelated colours: the magnitudes that <see cref="Maco"/> keeps.</summary>
public sealed class SpectrumTemplate
{
    /// <summary>
    /// The radial exponent of ImageNet's images between one and two hundred cycles (1.42 to 1.49 in the template published with MACO).
    /// </summary>
    public const double ImageNetExponent = 1.4;

    private const int BatchImages = 16;

    private readonly int _height, _width;
    private readonly double[]? _measured;
    private readonly double _exponent;
    private readonly ConcurrentDictionary<(int Height, int Width), double[]> _resampled = new();

    private SpectrumTemplate(int height, int width, double[]? measured, int images, double exponent) =>
        (_height, _width, _measured, Images, _exponent) = (height, width, measured, images, exponent);

    /// <summary>Images it was measured on; 0: a formula.</summary>
    public int Images { get; }

    /// <summary>For captions.</summary>
    public string Name => _measured is null
        ? FormattableString.Invariant($"spectrum 1/f^{_exponent}")
        : FormattableString.Invariant($"spectrum of {Images} images at {_width}×{_height}");

    /// <summary>The name, with a hash of measured magnitudes: equal texts are equal spectra.</summary>
    public string Description => _measured is null
        ? Name
        : $"{Name}, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(_measured.AsSpan())))}";

    /// <summary>1/f^exponent in every direction and colour: a stand-in where there are no images.</summary>
    public static SpectrumTemplate Radial(double exponent = ImageNetExponent) => new(0, 0, null, 0, exponent);

    /// <summary>
    /// The mean over images of |F(R⁻¹·(rgb − mean))|, F the orthonormal transform, R the colours' root: one pass, a batch of images in
    /// memory. Each image is resized to <paramref name="size"/> on its short side and the middle square taken. The logistic function is not
    /// inverted: it would turn clipped pixels into outliers that whiten the spectrum.
    /// </summary>
    /// <param name="source">The images.</param>
    /// <param name="size">Side in pixels.</param>
    /// <param name="colours">The colours to decorrelate by; ImageNet's when null.</param>
    /// <param name="root">Which root of their covariance.</param>
    /// <param name="images">At most so many, drawn without replacement; 0: all.</param>
    /// <param name="seed">The draw of the images.</param>
    /// <param name="cancellationToken">Looked at between batches.</param>
    /// <exception cref="FoveaException">The source has no readable image.</exception>
    public static SpectrumTemplate Measure(
        IImageSource source, int size, ColourStatistics? colours = null, ColourRoot root = ColourRoot.Cholesky, int images = 500,
        ulong seed = 1, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        colours ??= ColourStatistics.ImageNet;
        var mix = new ColourMix(colours.Root(root));
        var preprocessing = Preprocessing.ImageNet(size, size);
        using var scope = NewDisposeScope();
        Tensor mean = tensor(colours.Mean.ToArray(), [1, 3, 1, 1]), sum = zeros([3, size, Frequencies.Columns(size)], float64);
        int count = 0;
        foreach (int[] batch in ImageSample.Draw(source, images, seed).Chunk(BatchImages))
        {
            cancellationToken.ThrowIfCancellationRequested();
            RgbImage?[] read = new RgbImage?[batch.Length];
            ParallelLoop.For(batch.Length, i => read[i] = Read(source, batch[i], preprocessing), cancellationToken);
            byte[][] pixels = [.. read.OfType<RgbImage>().Select(picture => picture.Pixels)];
            if (pixels.Length == 0) continue;
            using var inner = NewDisposeScope();
            Tensor rgb = tensor(pixels.SelectMany(own => own).ToArray(), [pixels.Length, size, size, 3]).permute(0, 3, 1, 2)
                .to(float64) / 255.0;
            sum.add_(fft.rfft2(mix.Undo(rgb - mean, 1), norm: FFTNormType.Ortho).abs().sum([0L]));
            count += pixels.Length;
        }
        if (count == 0) throw FoveaException.BadData($"{source.Description} has no readable image to measure a spectrum on.");
        return new SpectrumTemplate(size, size, (sum / count).data<double>().ToArray(), count, 0);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FoveaException">The file cannot be read, or its numbers do not fit its size.</exception>
    public static SpectrumTemplate Load(string path)
    {
        var file = DocumentFile.Read<SpectrumDocument>(path);
        if (file.Magnitudes is null) return Radial(file.Exponent);
        if (file.Height < 1 || file.Width < 1 || file.Magnitudes.Length != 3 * file.Height * Frequencies.Columns(file.Width)
            || file.Magnitudes.Any(r => !(r >= 0 && double.IsFinite(r))))
            throw FoveaException.BadData($"{path}: 3 × height × (width / 2 + 1) magnitudes are needed, finite and none negative.");
        return new SpectrumTemplate(file.Height, file.Width, file.Magnitudes, file.Images, 0);
    }

    /// <summary>Writes the template as JSON.</summary>
    public void Save(string path) =>
        DocumentFile.Write(
            path, new SpectrumDocument { Height = _height, Width = _width, Images = Images, Exponent = _exponent, Magnitudes = _measured });

    /// <summary>
    /// Magnitudes <c>[3, H, W/2 + 1]</c>, row-major. Of another size than measured they are read off bilinearly at the same cycles a pixel;
    /// the factor between sizes does not matter, the picture is standardised.
    /// </summary>
    internal double[] At(int height, int width) => _resampled.GetOrAdd((height, width), size => Compute(size.Height, size.Width));

    private double[] Compute(int height, int width)
    {
        if (_measured is null)
        {
            double[] plane = Frequencies.Decay(height, width, _exponent);
            return [.. plane, .. plane, .. plane];
        }
        if (height == _height && width == _width) return _measured;
        int columns = Frequencies.Columns(width);
        var values = new double[3 * height * columns];
        for (int k = 0; k < values.Length; k++)
            values[k] = Sample(
                k / (height * columns), Frequencies.Row(k / columns % height, height) * _height, (double)(k % columns) / width * _width);
        return values;
    }

    /// <summary>Between four measured waves; rows wrap round, as frequencies do, columns end at the last.</summary>
    private double Sample(int channel, double y, double x)
    {
        int columns = Frequencies.Columns(_width), y0 = (int)Math.Floor(y), x0 = Math.Min((int)x, columns - 1), x1 = Math.Min(
            x0 + 1, columns - 1);
        double fy = y - y0, fx = Math.Min(x - x0, 1);
        return (1 - fy) * ((1 - fx) * At(y0, x0) + fx * At(y0, x1)) + fy * ((1 - fx) * At(y0 + 1, x0) + fx * At(y0 + 1, x1));
        double At(int row, int column) => _measured![(channel * _height + (row % _height + _height) % _height) * columns + column];
    }

    private static RgbImage? Read(IImageSource source, int index, Preprocessing preprocessing)
    {
        try { return preprocessing.ApplyToPixels(source.Read(index)); }
        catch (DamagedImageException) { return null; }
    }
}
