using Fovea.Imaging;

namespace Fovea.Interpretation;

/// <summary>A unit's map laid over the picture it belongs to.</summary>
public static class HeatOverlay
{
    /// <summary>How much of the picture the hottest place covers.</summary>
    private const double Strongest = 0.75;

    /// <summary>
    /// The picture in grey, darkened where the unit is silent, coloured by <see cref="HeatColours"/> where it is active. The map is scaled
    /// from 0 to
    /// <paramref name="full"/>; values below 0 are silent.
    /// </summary>
    /// <param name="input">The picture as the network sees it.</param>
    /// <param name="map">The unit's values, <c>[height, width]</c>.</param>
    /// <param name="height">Rows of the map.</param>
    /// <param name="width">Columns of the map.</param>
    /// <param name="full">The value that gets the brightest colour; the map's largest where 0.</param>
    public static RgbImage Draw(RgbImage input, ReadOnlySpan<float> map, int height, int width, double full = 0)
    {
        ArgumentNullException.ThrowIfNull(input);
        float[] large = Upsample(map, height, width, input.Height, input.Width);
        if (full <= 0) foreach (float value in map) full = Math.Max(full, value);
        var pixels = new byte[input.Pixels.Length];
        for (int i = 0; i < large.Length; i++)
        {
            double heat = full > 0 ? Math.Clamp(large[i] / full, 0, 1) : 0, cover = Strongest * heat;
            double grey = 0.6 * (0.2126 * input.Pixels[3 * i] + 0.7152 * input.Pixels[3 * i + 1] + 0.0722 * input.Pixels[3 * i + 2]);
            var (r, g, b) = HeatColours.At(heat);
            // Where the unit is active the picture's own colours come back under the heat.
            pixels[3 * i] = Blend(grey, input.Pixels[3 * i], heat, r, cover);
            pixels[3 * i + 1] = Blend(grey, input.Pixels[3 * i + 1], heat, g, cover);
            pixels[3 * i + 2] = Blend(grey, input.Pixels[3 * i + 2], heat, b, cover);
        }
        return new RgbImage(input.Width, input.Height, pixels);
    }

    /// <summary>Bilinear interpolation between the centres of cells; beyond the outermost centres the nearest value (half-pixel centres, as
    /// in torch's <c>interpolate</c> with <c>align_corners = false</c>).</summary>
    /// <param name="map"><c>[height, width]</c>.</param>
    /// <param name="height">Rows of the map.</param>
    /// <param name="width">Columns of the map.</param>
    /// <param name="outHeight">Rows of the result.</param>
    /// <param name="outWidth">Columns of the result.</param>
    /// <returns><c>[outHeight, outWidth]</c>.</returns>
    public static float[] Upsample(ReadOnlySpan<float> map, int height, int width, int outHeight, int outWidth)
    {
        if (map.Length != height * width) throw new ArgumentException($"{map.Length} values for a map of {height}×{width}.", nameof(map));
        var result = new float[checked(outHeight * outWidth)];
        for (int y = 0; y < outHeight; y++)
        {
            var (y0, y1, fy) = Between(y, outHeight, height);
            for (int x = 0; x < outWidth; x++)
            {
                var (x0, x1, fx) = Between(x, outWidth, width);
                double above = map[y0 * width + x0] * (1 - fx) + map[y0 * width + x1] * fx, below = map[y1 * width + x0] * (1 - fx)
                    + map[y1 * width + x1] * fx;
                result[y * outWidth + x] = (float)(above * (1 - fy) + below * fy);
            }
        }
        return result;
    }

    private static (int Low, int High, double Share) Between(int index, int size, int cells)
    {
        double at = Math.Clamp((index + 0.5) * cells / size - 0.5, 0, cells - 1);
        int low = (int)at;
        return (low, Math.Min(low + 1, cells - 1), at - low);
    }

    private static byte Blend(double grey, double own, double heat, double colour, double cover)
    {
        double ground = grey + (own - grey) * heat;
        return (byte)Math.Round(Math.Clamp(ground + (colour - ground) * cover, 0, 255));
    }
}
