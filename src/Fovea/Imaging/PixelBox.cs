namespace Fovea.Imaging;

/// <summary>A rectangle of whole pixels.</summary>
/// <param name="Left">First column.</param>
/// <param name="Top">First row.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
public readonly record struct PixelBox(int Left, int Top, int Width, int Height)
{
    /// <summary>The whole of a picture.</summary>
    public static PixelBox Whole(int width, int height) => new(0, 0, width, height);

    /// <summary>Throws unless the box has pixels and lies inside a picture of the given size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not.</exception>
    internal void RequireInside(int width, int height)
    {
        if (Left < 0 || Top < 0 || Width <= 0 || Height <= 0 || Width > width - Left || Height > height - Top)
            throw new ArgumentOutOfRangeException(nameof(width), $"{this} does not lie inside a picture of {width}×{height}.");
    }
}
