using Fovea.Imaging;

namespace Fovea.Interpretation;

/// <summary>Square crops round the place where a unit is hottest.</summary>
public static class ExampleCrop
{
    /// <summary>
    /// The crop's square in the network's input: centred on the position's share of the input, its side <paramref name="cells"/> times the layer's stride,
    /// moved inside the input where it would stick out, never larger than the input.
    /// </summary>
    /// <param name="y">Row of the position.</param>
    /// <param name="x">Column of the position.</param>
    /// <param name="gridHeight">Rows of the layer's grid.</param>
    /// <param name="gridWidth">Columns of the layer's grid.</param>
    /// <param name="inputHeight">Height of the input in pixels.</param>
    /// <param name="inputWidth">Width of the input in pixels.</param>
    /// <param name="cells">Side of the crop in strides.</param>
    public static PixelBox Locate(int y, int x, int gridHeight, int gridWidth, int inputHeight, int inputWidth, double cells = 3)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(gridHeight);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(gridWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(cells);
        if ((uint)y >= (uint)gridHeight || (uint)x >= (uint)gridWidth)
            throw new ArgumentException($"Position ({y}, {x}) is not on a grid of {gridHeight}×{gridWidth}.", nameof(y));
        double strideY = (double)inputHeight / gridHeight, strideX = (double)inputWidth / gridWidth;
        int side = (int)Math.Clamp(Math.Round(Math.Max(strideY, strideX) * cells), 1, Math.Min(inputHeight, inputWidth));
        int top = (int)Math.Round((y + 0.5) * strideY - side / 2.0), left = (int)Math.Round((x + 0.5) * strideX - side / 2.0);
        return new PixelBox(Math.Clamp(left, 0, inputWidth - side), Math.Clamp(top, 0, inputHeight - side), side, side);
    }

    /// <summary>The crop, resampled to <paramref name="size"/> pixels.</summary>
    /// <param name="input">The picture as the network sees it (<see cref="Preprocessing.ApplyToPixels"/>).</param>
    /// <param name="box">Where; from <see cref="Locate"/>.</param>
    /// <param name="size">Side of the result in pixels.</param>
    public static RgbImage Cut(RgbImage input, PixelBox box, int size) => Resampling.Bilinear(input, box, size, size);
}
