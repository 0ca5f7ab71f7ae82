using System.Text.Json.Serialization;

namespace Fovea.Imaging;

/// <summary>
/// What happens to a picture before a network sees it, equal to torchvision's <c>Resize</c>, <c>CenterCrop</c>, <c>ToTensor</c>
/// and <c>Normalize</c> on PIL images: the short side becomes <see cref="Resize"/> and the long one
/// <c>int(size · long / short)</c> (Pillow's antialiased bilinear filter, or another of <see cref="Imaging.Interpolation"/>); the middle
/// <see cref="Crop"/> × <see cref="Width"/> pixels are taken from <c>int(round((size − crop) / 2))</c> with halves to even, black added
/// where the picture is smaller; samples are divided by 255, the mean subtracted, divided by the standard deviation. Stored with a model
/// (model.json) and read from there.
/// </summary>
public sealed record Preprocessing : IImageTransform
{
    private const int MostPixelsOfASide = 1 << 30;

    [ThreadStatic]
    private static byte[]? OwnPixels;

    private ColourTable? _table;

    /// <summary>A preprocessing.</summary>
    /// <param name="resize">Length of the short side in pixels; null leaves the size as it is.</param>
    /// <param name="crop">Side of the square taken from the middle, in pixels; null takes everything, which must then have the output
    /// size.</param>
    /// <param name="mean">Means of red, green and blue, of samples in [0, 1].</param>
    /// <param name="std">Standard deviations likewise.</param>
    /// <param name="interpolation">The filter that resizes.</param>
    /// <param name="squash">Whether both sides become <paramref name="resize"/>, whatever the picture's shape; with a width of the crop, the
    /// height does, and the width that share of it.</param>
    /// <param name="width">Width of what is taken from the middle, in pixels, where it is no square: <paramref name="crop"/> is then its
    /// height.</param>
    /// <exception cref="FoveaException">A size is not positive, a width stands without a crop, or mean or std is not three usable
    /// numbers.</exception>
    [JsonConstructor]
    public Preprocessing(
        int? resize, int? crop, float[] mean, float[] std, Interpolation interpolation = Interpolation.Bilinear, bool squash = false,
            int? width = null)
    {
        if (resize <= 0)
            throw FoveaException.BadConfiguration($"Preprocessing: resize is {resize}; give a positive number of pixels or leave it out.");
        if (crop <= 0)
            throw FoveaException.BadConfiguration($"Preprocessing: crop is {crop}; give a positive number of pixels or leave it out.");
        if (width <= 0 || (width is not null && crop is null))
            throw FoveaException.BadConfiguration(
                $"Preprocessing: width is {width}{(crop is null ? " and there is no crop" : "")}; give a positive number of pixels beside "
                    + "crop, or leave it out.");
        if (resize is null && crop is null)
        {
            throw FoveaException.BadConfiguration(
                "Preprocessing: neither resize nor crop is given, so the input size is unknown; give crop = the network's input size.");
        }
        if (mean is not { Length: 3 } || !mean.All(float.IsFinite))
            throw FoveaException.BadConfiguration("Preprocessing: mean must be three finite numbers (red, green, blue).");
        if (std is not { Length: 3 } || !std.All(value => float.IsFinite(value) && value > 0))
            throw FoveaException.BadConfiguration("Preprocessing: std must be three positive numbers (red, green, blue).");
        (Resize, Crop, Mean, Std, Interpolation, Squash) = (resize, crop, mean, std, interpolation, squash);
        Width = width == crop ? null : width;
    }

    /// <summary>Length of the short side in pixels; null leaves the size as it is.</summary>
    public int? Resize { get; }

    /// <summary>Side of the square taken from the middle, in pixels; its height where there is a <see cref="Width"/>.</summary>
    public int? Crop { get; }

    /// <summary>Width of what is taken from the middle, in pixels; null: a square.</summary>
    public int? Width { get; }

    /// <summary>Means of red, green and blue, of samples in [0, 1]. Not to be changed.</summary>
    public float[] Mean { get; }

