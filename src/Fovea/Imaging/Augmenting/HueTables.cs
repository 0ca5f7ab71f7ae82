namespace Fovea.Imaging;

/// <summary>
/// What <see cref="HueConversion"/> computes for every case that exists, so that turning the hue of a pixel takes look-ups instead of
/// divisions and branches that cannot be predicted. A hue depends on the order of the three samples and their differences alone.
/// </summary>
internal sealed class HueTables
{
    private static readonly Lazy<HueTables> Built = new(() => new HueTables());

    private HueTables()
    {
        for (int most = 0; most < 256; most++)
        {
            for (int range = 0; range <= most; range++)
                Saturations[most << 8 | range] = HueConversion.ToHsv((byte)most, (byte)(most - range), (byte)(most - range)).Saturation;
        }
        for (int order = 0; order < 8; order++)
        {
            bool redOverGreen = (order & 1) != 0, greenOverBlue = (order & 2) != 0, redOverBlue = (order & 4) != 0;
            int red = (redOverGreen ? 1 : 0) + (redOverBlue ? 1 : 0), green = (redOverGreen ? 0 : 1) + (greenOverBlue ? 1 : 0);
            if (red == green) continue; // no three numbers are in a circle
            for (int range = 0; range < 256; range++)
            {
                for (int below = 0; below <= range; below++)
                {
                    // By rank: the least, the middle, the most.
                    Span<byte> samples = [0, (byte)(range - below), (byte)range];
                    Hues[order << 16 | range << 8 | below] = HueConversion.ToHsv(
                        samples[red], samples[green], samples[3 - red - green]).Hue;
                }
            }
        }
        for (int value = 0; value < 256; value++)
        {
            (Sectors[value], Rests[value]) = HueConversion.Place((byte)value);
            Strengths[value] = HueConversion.Strength((byte)value);
        }
    }

    public static HueTables Instance => Built.Value;

    /// <summary>
    /// Hue by order of the samples (1: red ≥ green, 2: green ≥ blue, 4: red ≥ blue), largest less smallest, largest less middle.
    /// </summary>
    public byte[] Hues { get; } = new byte[8 << 16];

    /// <summary>Saturation by the largest sample and largest less smallest.</summary>
    public byte[] Saturations { get; } = new byte[1 << 16];

    /// <summary>Sixth of the circle by hue.</summary>
    public int[] Sectors { get; } = new int[256];

    /// <summary>Place within the sixth by hue.</summary>
    public float[] Rests { get; } = new float[256];

    /// <summary>Saturation as a fraction.</summary>
    public float[] Strengths { get; } = new float[256];
}
