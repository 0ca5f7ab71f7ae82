namespace Fovea.Imaging;

/// <summary>
/// RGB to 8-bit HSV and back, bit for bit as Pillow does it: the mixture of float and double is its own (<c>rgb2hsv_row</c> and
/// <c>hsv2rgb</c>) and decides the last bit.
/// </summary>
internal static class HueConversion
{
    // Which of (value, p, q, t) red, green and blue are, by sixth of the circle.
    private static ReadOnlySpan<byte> Order => [0, 3, 1, 2, 0, 1, 1, 0, 3, 1, 2, 0, 3, 1, 0, 0, 1, 2];

    /// <summary>Turns every pixel's hue by <paramref name="shift"/> of 256 steps.</summary>
    public static void Turn(Span<byte> rgb, byte shift)
    {
        HueTables tables = HueTables.Instance;
        ReadOnlySpan<byte> hues = tables.Hues, saturations = tables.Saturations;
        Span<byte> parts = stackalloc byte[4];
        for (int i = 0; i + 3 <= rgb.Length; i += 3)
        {
            Span<byte> pixel = rgb.Slice(i, 3);
            int red = pixel[0], green = pixel[1], blue = pixel[2];
            int most = Math.Max(red, Math.Max(green, blue)), least = Math.Min(red, Math.Min(green, blue)), middle = red + green + blue
                - most - least;
            int order = (red >= green ? 1 : 0) | (green >= blue ? 2 : 0) | (red >= blue ? 4 : 0);
            int hue = (hues[order << 16 | (most - least) << 8 | (most - middle)] + shift) & 255;
            double strength = tables.Strengths[saturations[most << 8 | (most - least)]], rest = tables.Rests[hue];
            parts[0] = (byte)most;
            parts[1] = Round(most * (1.0 - strength));
            parts[2] = Round(most * (1.0 - strength * rest));
            parts[3] = Round(most * (1.0 - strength * (1.0 - rest)));
            int sector = tables.Sectors[hue] * 3;
            pixel[0] = parts[Order[sector] & 3];
            pixel[1] = parts[Order[sector + 1] & 3];
            pixel[2] = parts[Order[sector + 2] & 3];
        }
    }

    /// <summary>One pixel to hue, saturation and value, each 0 to 255.</summary>
    public static (byte Hue, byte Saturation, byte Value) ToHsv(byte red, byte green, byte blue)
    {
        byte most = Math.Max(red, Math.Max(green, blue)), least = Math.Min(red, Math.Min(green, blue));
        if (most == least) return (0, 0, most);
        float range = most - least, saturation = range / most;
        float r = (most - red) / range, g = (most - green) / range, b = (most - blue) / range;
        float hue = red == most ? b - g : green == most ? (float)(2.0 + r - b) : (float)(4.0 + g - r);
        double turned = hue / 6.0 + 1.0;
        hue = (float)(turned >= 1.0 ? turned - 1.0 : turned);
        return (Clip((int)(hue * 255.0)), Clip((int)(saturation * 255.0)), most);
    }

    /// <summary>Sixth of the circle, and the place within it.</summary>
    public static (int Sector, float Fraction) Place(byte hue)
    {
        double place = (float)hue * 6.0 / 255.0;
        int sector = (int)place;
        return (sector % 6, (float)(place - (float)sector));
    }

    /// <summary>Saturation as a fraction.</summary>
    public static float Strength(byte saturation) => (float)((float)saturation / 255.0);

    // C's round, of numbers from 0 to 255.
    private static byte Round(double value) => (byte)(int)(value + 0.5);

    private static byte Clip(int value) => (byte)Math.Clamp(value, 0, 255);
}
