namespace Fovea.Imaging;

/// <summary>The filters that pictures are resized with, as Pillow has them; all are widened when shrinking.</summary>
public enum Interpolation
{
    /// <summary>A triangle: torchvision's default.</summary>
    Bilinear,

    /// <summary>Cubic pieces with a = −0.5.</summary>
    Bicubic,

    /// <summary>A sinc in the window of a wider one, three lobes.</summary>
    Lanczos,

    /// <summary>The mean of the pixels beneath.</summary>
    Box,

    /// <summary>A sinc in Hamming's window, one lobe.</summary>
    Hamming,
}

/// <summary>The filters as functions of the distance from the middle, in output pixels when shrinking.</summary>
internal static class InterpolationFilter
{
    /// <summary>How far it reaches.</summary>
    public static double Support(Interpolation filter) => filter switch
    {
        Interpolation.Bicubic => 2,
        Interpolation.Lanczos => 3,
        Interpolation.Box => 0.5,
        _ => 1,
    };

    /// <summary>Its value at a distance.</summary>
    public static double At(Interpolation filter, double x) => filter switch
    {
        Interpolation.Bicubic => Cubic(Math.Abs(x)),
        Interpolation.Lanczos => x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0,
        Interpolation.Box => x is > -0.5 and <= 0.5 ? 1 : 0,
        Interpolation.Hamming => Math.Abs(x) < 1 ? Sinc(x) * (0.54 + 0.46 * Math.Cos(Math.PI * x)) : 0,
        _ => Math.Abs(x) is < 1 and var distance ? 1 - distance : 0,
    };

    private static double Cubic(double x) => x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? -0.5 * (((x - 5) * x + 8) * x - 4) : 0;

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);
}
