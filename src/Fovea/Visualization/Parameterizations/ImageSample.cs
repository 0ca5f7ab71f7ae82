using Fovea.Datasets;
using Fovea.Numerics;

namespace Fovea.Visualization.Parameterizations;

/// <summary>Which images of a source something is measured on.</summary>
internal static class ImageSample
{
    /// <summary>
    /// At most <paramref name="images"/> indices (0: all) without repetition, ascending, so that archives are read forwards; the same for
    /// colours and spectrum.
    /// </summary>
    public static int[] Draw(IImageSource source, int images, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (images <= 0 || images >= source.Count) return [.. Enumerable.Range(0, source.Count)];
        int[] drawn = new CounterRandom(seed, "visualize/statistics", 0).Permutation(source.Count)[..images];
        Array.Sort(drawn);
        return drawn;
    }
}
