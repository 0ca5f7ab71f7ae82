using Fovea.Imaging;
using static TorchSharp.torch;

namespace Fovea.Visualization;

/// <summary>The pictures an ascent starts from instead of noise (accentuation).</summary>
internal static class StartPictures
{
    /// <summary>Throws unless there is none, one, or one for each of <paramref name="units"/>.</summary>
    public static void Check(RenderOptions options, int units)
    {
        if (options.StartFrom.Count is not (0 or 1) && options.StartFrom.Count != units)
            throw FoveaException.BadConfiguration(
                $"{options.StartFrom.Count} pictures to start from for {units} units: give one for all, or one for each.");
    }

    /// <summary>
    /// Those of <paramref name="count"/> units from <paramref name="first"/> on: <c>[count, 3, H, W]</c> in [0, 1]; null: noise.
    /// </summary>
    public static Tensor? Of(RenderOptions options, int first, int count, (int Height, int Width) size)
    {
        if (options.StartFrom.Count == 0) return null;
        Preprocessing whole = Whole(size.Height, size.Width);
        byte[] pixels =
            [.. Enumerable.Range(first, count)
                .SelectMany(i => whole.ApplyToPixels(options.StartFrom[options.StartFrom.Count == 1 ? 0 : i]).Pixels)];
        using var scope = NewDisposeScope();
        Tensor samples = tensor(pixels, [count, size.Height, size.Width, 3]);
        return (samples.permute(0, 3, 1, 2).to(float32) / 255f).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>The middle square of pictures at a size, or, where that is no square, all of them squashed to it.</summary>
    internal static Preprocessing Whole(int height, int width) => height == width ? Preprocessing.ImageNet(height, height)
        : new Preprocessing(height, height, [0, 0, 0], [1, 1, 1], squash: true, width: width);
}
