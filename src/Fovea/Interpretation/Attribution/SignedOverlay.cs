using Fovea.Imaging;

namespace Fovea.Interpretation.Attribution;

/// <summary>A map with a sign laid over the picture it belongs to: red for, blue against, grey where it says nothing.</summary>
public static class SignedOverlay
{
    /// <summary>How much of the picture the strongest place covers.</summary>
    private const double Strongest = 0.7;
    private static readonly (double R, double G, double B) For = (214, 40, 40), Against = (38, 96, 214);

    /// <summary>
    /// The picture in grey, coloured by the map interpolated to its size. The value of largest size gets the strongest colour; NaN and
    /// infinity count as 0.
    /// </summary>
    /// <param name="input">The picture as the network sees it.</param>
    /// <param name="map">The signed values, <c>[height, width]</c>.</param>
    /// <param name="height">Rows of the map.</param>
    /// <param name="width">Columns of the map.</param>
    /// <exception cref="ArgumentException">The number of values is not height × width.</exception>
    public static RgbImage Draw(RgbImage input, ReadOnlySpan<float> map, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(input);
        float[] finite = [.. map.ToArray().Select(value => float.IsFinite(value) ? value : 0)];
        float[] large = HeatOverlay.Upsample(finite, height, width, input.Height, input.Width);
        double full = finite.Max(Math.Abs);
        var pixels = new byte[input.Pixels.Length];
        for (int i = 0; i < large.Length; i++)
        {
            double value = full > 0 ? large[i] / full : 0, cover = Strongest * Math.Min(Math.Abs(value), 1);
            double grey = 0.2126 * input.Pixels[3 * i] + 0.7152 * input.Pixels[3 * i + 1] + 0.0722 * input.Pixels[3 * i + 2];
            var (r, g, b) = value > 0 ? For : Against;
            pixels[3 * i] = Mix(grey, r, cover);
            pixels[3 * i + 1] = Mix(grey, g, cover);
            pixels[3 * i + 2] = Mix(grey, b, cover);
        }
        return new RgbImage(input.Width, input.Height, pixels);
    }

    private static byte Mix(double grey, double colour, double cover) => (byte)Math.Round(grey + (colour - grey) * cover);
}
