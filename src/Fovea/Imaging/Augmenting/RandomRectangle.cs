using Fovea.Numerics;

namespace Fovea.Imaging;

/// <summary>
/// Draws rectangles of random area, shape and place as torchvision's <c>get_params</c> do: area uniform, aspect ratio uniform in its
/// logarithm, ten tries to fit.
/// </summary>
internal static class RandomRectangle
{
    private const int Tries = 10;

    /// <summary>
    /// <c>RandomResizedCrop.get_params</c>: ratio is width : height; where no try fits, the largest centred box of an allowed ratio.
    /// </summary>
    public static PixelBox Crop(int width, int height, AugmentationOptions options, CounterRandom random)
    {
        double area = (double)width * height, low = Math.Log(options.CropRatioMinimum), high = Math.Log(options.CropRatioMaximum);
        for (int i = 0; i < Tries; i++)
        {
            double target = area * random.NextDouble(options.CropScaleMinimum, options.CropScaleMaximum);
            double ratio = Math.Exp(random.NextDouble(low, high));
            double w = Round(Math.Sqrt(target * ratio)), h = Round(Math.Sqrt(target / ratio));
            if (w > 0 && w <= width && h > 0 && h <= height)
            {
                int top = random.NextInt(height - (int)h + 1), left = random.NextInt(width - (int)w + 1);
                return new PixelBox(left, top, (int)w, (int)h);
            }
        }
        double shape = (double)width / height;
        int cropWidth = width, cropHeight = height;
        if (shape < options.CropRatioMinimum) cropHeight = (int)Round(width / options.CropRatioMinimum);
        else if (shape > options.CropRatioMaximum) cropWidth = (int)Round(height * options.CropRatioMaximum);
        // A pixel at least: a very thin picture rounds to none.
        cropWidth = Math.Clamp(cropWidth, 1, width);
        cropHeight = Math.Clamp(cropHeight, 1, height);
        return new PixelBox((width - cropWidth) / 2, (height - cropHeight) / 2, cropWidth, cropHeight);
    }

    /// <summary>
    /// <c>RandomErasing.get_params</c>: ratio is height : width; null where no try is smaller than the picture in both directions.
    /// </summary>
    public static PixelBox? Erasure(int width, int height, AugmentationOptions options, CounterRandom random)
    {
        double area = (double)width * height, low = Math.Log(options.EraseRatioMinimum), high = Math.Log(options.EraseRatioMaximum);
        for (int i = 0; i < Tries; i++)
        {
            double target = area * random.NextDouble(options.EraseScaleMinimum, options.EraseScaleMaximum);
            double ratio = Math.Exp(random.NextDouble(low, high));
            double h = Round(Math.Sqrt(target * ratio)), w = Round(Math.Sqrt(target / ratio));
            if (!(h < height && w < width)) continue;
            int top = random.NextInt(height - (int)h + 1), left = random.NextInt(width - (int)w + 1);
            return new PixelBox(left, top, (int)w, (int)h);
        }
        return null;
    }

    // Python's round: halves to even.
    private static double Round(double value) => Math.Round(value, MidpointRounding.ToEven);
}
