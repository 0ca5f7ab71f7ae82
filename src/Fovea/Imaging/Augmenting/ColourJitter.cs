using Fovea.Numerics;

namespace Fovea.Imaging;

/// <summary>torchvision's <c>ColorJitter</c>: the four adjustments by random factors, in random order.</summary>
internal static class ColourJitter
{
    /// <summary>Draws order and factors and applies them to RGB samples. Adjustments of amount 0 are left out.</summary>
    public static void Apply(Span<byte> rgb, AugmentationOptions options, CounterRandom random)
    {
        if (options is { Brightness: 0, Contrast: 0, Saturation: 0, Hue: 0 }) return;
        Span<int> order = [0, 1, 2, 3];
        random.Shuffle(order);
        double brightness = Factor(options.Brightness, random), contrast = Factor(options.Contrast, random), saturation = Factor(
            options.Saturation, random);
        double hue = random.NextDouble(-options.Hue, options.Hue);
        foreach (int adjustment in order)
        {
            switch (adjustment)
            {
                case 0 when options.Brightness > 0:
                    ColourAdjustments.Brightness(rgb, brightness);
                    break;
                case 1 when options.Contrast > 0:
                    ColourAdjustments.Contrast(rgb, contrast);
                    break;
                case 2 when options.Saturation > 0:
                    ColourAdjustments.Saturation(rgb, saturation);
                    break;
                case 3 when options.Hue > 0:
                    ColourAdjustments.Hue(rgb, hue);
                    break;
            }
        }
    }

    private static double Factor(double amount, CounterRandom random) => random.NextDouble(Math.Max(0, 1 - amount), 1 + amount);
}
