using Fovea.Activations;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Plain;

/// <summary>
/// Principal component analysis (Pearson 1901; Hotelling 1933): the orthonormal directions of largest variance about the mean.
/// <code>
/// f = (x − x̄) Vᵀ        x̂ = f V + x̄        rows of V: eigenvectors of the covariance, by falling eigenvalue
/// </code>
/// One pass over the rows in float64; at most d directions. The mean is taken away and given back, so a code of zeros is the mean vector.
/// With k, each vector keeps the k of its n coefficients that are largest in magnitude: the directions are orthonormal, so this is the best
/// reconstruction from k of them, and never worse than the first k. To have the first k, fit k directions. An eigenvector's sign is free:
/// its component largest in magnitude is made positive.
/// </summary>
public sealed class PrincipalComponents : FittedDictionary
{
    /// <summary>Name in <see cref="BaselineDictionaries"/>.</summary>
    public const string DictionaryName = "pca";

    private readonly double[] _eigenvalues;

    private PrincipalComponents(Tensor directions, Tensor mean, double[] eigenvalues, int? k)
        : base(DictionaryName, directions, mean, null, k) => _eigenvalues = eigenvalues;

    /// <summary>All d eigenvalues of the covariance (divided by the number of rows), falling: the variance along each direction.</summary>
    public IReadOnlyList<double> Eigenvalues => _eigenvalues;

    /// <summary>Fits to the rows.</summary>
    /// <param name="source">The vectors.</param>
    /// <param name="rows">Rows to fit to.</param>
    /// <param name="options">n ≤ d and k are used.</param>
    /// <param name="cancellation">Stops the fit.</param>
    /// <exception cref="FoveaException">Configuration: n is above d or k above n. Data: there are no rows. Numerical: NaN or infinity in a
    /// vector.</exception>
    public static PrincipalComponents Fit(
        IVectorSource source, RowSet rows, BaselineOptions? options = null, CancellationToken cancellation = default)
    {
        options = VectorBatches.Check(source, rows, options, "principal components");
        int latents = options.LatentsAtMost(source.Dimension, "PCA");
        using var scope = NewDisposeScope();
        using var moments = StreamedCovariance.Measure(source, rows, options.BatchRows, cancellation);
        var (values, directions) = Decompose(moments.Covariance);
        return new PrincipalComponents(directions.narrow(0, 0, latents), moments.Mean, values, options.K);
    }

    /// <summary>
    /// Share of the variance that the first directions explain: the sum of their eigenvalues over the sum of all; 1 where nothing varies.
    /// </summary>
    /// <param name="directions">How many, 0 … d.</param>
    public double ExplainedVariance(int directions)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(directions);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(directions, _eigenvalues.Length);
        double total = _eigenvalues.Sum();
        return total > 0 ? _eigenvalues.Take(directions).Sum() / total : 1;
    }

    /// <summary>Eigenvalues, falling and not below 0, and eigenvectors as rows <c>[d, d]</c> with their signs fixed, float64.</summary>
    internal static (double[] Values, Tensor Directions) Decompose(Tensor covariance)
    {
        using var scope = NewDisposeScope();
        var (values, vectors) = linalg.eigh(covariance);
        var rows = vectors.t().flip(0).contiguous();
        var largest = rows.gather(1, rows.abs().argmax(1, keepdim: true));
        return ([.. values.data<double>().ToArray().Reverse().Select(value => Math.Max(value, 0))],
            (rows * largest.sign()).MoveToOuterDisposeScope());
    }

    private protected override Tensor Codes(Tensor centred) => SparseSelection.KeepLargest(centred.matmul(Directions.t()), K);
}