    /// <summary>Standard deviations of red, green and blue, of samples in [0, 1]. Not to be changed.</summary>
    public float[] Std { get; }

    /// <summary>The filter that resizes.</summary>
    public Interpolation Interpolation { get; }

    /// <summary>Whether both sides become <see cref="Resize"/>, whatever the picture's shape; else the short one.</summary>
    public bool Squash { get; }

    /// <inheritdoc/>
    [JsonIgnore]
    public (int Height, int Width) OutputSize => (Crop ?? Resize!.Value, Width ?? Crop ?? Resize!.Value);

    /// <summary>Height and width of pictures of this height in the shape of <see cref="OutputSize"/>.</summary>
    internal (int Height, int Width) SizeAt(int height) => (height, Broad(height));

    /// <summary>With the mean and the standard deviation of ImageNet's training images, which torchvision's weights expect.</summary>
    public static Preprocessing ImageNet(int? resize, int? crop) => new(resize, crop, [0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]);

    /// <summary>Writes the input, <c>[3, H, W]</c>; nothing is random. Thread-safe.</summary>
    /// <exception cref="FoveaException">There is no crop and the resized picture is not a square of the output size.</exception>
    public void Apply(RgbImage image, long item, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(image);
        int bytes = OutputSize.Width * OutputSize.Height * 3;
        if (OwnPixels is null || OwnPixels.Length < bytes) OwnPixels = GC.AllocateUninitializedArray<byte>(bytes);
        Span<byte> pixels = OwnPixels.AsSpan(0, bytes);
        FillPixels(image, pixels);
        Normalise(pixels, destination);
    }

    /// <summary>Only resize and crop: the picture as the network sees it, for people.</summary>
    public RgbImage ApplyToPixels(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        Layout layout = Place(image);
        ImageCodec.RequireSize(layout.Width, layout.Height, "of extreme shape");
        var pixels = GC.AllocateUninitializedArray<byte>(checked(layout.Width * layout.Height * 3));
        Fill(image, layout, pixels);
        return new RgbImage(layout.Width, layout.Height, pixels);
    }

    /// <summary>Samples to network input: <c>(value / 255 − mean) / std</c>.</summary>
    /// <param name="pixels"><c>[H, W, 3]</c> bytes.</param>
    /// <param name="destination"><c>[3, H, W]</c> floats.</param>
    public void Normalise(ReadOnlySpan<byte> pixels, Span<float> destination) =>
        (_table ??= new ColourTable(Mean, Std)).Normalise(pixels, destination);

    /// <summary>
    /// A network input, <c>[3, H, W]</c> of the <see cref="OutputSize"/>, as a picture; values outside [0, 1] are clamped.
    /// </summary>
    public RgbImage Denormalise(ReadOnlySpan<float> chw) => Denormalise(chw, OutputSize.Height, OutputSize.Width);

    /// <summary>A network input, <c>[3, height, width]</c>, as a picture; values outside [0, 1] are clamped, NaN is black.</summary>
    /// <exception cref="ArgumentException">The number of values is not 3 × height × width.</exception>
    public RgbImage Denormalise(ReadOnlySpan<float> chw, int height, int width)
    {
        int count = checked(height * width);
        if (chw.Length != count * 3) throw new ArgumentException($"{chw.Length} values for [3, {height}, {width}].", nameof(chw));
        var pixels = new byte[count * 3];
        for (int channel = 0; channel < 3; channel++)
        {
            ReadOnlySpan<float> plane = chw.Slice(channel * count, count);
            for (int i = 0; i < count; i++)
            {
                float value = plane[i] * Std[channel] + Mean[channel];
                pixels[i * 3 + channel] = (byte)(Math.Clamp(float.IsNaN(value) ? 0 : value, 0f, 1f) * 255f + 0.5f);
            }
        }
        return new RgbImage(width, height, pixels);
    }

