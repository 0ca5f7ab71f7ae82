using Fovea.Imaging;
using Fovea.Models;

namespace Fovea.Interpretation;

/// <summary>Crops round the place where a unit is hottest.</summary>
public static class ExampleCrop
{
    /// <summary>
    /// The crop's square in the network's input: centred on the position's share of the input, its side <paramref name="cells"/> times the
    /// layer's stride, moved inside the input where it would stick out, never larger than the input.
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

    /// <summary>What a network sees beyond an image's borders, nearly: its padding is the mean colour.</summary>
    private const byte Beyond = 128;

    /// <summary>
    /// The crop to show for a position: its receptive field, clipped at the borders, where that is smaller than the input; else
    /// the square of strides, as a field of all the picture points at nothing. Of tokens it is the position's own square.
    /// </summary>
    /// <param name="field">The layer's receptive field for this input.</param>
    /// <param name="y">Row of the position.</param>
    /// <param name="x">Column of the position.</param>
    /// <param name="inputHeight">Height of the input in pixels.</param>
    /// <param name="inputWidth">Width of the input in pixels.</param>
    /// <param name="cells">Side of the square in strides.</param>
    public static PixelBox Locate(ReceptiveField field, int y, int x, int inputHeight, int inputWidth, double cells = 3)
    {
        ArgumentNullException.ThrowIfNull(field);
        PixelBox box = field.Box(y, x);
        return box.Width < inputWidth || box.Height < inputHeight
            ? box : Locate(y, x, field.GridHeight, field.GridWidth, inputHeight, inputWidth, cells);
    }

    /// <summary>The crop, resampled so that its longer side has <paramref name="size"/> pixels, in the middle of a grey square.</summary>
    /// <param name="input">The picture as the network sees it (<see cref="Preprocessing.ApplyToPixels"/>).</param>
    /// <param name="box">Where; from <c>Locate</c>.</param>
    /// <param name="size">Side of the result in pixels.</param>
    public static RgbImage Cut(RgbImage input, PixelBox box, int size)
    {
        int longer = Math.Max(box.Width, box.Height);
        int width = Math.Max(1, (int)Math.Round((double)size * box.Width / longer)), height = Math.Max(
            1, (int)Math.Round((double)size * box.Height / longer));
        RgbImage crop = Resampling.Bilinear(input, box, width, height);
        if (width == height) return crop;
        var pixels = new byte[checked(size * size * 3)];
        Array.Fill(pixels, Beyond);
        for (int row = 0; row < height; row++)
            crop.Pixels.AsSpan(row * width * 3, width * 3)
                .CopyTo(pixels.AsSpan((((size - height) / 2 + row) * size + (size - width) / 2) * 3));
        return new RgbImage(size, size, pixels);
    }
}
