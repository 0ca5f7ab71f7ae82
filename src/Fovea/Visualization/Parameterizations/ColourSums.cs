using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Numerics;

namespace Fovea.Visualization.Parameterizations;

/// <summary>Mean and covariance of pixels from integer sums.</summary>
internal static class ColourSums
{
    /// <summary>Mean <c>[3]</c> and covariance <c>[3, 3]</c> of a seeded sample of images, RGB in [0, 1].</summary>
    public static (double[] Mean, double[,] Covariance) Measure(
        IImageSource source, int images, ulong seed, CancellationToken cancellationToken)
    {
        int[] taken = ImageSample.Draw(source, images, seed);
        var sums = new Int128[9];
        long pixels = 0;
        var gate = new Lock();
        ParallelLoop.For(taken.Length, i =>
        {
            byte[] rgb;
            try { rgb = source.Read(taken[i]).Pixels; }
            catch (DamagedImageException) { return; }
            Span<long> own = stackalloc long[9];
            AddPixels(rgb, own);
            lock (gate)
            {
                for (int k = 0; k < 9; k++) sums[k] += own[k];
                pixels += rgb.Length / 3;
            }
        }, cancellationToken);
        if (pixels == 0) throw FoveaException.BadData($"{source.Description} has no readable image to measure colours on.");
        return FromSums(sums, pixels);
    }

    /// <summary>Sums of r, g, b, rr, rg, rb, gg, gb, bb over 8-bit pixels.</summary>
    private static void AddPixels(byte[] rgb, Span<long> sums)
    {
        long r1 = 0, g1 = 0, b1 = 0, rr = 0, rg = 0, rb = 0, gg = 0, gb = 0, bb = 0;
        for (int i = 0; i + 2 < rgb.Length; i += 3)
        {
            int r = rgb[i], g = rgb[i + 1], b = rgb[i + 2];
            r1 += r; g1 += g; b1 += b;
            rr += r * r; rg += r * g; rb += r * b;
            gg += g * g; gb += g * b; bb += b * b;
        }
        (sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7], sums[8]) = (r1, g1, b1, rr, rg, rb, gg, gb, bb);
    }

    private static (double[] Mean, double[,] Covariance) FromSums(Int128[] sums, long pixels)
    {
        var mean = new double[3];
        for (int i = 0; i < 3; i++) mean[i] = (double)sums[i] / pixels / 255;
        var covariance = new double[3, 3];
        for (int i = 0, k = 3; i < 3; i++)
        {
            for (int j = i; j < 3; j++, k++)
            {
                // n·Σxy − Σx·Σy is exact in integers: no cancellation.
                double value = (double)(sums[k] * pixels - sums[i] * sums[j]) / ((double)pixels * pixels) / (255.0 * 255.0);
                covariance[i, j] = covariance[j, i] = value;
            }
        }
        return (mean, covariance);
    }
}
