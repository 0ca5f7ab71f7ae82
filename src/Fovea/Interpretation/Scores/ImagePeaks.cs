using System.Numerics;
using Fovea.Numerics;

namespace Fovea.Interpretation;

/// <summary>A unit's activation on an image, as every score by image takes it: the largest value over the image's positions.</summary>
internal static class ImagePeaks
{
    /// <summary>The largest value over the positions, <c>[images, units]</c>.</summary>
    /// <param name="values"><c>[images · positions, units]</c>, as in <see cref="IUnitObserver.Add"/>.</param>
    /// <param name="units">Number of units.</param>
    /// <param name="positions">Positions of an image.</param>
    /// <param name="images">The images' indices.</param>
    /// <exception cref="FoveaException">A value is NaN or infinite.</exception>
    public static unsafe float[] Of(ReadOnlySpan<float> values, int units, int positions, ReadOnlySpan<int> images)
    {
        if (values.Length != (long)images.Length * positions * units)
            throw new ArgumentException(
                $"{values.Length} values for {images.Length} images of {positions} positions and {units} units.", nameof(values));
        var peaks = new float[checked(images.Length * units)];
        int bad = -1;
        fixed (float* start = values)
        fixed (float* result = peaks)
        {
            float* from = start, to = result;
            ParallelLoop.For(images.Length, image =>
            {
                if (!Sweep(from + (long)image * positions * units, to + (long)image * units, units, positions))
                    Volatile.Write(ref bad, image);
            });
        }
        if (bad >= 0)
            throw FoveaException.NumericalFailure(
                $"Image {images[bad]} gives a unit a NaN or infinite activation: are the weights finite?");
        return peaks;
    }

    /// <summary>One image; false where a value is not finite.</summary>
    private static unsafe bool Sweep(float* image, float* peaks, int units, int positions)
    {
        // 0 · v is 0 for every finite v and NaN for all others, and NaN stays in a sum: one test at the end.
        Vector<float> strange = Vector<float>.Zero;
        float stranger = 0;
        for (int p = 0; p < positions; p++)
        {
            float* row = image + (long)p * units;
            int u = 0;
            for (; u <= units - Vector<float>.Count; u += Vector<float>.Count)
            {
                Vector<float> value = Vector.Load(row + u);
                strange += value * Vector<float>.Zero;
                Vector.Store(p == 0 ? value : Vector.Max(Vector.Load(peaks + u), value), peaks + u);
            }
            for (; u < units; u++)
            {
                stranger += row[u] * 0;
                peaks[u] = p == 0 ? row[u] : MathF.Max(peaks[u], row[u]);
            }
        }
        return Vector.EqualsAll(strange, Vector<float>.Zero) && stranger == 0;
    }
}
