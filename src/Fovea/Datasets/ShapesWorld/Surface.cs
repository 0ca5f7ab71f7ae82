namespace Fovea.Datasets;

/// <summary>What covers a surface. Objects wear the first four, backgrounds all six.</summary>
public enum SurfaceTexture
{
    /// <summary>One colour.</summary>
    Plain,

    /// <summary>Parallel stripes, half body and half ink.</summary>
    Stripes,

    /// <summary>A checkerboard of body and ink.</summary>
    Checks,

    /// <summary>Round dots of ink in staggered rows.</summary>
    Dots,

    /// <summary>A ramp from body to ink across the whole image (backgrounds only).</summary>
    Gradient,

    /// <summary>Smooth random blotches between body and ink (backgrounds only).</summary>
    Clouds,
}

/// <summary>A texture with everything that was drawn for it.</summary>
/// <param name="Texture">The kind.</param>
/// <param name="Period">Repeat length in pixels (size of a blotch for clouds; unused by plain and gradient).</param>
/// <param name="Angle">Direction in degrees, in the image's frame: stripes vary along it. It does not turn with the object.</param>
/// <param name="PhaseU">Offset along the direction, in periods, [0, 1).</param>
/// <param name="PhaseV">Offset across the direction, in periods, [0, 1).</param>
/// <param name="Noise">Key of the random lattice of clouds.</param>
public sealed record Pattern(SurfaceTexture Texture, double Period, double Angle, double PhaseU, double PhaseV, ulong Noise = 0);

/// <summary>A textured surface: the pattern says where <paramref name="Ink"/> lies on <paramref name="Body"/>.</summary>
/// <param name="Body">The ground colour.</param>
/// <param name="Ink">The colour of stripes, dark squares, dots; unused where the texture is plain.</param>
/// <param name="Pattern">The texture.</param>
public sealed record Surface(Paint Body, Paint Ink, Pattern Pattern);
