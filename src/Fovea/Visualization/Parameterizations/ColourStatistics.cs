using Fovea.Datasets;

namespace Fovea.Visualization.Parameterizations;

/// <summary>
/// Mean and covariance of the colours of images, RGB in [0, 1]: what decorrelated parameterisations are built from.
/// Any L with L·Lᵀ = Σ makes independent coordinates t into colours L·t with the covariance of real pixels.
/// </summary>
public sealed class ColourStatistics
{
    /// <summary>Smallest pivot of the factorisation, as a share of the largest variance: keeps grey-only data factorisable.</summary>
    private const double SmallestPivot = 1e-6;

    private readonly double[] _mean;
    private readonly double[,] _covariance;

    /// <summary>Statistics with the given mean <c>[3]</c> and covariance <c>[3, 3]</c> (copied).</summary>
    /// <exception cref="ArgumentException">The shapes are others, or the covariance is not symmetric.</exception>
    public ColourStatistics(double[] mean, double[,] covariance)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(covariance);
        if (mean.Length != 3 || covariance.GetLength(0) != 3 || covariance.GetLength(1) != 3) throw new ArgumentException("Mean [3] and covariance [3, 3] are needed.");
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (covariance[i, j] != covariance[j, i]) throw new ArgumentException("The covariance is not symmetric.", nameof(covariance));
            }
        }
        (_mean, _covariance) = ([.. mean], (double[,])covariance.Clone());
    }

    /// <summary>
    /// ImageNet's, as published with lucid: mean (0.48, 0.46, 0.41) and A·Aᵀ of its root A = [[.26, .09, .02], [.27, 0, −.05], [.27, −.09, .03]].
    /// </summary>
    public static ColourStatistics ImageNet { get; } = FromRoot([0.48, 0.46, 0.41], new[,] { { 0.26, 0.09, 0.02 }, { 0.27, 0, -0.05 }, { 0.27, -0.09, 0.03 } });

    /// <summary>Mean colour, RGB in [0, 1].</summary>
    public IReadOnlyList<double> Mean => _mean;

    /// <summary>Covariance of channels <paramref name="i"/> and <paramref name="j"/> (0 red, 1 green, 2 blue).</summary>
    public double Covariance(int i, int j) => _covariance[i, j];

    /// <summary>
    /// Measured over every pixel of at most <paramref name="images"/> images of <paramref name="source"/>, evenly spread over it (0: all). Sums are kept
    /// as integers, so the result does not depend on any order. Damaged images are left out.
    /// </summary>
    /// <exception cref="FoveaException">The source has no readable image.</exception>
    public static ColourStatistics Measure(IImageSource source, int images = 500, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        int taken = images <= 0 ? source.Count : Math.Min(images, source.Count);
        var sums = new Int128[9];
        long pixels = 0;
        var gate = new Lock();
        var parallel = new ParallelOptions { CancellationToken = cancellationToken };
        Parallel.For(0, taken, parallel, i =>
        {
            byte[] rgb;
            try { rgb = source.Read((int)((long)i * source.Count / taken)).Pixels; }
            catch (DamagedImageException) { return; }
            Span<long> own = stackalloc long[9];
            AddPixels(rgb, own);
            lock (gate)
            {
                for (int k = 0; k < 9; k++) sums[k] += own[k];
                pixels += rgb.Length / 3;
            }
        });
        if (pixels == 0) throw FoveaException.BadData($"{source.Description} has no readable image to measure colours on.");
        return FromSums(sums, pixels);
    }

    /// <summary>The lower triangular L with L·Lᵀ = Σ and a positive diagonal, <c>[3, 3]</c> (the paper's choice, section 9.2.2).</summary>
    public double[,] Cholesky()
    {
        double floor = SmallestPivot * Math.Max(_covariance[0, 0], Math.Max(_covariance[1, 1], _covariance[2, 2]));
        if (!(floor > 0))
            throw FoveaException.BadData("The images have one colour only: there is no colour covariance to decorrelate by. Use ColourStatistics.ImageNet.");
        var l = new double[3, 3];
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double rest = _covariance[i, j];
                for (int k = 0; k < j; k++) rest -= l[i, k] * l[j, k];
                l[i, j] = i == j ? Math.Sqrt(Math.Max(rest, floor)) : rest / l[j, j];
            }
        }
        return l;
    }

    /// <summary><see cref="Cholesky"/> divided by its largest column norm, so that no coordinate moves colour by more than itself.</summary>
    public double[,] NormalizedCholesky()
    {
        double[,] l = Cholesky();
        double largest = 0;
        for (int j = 0; j < 3; j++) largest = Math.Max(largest, Math.Sqrt(l[0, j] * l[0, j] + l[1, j] * l[1, j] + l[2, j] * l[2, j]));
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 3; j++) l[i, j] /= largest;
        }
        return l;
    }

    private static ColourStatistics FromRoot(double[] mean, double[,] root)
    {
        var covariance = new double[3, 3];
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 3; j++)
            {
                for (int k = 0; k < 3; k++) covariance[i, j] += root[i, k] * root[j, k];
            }
        }
        return new ColourStatistics(mean, covariance);
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

    private static ColourStatistics FromSums(Int128[] sums, long pixels)
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
        return new ColourStatistics(mean, covariance);
    }
}
