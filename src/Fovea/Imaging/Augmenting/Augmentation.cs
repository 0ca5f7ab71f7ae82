using Fovea.Numerics;

namespace Fovea.Imaging;

/// <summary>
/// The paper's training augmentations, as torchvision does them on PIL images: random resized crop, left-right flip, colour jitter
/// (8-bit), normalisation, random erasing (after normalisation, to 0). What an image gets depends only on (seed, item), so not on the
/// batch, the worker or an interruption.
/// </summary>
public sealed class Augmentation : IImageTransform
{
    /// <summary>The name of the random stream.</summary>
    internal const string Stage = "augment";

    [ThreadStatic]
    private static byte[]? OwnPixels;

    private readonly AugmentationOptions _options;
    private readonly Preprocessing _preprocessing;
    private readonly ulong _seed;

    /// <summary>An augmentation.</summary>
    /// <param name="options">What is done and how much.</param>
    /// <param name="preprocessing">Input size, mean and standard deviation; its resize and crop where there is no random crop.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="FoveaException">An option cannot be used.</exception>
    public Augmentation(AugmentationOptions options, Preprocessing preprocessing, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(preprocessing);
        options.Validate();
        (_options, _preprocessing, _seed) = (options, preprocessing, seed);
    }

    /// <inheritdoc/>
    public (int Height, int Width) OutputSize => _preprocessing.OutputSize;

    /// <summary>
    /// Writes the input, <c>[3, H, W]</c>; <paramref name="item"/> is epoch × images + index, so that every epoch draws anew. Thread-safe.
    /// </summary>
    public void Apply(RgbImage image, long item, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(image);
        (int height, int width) = OutputSize;
        var random = new CounterRandom(_seed, Stage, item);
        int bytes = width * height * 3;
        if (OwnPixels is null || OwnPixels.Length < bytes) OwnPixels = GC.AllocateUninitializedArray<byte>(bytes);
        Span<byte> pixels = OwnPixels.AsSpan(0, bytes);

        if (_options.RandomResizedCrop)
            Resampling.Resize(
                image, RandomRectangle.Crop(image.Width, image.Height, _options, random), width, height, PixelBox.Whole(width, height),
                    pixels, _preprocessing.Interpolation);
        else
            _preprocessing.FillPixels(image, pixels);
        if (random.NextDouble() < _options.Flip) FlipRows(pixels, width);
        ColourJitter.Apply(pixels, _options, random);
        _preprocessing.Normalise(pixels, destination);
        if (random.NextDouble() < _options.Erasing && RandomRectangle.Erasure(width, height, _options, random) is { } box)
            Erase(destination, box, width, height);
    }

    private static void FlipRows(Span<byte> pixels, int width)
    {
        for (int row = 0; row < pixels.Length; row += width * 3)
        {
            Span<byte> line = pixels.Slice(row, width * 3);
            for (int left = 0, right = (width - 1) * 3; left < right; left += 3, right -= 3)
            {
                (line[left], line[right]) = (line[right], line[left]);
                (line[left + 1], line[right + 1]) = (line[right + 1], line[left + 1]);
                (line[left + 2], line[right + 2]) = (line[right + 2], line[left + 2]);
            }
        }
    }

    private static void Erase(Span<float> input, PixelBox box, int width, int height)
    {
        for (int channel = 0; channel < 3; channel++)
        {
            for (int y = box.Top; y < box.Top + box.Height; y++) input.Slice((channel * height + y) * width + box.Left, box.Width).Clear();
        }
    }
}
