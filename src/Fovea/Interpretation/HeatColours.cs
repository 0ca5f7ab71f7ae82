namespace Fovea.Interpretation;

/// <summary>
/// A colour map for heat, made in OKLCh (Ottosson 2020): lightness rises evenly from dark to bright while the hue turns from violet over
/// red to yellow, so equal steps of value look like equal steps, in grey too, and both ends stand out from light and dark pages.
/// </summary>
public static class HeatColours
{
    private static readonly (byte R, byte G, byte B)[] Table = [.. Enumerable.Range(0, 256).Select(i => Compute(i / 255.0))];

    /// <summary>The colour of a value in [0, 1] (clamped; NaN is 0).</summary>
    public static (byte R, byte G, byte B) At(double value) =>
        Table[double.IsNaN(value) ? 0 : (int)Math.Round(Math.Clamp(value, 0, 1) * 255)];

    private static (byte R, byte G, byte B) Compute(double value)
    {
        double lightness = 0.28 + 0.64 * value, chroma = 0.13 + 0.24 * value * (1 - value), hue = (-60 + 165 * value) * Math.PI / 180;
        // Colours that a screen cannot show lose chroma, not lightness.
        for (double c = chroma; ; c -= 0.002)
        {
            var (r, g, b) = ToLinear(lightness, c * Math.Cos(hue), c * Math.Sin(hue));
            if (c <= 0 || (InRange(r) && InRange(g) && InRange(b))) return (Encode(r), Encode(g), Encode(b));
        }
    }

    private static bool InRange(double value) => value is >= 0 and <= 1;

    /// <summary>OKLab to linear sRGB, with the matrices of Ottosson's definition.</summary>
    private static (double R, double G, double B) ToLinear(double lightness, double a, double b)
    {
        double l = Cube(lightness + 0.3963377774 * a + 0.2158037573 * b);
        double m = Cube(lightness - 0.1055613458 * a - 0.0638541728 * b);
        double s = Cube(lightness - 0.0894841775 * a - 1.2914855480 * b);
        return (
            4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
            -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
            -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s);
    }

    private static double Cube(double value) => value * value * value;

    private static byte Encode(double linear)
    {
        double clamped = Math.Clamp(linear, 0, 1);
        double encoded = clamped <= 0.0031308 ? 12.92 * clamped : 1.055 * Math.Pow(clamped, 1 / 2.4) - 0.055;
        return (byte)Math.Round(encoded * 255);
    }
}
