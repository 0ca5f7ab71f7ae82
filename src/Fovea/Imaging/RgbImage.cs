namespace Fovea.Imaging;

/// <summary>A decoded picture: 8-bit RGB, rows from the top, no padding.</summary>
public sealed class RgbImage
{
    /// <summary>A picture over <paramref name="pixels"/> (not copied): <c>[Height, Width, 3]</c>, row-major.</summary>
    /// <exception cref="ArgumentException">The array's length is not height × width × 3.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.Length != checked(width * height * 3))
            throw new ArgumentException($"{pixels.Length} bytes for {width}×{height} RGB.", nameof(pixels));
        (Width, Height, Pixels) = (width, height, pixels);
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>The samples, <c>[Height, Width, 3]</c>.</summary>
    public byte[] Pixels { get; }
}