    /// <summary>Whether all settings are equal.</summary>
    public bool Equals(Preprocessing? other) =>
        other is not null && Resize == other.Resize && Crop == other.Crop && Mean.AsSpan().SequenceEqual(other.Mean)
            && Std.AsSpan().SequenceEqual(other.Std) && Interpolation == other.Interpolation && Squash == other.Squash
                && Width == other.Width;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Resize, Crop, Mean[0], Mean[1], Mean[2], Std[0], Std[1], Std[2]);

    /// <summary>The size of a picture after <see cref="Resize"/>: torchvision's <c>_compute_resized_output_size</c>.</summary>
    internal (int Width, int Height) ResizedSize(int width, int height)
    {
        if (Resize is not { } size) return (width, height);
        if (Squash) return (Broad(size), size);
        return width <= height ? (size, Long(height, width)) : (Long(width, height), size);
        int Long(int longSide, int shortSide)
        {
            double side = (double)((long)size * longSide) / shortSide;
            return side < MostPixelsOfASide ? (int)side
                : throw new DamagedImageException(
                    "of extreme shape", $"{width}×{height} pixels with a short side of {size} would have a long side of {side:0}");
        }
    }

    /// <summary>The width of pictures of a height.</summary>
    private int Broad(int height) => Width is not { } width || Crop is not { } crop ? height
        : Math.Max(1, (int)Math.Round((double)height * width / crop));

    /// <summary>Resize and crop into <c>[H, W, 3]</c> bytes of the <see cref="OutputSize"/>.</summary>
    /// <exception cref="FoveaException">There is no crop and the resized picture is not a square of the output size.</exception>
    internal void FillPixels(RgbImage image, Span<byte> pixels)
    {
        (int height, int width) = OutputSize;
        Layout layout = Place(image);
        if (layout.Width != width || layout.Height != height)
        {
            throw FoveaException.BadData(
                $"A picture of {image.Width}×{image.Height} becomes {layout.Width}×{layout.Height} and not {width}×{height}: "
                + "set preprocessing.crop to the network's input size.");
        }
        Fill(image, layout, pixels);
    }

    private Layout Place(RgbImage image)
    {
        (int width, int height) = ResizedSize(image.Width, image.Height);
        return new Layout(width, height, Width ?? Crop ?? width, Crop ?? height);
    }

    private void Fill(RgbImage image, Layout layout, Span<byte> pixels)
    {
        PixelBox whole = PixelBox.Whole(image.Width, image.Height), window = layout.Window;
        if (window.Width == layout.Width && window.Height == layout.Height)
        {
            Resampling.Resize(image, whole, layout.ResizedWidth, layout.ResizedHeight, window, pixels, Interpolation);
            return;
        }
        var seen = new byte[window.Width * window.Height * 3];
        Resampling.Resize(image, whole, layout.ResizedWidth, layout.ResizedHeight, window, seen, Interpolation);
        pixels.Clear();
        int rowBytes = window.Width * 3;
        for (int y = 0; y < window.Height; y++)
            seen.AsSpan(y * rowBytes, rowBytes).CopyTo(pixels[(((layout.PadTop + y) * layout.Width + layout.PadLeft) * 3)..]);
    }

    /// <summary>Where the resized picture and the centre crop lie over each other.</summary>
    private readonly struct Layout(int resizedWidth, int resizedHeight, int width, int height)
    {
        public int ResizedWidth { get; } = resizedWidth;

        public int ResizedHeight { get; } = resizedHeight;

        public int Width { get; } = width;

        public int Height { get; } = height;

        public int PadLeft { get; } = Math.Max(0, (width - resizedWidth) / 2);

        public int PadTop { get; } = Math.Max(0, (height - resizedHeight) / 2);

        /// <summary>The part of the resized picture that is seen.</summary>
        public PixelBox Window { get; } = new(
            Start(resizedWidth, width), Start(resizedHeight, height), Math.Min(resizedWidth, width), Math.Min(resizedHeight, height));

        // Python's round, as Math.Round: halves to even.
        private static int Start(int size, int crop) => crop >= size ? 0 : (int)Math.Round((size - crop) / 2.0, MidpointRounding.ToEven);
    }
}
