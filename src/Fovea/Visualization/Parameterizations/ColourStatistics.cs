using Fovea.Datasets;
using static TorchSharp.torch;

namespace Fovea.Visualization.Parameterizations;

/// <summary>Which square root of a colour covariance mixes independent coordinates into colours.</summary>
public enum ColourRoot
{
    /// <summary>The lower triangular factor: the paper's (section 9.2.2). Its coordinates are tied to the order of the channels.</summary>
    Cholesky,

    /// <summary>
    /// Eigenvectors times the roots of their eigenvalues: lucid's. The first coordinate is nearly luminance, the others are colour
    /// contrasts.
    /// </summary>
    PrincipalAxes,
}

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
    private readonly double[,]? _publishedRoot;

    /// <summary>Statistics with the given mean <c>[3]</c> and covariance <c>[3, 3]</c> (copied).</summary>
    /// <exception cref="ArgumentException">The shapes are others, or the covariance is not symmetric.</exception>
    public ColourStatistics(double[] mean, double[,] covariance)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(covariance);
        if (mean.Length != 3 || covariance.GetLength(0) != 3 || covariance.GetLength(1) != 3)
            throw new ArgumentException("Mean [3] and covariance [3, 3] are needed.");
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (covariance[i, j] != covariance[j, i])
                    throw new ArgumentException("The covariance is not symmetric.", nameof(covariance));
            }
        }
        (_mean, _covariance) = ([.. mean], (double[,])covariance.Clone());
    }

    private ColourStatistics(double[] mean, double[,] covariance, double[,] publishedRoot)
        : this(mean, covariance) => _publishedRoot = publishedRoot;

    /// <summary>
    /// ImageNet's, as published with lucid: mean (0.48, 0.46, 0.41) and A·Aᵀ of its root A = [[.26, .09, .02], [.27, 0, −.05], [.27, −.09,
    /// .03]].
    /// </summary>
    public static ColourStatistics ImageNet { get; } = FromRoot(
        [0.48, 0.46, 0.41], new[,] { { 0.26, 0.09, 0.02 }, { 0.27, 0, -0.05 }, { 0.27, -0.09, 0.03 } });

    /// <summary>Mean colour, RGB in [0, 1].</summary>
    public IReadOnlyList<double> Mean => _mean;

    /// <summary>The numbers, so that equal texts are equal statistics: <c>ImageNet</c>, or mean and covariance.</summary>
    public string Description => ReferenceEquals(this, ImageNet) ? "ImageNet" : FormattableString.Invariant(
        $"mean {_mean[0]}, {_mean[1]}, {_mean[2]}; covariance {_covariance[0, 0]}; {_covariance[1, 0]}, {_covariance[1, 1]}; {_covariance[2, 0]}, {_covariance[2, 1]}, {_covariance[2, 2]}");

    /// <summary>Covariance of channels <paramref name="i"/> and <paramref name="j"/> (0 red, 1 green, 2 blue).</summary>
    public double Covariance(int i, int j) => _covariance[i, j];

    /// <summary>
    /// Measured over every pixel of at most <paramref name="images"/> images of <paramref name="source"/>, drawn without replacement by
    /// <paramref name="seed"/> (0 images: all). Sums are kept as integers, so the result does not depend on any order. Damaged images are
    /// left out.
    /// </summary>
    /// <exception cref="FoveaException">The source has no readable image.</exception>
    public static ColourStatistics Measure(
        IImageSource source, int images = 500, ulong seed = 1, CancellationToken cancellationToken = default)
    {
        (double[] mean, double[,] covariance) = ColourSums.Measure(source, images, seed, cancellationToken);
        return new ColourStatistics(mean, covariance);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FoveaException">The file cannot be read or holds no mean [3] and symmetric covariance [3, 3].</exception>
    public static ColourStatistics Load(string path)
    {
        var file = DocumentFile.Read<ColoursDocument>(path);
        var covariance = new double[3, 3];
        for (int k = 0; k < 9; k++) covariance[k / 3, k % 3] = file.Covariance[k / 3][k % 3];
        try { return new ColourStatistics(file.Mean, covariance); }
        catch (ArgumentException e) { throw FoveaException.BadData($"{path}: {e.Message}", e); }
    }

    /// <summary>Writes mean and covariance as JSON.</summary>
    public void Save(string path) => DocumentFile.Write(path, new ColoursDocument(
        _mean, [.. Enumerable.Range(0, 3).Select(i => Enumerable.Range(0, 3).Select(j => _covariance[i, j]).ToArray())]));

    /// <summary>The root of the covariance of the given kind: R with R·Rᵀ = Σ, <c>[3, 3]</c>.</summary>
    /// <exception cref="FoveaException">The images have one colour only.</exception>
    public double[,] Root(ColourRoot kind) => kind == ColourRoot.Cholesky ? Cholesky() : PrincipalAxes();

    /// <summary><see cref="Root"/> divided by its largest column norm, so that no coordinate moves colour by more than itself.</summary>
    /// <exception cref="FoveaException">The images have one colour only.</exception>
    public double[,] NormalizedRoot(ColourRoot kind)
    {
        double[,] root = Root(kind);
        double largest = LargestColumn(root);
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 3; j++) root[i, j] /= largest;
        }
        return root;
    }

    /// <summary>The lower triangular L with L·Lᵀ = Σ and a positive diagonal, <c>[3, 3]</c> (the paper's choice, section 9.2.2).</summary>
    public double[,] Cholesky()
    {
        double floor = SmallestVariance();
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

    /// <summary>
    /// Eigenvectors times the roots of their eigenvalues, the largest first, red positive in each, <c>[3, 3]</c>. For
    /// <see cref="ImageNet"/> lucid's published root, whose columns are orthogonal to two digits.
    /// </summary>
    public double[,] PrincipalAxes()
    {
        double floor = SmallestVariance();
        if (_publishedRoot is not null) return (double[,])_publishedRoot.Clone();
        using var scope = NewDisposeScope();
        (Tensor values, Tensor vectors) = linalg.eigh(tensor(_covariance.Cast<double>().ToArray(), [3, 3]));
        double[] ascending = values.data<double>().ToArray(), axes = vectors.contiguous().data<double>().ToArray();
        var root = new double[3, 3];
        for (int j = 0; j < 3; j++)
        {
            double length = Math.Sqrt(Math.Max(ascending[2 - j], floor)) * (axes[2 - j] < 0 ? -1 : 1);
            for (int i = 0; i < 3; i++) root[i, j] = length * axes[3 * i + 2 - j];
        }
        return root;
    }

    private static double LargestColumn(double[,] root)
    {
        double largest = 0;
        for (int j = 0; j < 3; j++)
            largest = Math.Max(largest, Math.Sqrt(root[0, j] * root[0, j] + root[1, j] * root[1, j] + root[2, j] * root[2, j]));
        return largest;
    }

    private double SmallestVariance()
    {
        double floor = SmallestPivot * Math.Max(_covariance[0, 0], Math.Max(_covariance[1, 1], _covariance[2, 2]));
        return floor > 0 ? floor : throw FoveaException.BadData(
            "The images have one colour only: there is no colour covariance to decorrelate by. Use ColourStatistics.ImageNet.");
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
        return new ColourStatistics(mean, covariance, root);
    }
}
