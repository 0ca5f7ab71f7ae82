using System.Runtime.CompilerServices;

namespace Fovea.Imaging;

/// <summary>
/// torchvision's <c>adjust_brightness</c>, <c>adjust_contrast</c>, <c>adjust_saturation</c> and <c>adjust_hue</c> on PIL images: 8-bit, bit
/// for bit as Pillow's <c>ImageEnhance</c> and its HSV conversion. In place on RGB samples, <c>[…, 3]</c>.
/// </summary>
internal static class ColourAdjustments
{
    /// <summary>Mixes with black: factor 0 is black, 1 the picture.</summary>
    public static void Brightness(Span<byte> rgb, double factor) => MixWith(0, rgb, (float)factor);

    /// <summary>Mixes with grey of the picture's mean luma.</summary>
    public static void Contrast(Span<byte> rgb, double factor)
    {
        long sum = 0;
        for (int i = 0; i + 3 <= rgb.Length; i += 3) sum += Luma(rgb[i], rgb[i + 1], rgb[i + 2]);
        MixWith((int)((double)sum / (rgb.Length / 3) + 0.5), rgb, (float)factor);
    }

    /// <summary>Mixes each pixel with its luma.</summary>
    public static void Saturation(Span<byte> rgb, double factor)
    {
        float amount = (float)factor;
        if (amount == 1) return;
        for (int i = 0; i + 3 <= rgb.Length; i += 3)
        {
            Span<byte> pixel = rgb.Slice(i, 3);
            int grey = Luma(pixel[0], pixel[1], pixel[2]);
            pixel[0] = Mix(grey, pixel[0], amount);
            pixel[1] = Mix(grey, pixel[1], amount);
            pixel[2] = Mix(grey, pixel[2], amount);
        }
    }

    /// <summary>
    /// Turns the hue by <paramref name="turn"/> (−0.5 to 0.5) of the circle, through 8-bit HSV; a turn of 0 still goes through it.
    /// </summary>
    public static void Hue(Span<byte> rgb, double turn) => HueConversion.Turn(rgb, unchecked((byte)(int)(turn * 255)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Luma(int red, int green, int blue) => (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;

    private static void MixWith(int grey, Span<byte> samples, float amount)
    {
        Span<byte> table = stackalloc byte[256];
        for (int value = 0; value < 256; value++) table[value] = Mix(grey, value, amount);
        for (int i = 0; i < samples.Length; i++) samples[i] = table[samples[i]];
    }

    // ImagingBlend: in single precision, cut and not rounded.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte Mix(int from, int to, float amount) => (byte)Math.Clamp(from + amount * (to - from), 0f, 255f);
}
