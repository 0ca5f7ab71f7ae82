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
    /// Those of <paramref name="count"/> units from <paramref name="first"/> on: <c>[count, 3, size, size]</c> in [0, 1]; null: noise.
    /// </summary>
    public static Tensor? Of(RenderOptions options, int first, int count, int size)
    {
        if (options.StartFrom.Count == 0) return null;
        var square = Preprocessing.ImageNet(size, size);
        byte[] pixels =
            [.. Enumerable.Range(first, count)
                .SelectMany(i => square.ApplyToPixels(options.StartFrom[options.StartFrom.Count == 1 ? 0 : i]).Pixels)];
        using var scope = NewDisposeScope();
        return (tensor(pixels, [count, size, size, 3]).permute(0, 3, 1, 2).to(float32) / 255f).contiguous().MoveToOuterDisposeScope();
    }
}
