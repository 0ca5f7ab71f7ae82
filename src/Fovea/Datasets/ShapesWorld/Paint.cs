using Fovea.Numerics;

namespace Fovea.Datasets;

/// <summary>The colour names of ShapesWorld: eight hues and grey.</summary>
public enum ColourName
{
    /// <summary>Hue about 0°.</summary>
    Red,

    /// <summary>Hue about 27°.</summary>
    Orange,

    /// <summary>Hue about 52°.</summary>
    Yellow,

    /// <summary>Hue about 125°.</summary>
    Green,

    /// <summary>Hue about 182°.</summary>
    Cyan,

    /// <summary>Hue about 220°.</summary>
    Blue,

    /// <summary>Hue about 272°.</summary>
    Purple,

    /// <summary>Hue about 325°.</summary>
    Pink,

    /// <summary>Hardly any saturation, from nearly black to nearly white.</summary>
    Grey,
}

/// <summary>How strong a colour is.</summary>
public enum ColourTone
{
    /// <summary>Saturated and bright.</summary>
    Vivid,

    /// <summary>Little saturation, bright.</summary>
    Pale,

    /// <summary>Little light.</summary>
    Dark,
}

/// <summary>A colour as it was drawn for one surface of one image, with the name it was drawn for.</summary>
/// <param name="Colour">The name.</param>
/// <param name="Tone">The strength.</param>
/// <param name="R">Red in [0, 1], sRGB as stored.</param>
/// <param name="G">Green in [0, 1].</param>
/// <param name="B">Blue in [0, 1].</param>
public sealed record Paint(ColourName Colour, ColourTone Tone, float R, float G, float B)
{
    private static readonly double[] Hues = [0, 27, 52, 125, 182, 220, 272, 325];

    /// <summary>Euclidean distance of two colours in the RGB cube, 0 … √3.</summary>
    public double DistanceTo(Paint other)
    {
        ArgumentNullException.ThrowIfNull(other);
        double r = R - other.R, g = G - other.G, b = B - other.B;
        return Math.Sqrt(r * r + g * g + b * b);
    }

    /// <summary>This colour moved the fraction <paramref name="amount"/> of the way to <paramref name="other"/>; the name stays.</summary>
    internal Paint Towards(Paint other, double amount)
    {
        float t = (float)amount;
        return this with { R = R + (other.R - R) * t, G = G + (other.G - G) * t, B = B + (other.B - B) * t };
    }

    /// <summary>A colour near the given name and tone.</summary>
    internal static Paint Draw(CounterRandom random, ColourName colour, ColourTone tone)
    {
        double jitter = random.NextDouble(-7, 7), first = random.NextDouble(), second = random.NextDouble();
        if (colour == ColourName.Grey)
        {
            double value =
                tone switch { ColourTone.Dark => 0.12 + 0.25 * second, ColourTone.Pale => 0.7 + 0.28 * second, _ => 0.35 + 0.35 * second };
            return FromHsv(colour, tone, 360 * first, 0.05, value);
        }
        double hue = Hues[(int)colour] + jitter;
        return tone switch
        {
            ColourTone.Vivid => FromHsv(colour, tone, hue, 0.7 + 0.27 * first, 0.72 + 0.28 * second),
            ColourTone.Pale => FromHsv(colour, tone, hue, 0.18 + 0.27 * first, 0.78 + 0.22 * second),
            _ => FromHsv(colour, tone, hue, 0.45 + 0.4 * first, 0.16 + 0.28 * second),
        };
    }

    private static Paint FromHsv(ColourName colour, ColourTone tone, double hue, double saturation, double value)
    {
        float Channel(double offset)
        {
            // The usual piecewise-linear hue circle: each channel is high for a third of the circle, with ramps of a sixth.
            double k = (offset + hue / 60 + 6) % 6;
            return (float)(value - value * saturation * Math.Clamp(Math.Min(k, 4 - k), 0, 1));
        }
        return new Paint(colour, tone, Channel(5), Channel(3), Channel(1));
    }
}
