using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.IO;

namespace Fovea.Interpretation.Shortcuts;

/// <summary>
/// How much of each cell of a layer's grid is background: what is no object. Of images that the program draws that is known; of others a
/// folder of masks says it; where there is nothing, the frame of the image stands for it, the half of its area outside a centred ellipse,
/// which is a guess.
/// </summary>
public sealed class ImageBackground
{
    // x² + y² of a centred ellipse that covers half of the image, in halves of its sides.
    private const double FrameFrom = 2 / Math.PI;

    private readonly Func<int, RgbImage?>? _object;

    private ImageBackground(string kind, Func<int, RgbImage?>? item) => (Kind, _object) = (kind, item);

    /// <summary><c>masks</c> or <c>frame</c>.</summary>
    public string Kind { get; }

    /// <summary>The frame.</summary>
    public static ImageBackground Frame { get; } = new("frame", null);

    /// <summary>Where the object is known, as it is; else the frame.</summary>
    public static ImageBackground Of(IImageSource source) => source is not ShapesWorldSource drawn ? Frame
        : new("masks", index => Grey(drawn.Truth(index).Maps.Object, ShapesWorld.ImageSize, ShapesWorld.ImageSize));

    /// <summary>Masks of the object, white where it is: a PNG for each image, at the image's id with its ending replaced.</summary>
    /// <exception cref="FoveaException">Data: there is no such folder.</exception>
    public static ImageBackground Masks(string folder, IImageSource source)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(source);
        string root = Path.GetFullPath(folder) + Path.DirectorySeparatorChar;
        if (!Directory.Exists(root)) throw FoveaException.BadData($"There is no folder of masks {folder}.");
        return new("masks", index =>
        {
            string path = Path.GetFullPath(Path.ChangeExtension(Path.Join(root, source.Id(index)), ".png"));
            if (!path.StartsWith(root, StringComparison.Ordinal) || !File.Exists(path)) return null;
            RgbImage mask = ImageCodec.Decode(PlainFile.ReadAllBytes(path), path), image = source.Read(index);
            return (mask.Width, mask.Height) == (image.Width, image.Height) ? mask
                : throw FoveaException.BadData(
                    $"{path} is {mask.Width} × {mask.Height} pixels, its image {image.Width} × {image.Height}.");
        });
    }

    /// <summary>Of how many images the object is known, and in how many of these it is nowhere or everywhere.</summary>
    /// <param name="source">The images.</param>
    /// <param name="images">Which of them; null: all.</param>
    public (int Known, int Empty) Known(IImageSource source, IReadOnlyList<int>? images)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (_object is null) return (0, 0);
        int known = 0, empty = 0;
        for (int i = 0; i < (images?.Count ?? source.Count); i++)
        {
            if (_object(images?[i] ?? i) is not { } mask) continue;
            known++;
            if (!mask.Pixels.AsSpan().ContainsAnyExcept(mask.Pixels[0])) empty++;
        }
        return (known, empty);
    }

    /// <summary>The share of each cell that is background, <c>[height, width]</c>; null where an image has no mask.</summary>
    /// <param name="index">The image.</param>
    /// <param name="preprocessing">What images go through.</param>
    /// <param name="height">Rows of the grid.</param>
    /// <param name="width">Columns of the grid.</param>
    public float[]? Cells(int index, Preprocessing preprocessing, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        if (_object is null) return FrameCells(height, width);
        if (_object(index) is not { } mask) return null;
        RgbImage seen = preprocessing.ApplyToPixels(mask);
        var cells = new float[height * width];
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                int top = row * seen.Height / height, left = column * seen.Width / width;
                int bottom = Math.Max(top + 1, (row + 1) * seen.Height / height);
                int right = Math.Max(left + 1, (column + 1) * seen.Width / width);
                long sum = 0;
                for (int y = top; y < bottom; y++)
                {
                    for (int x = left; x < right; x++) sum += seen.Pixels[3 * (y * seen.Width + x)];
                }
                cells[row * width + column] = 1 - sum / (255f * (bottom - top) * (right - left));
            }
        }
        return cells;
    }

    private static float[] FrameCells(int height, int width)
    {
        var cells = new float[height * width];
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                double y = (2 * row + 1.0) / height - 1, x = (2 * column + 1.0) / width - 1;
                cells[row * width + column] = x * x + y * y > FrameFrom ? 1 : 0;
            }
        }
        return cells;
    }

    private static RgbImage Grey(byte[] mask, int height, int width)
    {
        var pixels = new byte[3 * mask.Length];
        for (int i = 0; i < pixels.Length; i++) pixels[i] = mask[i / 3];
        return new RgbImage(width, height, pixels);
    }
}
