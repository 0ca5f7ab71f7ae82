namespace Fovea.Imaging;

/// <summary>What a picture's header says.</summary>
/// <param name="Format">The format's name: JPEG, PNG, WebP, GIF, BMP, TIFF, PNM.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
public sealed record ImageHeader(string Format, int Width, int Height)
{
    /// <summary>Width × height.</summary>
    public long Pixels => (long)Width * Height;
}
