namespace Fovea.Imaging;

/// <summary>
/// The paper's training augmentations (section 6.1.2) with torchvision's defaults. The paper names colour jitter without amounts and
/// torchvision's default is none: 0.4 for brightness, contrast and saturation are those of the usual ImageNet training recipes, with a
/// small turn of the hue.
/// </summary>
public sealed record AugmentationOptions
{
    /// <summary>Only what <see cref="Preprocessing"/> does.</summary>
    public static AugmentationOptions None { get; } =
        new() { RandomResizedCrop = false, Flip = 0, Brightness = 0, Contrast = 0, Saturation = 0, Hue = 0, Erasing = 0 };

    /// <summary>
    /// Whether a random part of the picture is resized to the input size; otherwise the preprocessing's resize and centre crop are used.
    /// </summary>
    public bool RandomResizedCrop { get; init; } = true;

    /// <summary>Least part of the picture's area a crop takes.</summary>
    public double CropScaleMinimum { get; init; } = 0.08;

    /// <summary>Largest part of the picture's area a crop takes.</summary>
    public double CropScaleMaximum { get; init; } = 1.0;

    /// <summary>Least width : height of a crop.</summary>
    public double CropRatioMinimum { get; init; } = 3.0 / 4.0;

    /// <summary>Largest width : height of a crop.</summary>
    public double CropRatioMaximum { get; init; } = 4.0 / 3.0;

    /// <summary>Probability of a left-right flip.</summary>
    public double Flip { get; init; } = 0.5;

    /// <summary>Brightness is multiplied by a factor from max(0, 1 − amount) to 1 + amount; 0: not at all.</summary>
    public double Brightness { get; init; } = 0.4;

    /// <summary>Contrast, likewise.</summary>
    public double Contrast { get; init; } = 0.4;

    /// <summary>Saturation, likewise.</summary>
    public double Saturation { get; init; } = 0.4;

    /// <summary>The hue is turned by −amount to +amount of the whole circle, at most 0.5; 0: not at all.</summary>
    public double Hue { get; init; } = 0.1;

    /// <summary>Probability that a rectangle is erased (set to 0 after normalisation: the mean colour).</summary>
    public double Erasing { get; init; } = 0.5;

    /// <summary>Least part of the input's area that is erased.</summary>
    public double EraseScaleMinimum { get; init; } = 0.02;

    /// <summary>Largest part of the input's area that is erased.</summary>
    public double EraseScaleMaximum { get; init; } = 0.33;

    /// <summary>Least height : width of an erased rectangle.</summary>
    public double EraseRatioMinimum { get; init; } = 0.3;

    /// <summary>Largest height : width of an erased rectangle.</summary>
    public double EraseRatioMaximum { get; init; } = 3.3;

    /// <summary>Throws unless all values can be used.</summary>
    /// <exception cref="FoveaException">One cannot; the message names it.</exception>
    public void Validate()
    {
        Range(CropScaleMinimum, CropScaleMaximum, 1, "cropScale");
        Range(CropRatioMinimum, CropRatioMaximum, double.MaxValue, "cropRatio");
        Range(EraseScaleMinimum, EraseScaleMaximum, 1, "eraseScale");
        Range(EraseRatioMinimum, EraseRatioMaximum, double.MaxValue, "eraseRatio");
        Between(Flip, 1, nameof(Flip));
        Between(Erasing, 1, nameof(Erasing));
        Between(Brightness, double.MaxValue, nameof(Brightness));
        Between(Contrast, double.MaxValue, nameof(Contrast));
        Between(Saturation, double.MaxValue, nameof(Saturation));
        Between(Hue, 0.5, nameof(Hue));

        static void Range(double low, double high, double most, string name)
        {
            if (!(low > 0 && low <= high && high <= most))
            {
                throw FoveaException.BadConfiguration(
                    $"Augmentation: {name}Minimum {low} and {name}Maximum {high} must be positive, in this "
                        + $"order{(most == 1 ? " and at most 1" : "")}.");
            }
        }

        static void Between(double value, double most, string name)
        {
            if (!(value >= 0 && value <= most))
            {
                string range = most < 2 ? $"from 0 to {most}" : "0 or more";
                throw FoveaException.BadConfiguration(
                    $"Augmentation: {char.ToLowerInvariant(name[0])}{name[1..]} is {value}; it must be {range}.");
            }
        }
    }
}
