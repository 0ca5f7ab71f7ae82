namespace Fovea.Imaging;

/// <summary>
/// The 256 possible values of each channel after normalisation, computed once, in float32 and in torchvision's order of operations.
/// </summary>
internal sealed class ColourTable
{
    private readonly float[] _values = new float[768];

    public ColourTable(float[] mean, float[] std)
    {
        for (int channel = 0; channel < 3; channel++)
        {
            for (int value = 0; value < 256; value++) _values[channel * 256 + value] = (value / 255f - mean[channel]) / std[channel];
        }
    }

    /// <summary><c>[H, W, 3]</c> bytes to <c>[3, H, W]</c> floats.</summary>
    public void Normalise(ReadOnlySpan<byte> pixels, Span<float> destination)
    {
        int count = pixels.Length / 3;
        ReadOnlySpan<float> reds = _values.AsSpan(0, 256), greens = _values.AsSpan(256, 256), blues = _values.AsSpan(512, 256);
        Span<float> red = destination[..count], green = destination.Slice(count, count), blue = destination.Slice(2 * count, count);
        for (int i = 0; i < red.Length; i++)
        {
            ReadOnlySpan<byte> pixel = pixels.Slice(i * 3, 3);
            red[i] = reds[pixel[0]];
            green[i] = greens[pixel[1]];
            blue[i] = blues[pixel[2]];
        }
    }
}
