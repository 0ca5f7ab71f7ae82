using Fovea.Activations;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Plain;

/// <summary>
/// Semi-non-negative matrix factorisation (Ding, Li and Jordan 2010, IEEE TPAMI 32(1)): codes are not negative, directions and vectors may
/// be.
/// <code>
/// min ‖X − F D‖²   over F ≥ 0 [s, n], D [n, d]
/// D ← (FᵀF)⁻¹ Fᵀ X
/// F ← F ∘ √( ([X Dᵀ]⁺ + F [D Dᵀ]⁻) / ([X Dᵀ]⁻ + F [D Dᵀ]⁺) )        A = A⁺ − A⁻, both not negative
/// </code>
/// Starts from k-means (codes 1 at the centroid, plus 0.2), as the authors do. Fits <see cref="BaselineOptions.SampleRows"/> rows, whose
/// codes are in memory, until an iteration lowers the error by less than the tolerance (10⁻⁶ of ‖X‖²), or for 200 iterations. No mean is
/// taken away; directions are scaled to length 1. A code is the non-negative least squares solution for the fixed directions; with k, its k
/// largest entries are kept and solved again without the others. Above n = d any vectors can be written without error in many ways: only k
/// then makes the codes mean something.
/// </summary>
public sealed class SemiNonNegativeFactorization : FittedDictionary
{
    /// <summary>Name in <see cref="BaselineDictionaries"/>.</summary>
    public const string DictionaryName = "seminmf";

    // Relative to the mean diagonal of FᵀF: solves the directions where two codes are the same.
    private const double Ridge = 1e-9;

    private SemiNonNegativeFactorization(Tensor directions, int? k, double error, int iterations, bool converged)
        : base(DictionaryName, directions, null, null, k) => (RelativeError, Iterations, Converged) = (error, iterations, converged);

    /// <summary>‖X − F D‖² / ‖X‖² over the sample at the end of the fit.</summary>
    public double RelativeError { get; }

    /// <summary>Iterations done.</summary>
    public int Iterations { get; }

    /// <summary>False where the limit of iterations ended the fit.</summary>
    public bool Converged { get; }

    /// <summary>Fits to a sample of the rows.</summary>
    /// <param name="source">The vectors.</param>
    /// <param name="rows">Rows to fit to.</param>
    /// <param name="options">n, k, seed, sample, limit of iterations and tolerance are used.</param>
    /// <param name="cancellation">Stops the fit.</param>
    /// <exception cref="FoveaException">
    /// Data: there are fewer sampled rows than directions. Configuration: k is above n. Numerical: a vector holds NaN or infinity, or all
    /// are zero.
    /// </exception>
    public static SemiNonNegativeFactorization Fit(
        IVectorSource source, RowSet rows, BaselineOptions? options = null, CancellationToken cancellation = default)
    {
        options = VectorBatches.Check(source, rows, options, "a factorisation");
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var sample = VectorBatches.Sample(rows, options.SampleRows, options.Seed);
        var x = VectorBatches.ReadAll(source, sample, options.BatchRows, cancellation);
        double squares = x.square().sum(ScalarType.Float64).item<double>();
        if (squares == 0) throw FoveaException.NumericalFailure("All vectors are zero: there is nothing to factorise.");

        int limit = options.MaxIterations ?? 200;
        double tolerance = options.Tolerance ?? 1e-6, before = double.PositiveInfinity;
        Tensor codes;
        using (var clusters = KMeans.Fit(source, sample, options with { K = null, MaxIterations = null, Tolerance = null }, cancellation))
            codes = Clustered(clusters, x, options.BatchRows);
        for (int iteration = 1; ; iteration++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var (gram, products) = Products(x, codes, options.BatchRows);
            var ridge = eye(gram.shape[0], dtype: ScalarType.Float64) * (gram.trace() * (Ridge / gram.shape[0]));
            var directions = linalg.solve(gram + ridge, products);
            double error = Math.Max(
                0, squares - 2 * (directions * products).sum().item<double>() + (gram * directions.matmul(directions.t())).sum()
                    .item<double>()) / squares;
            if (!double.IsFinite(error)) throw FoveaException.NumericalFailure("Semi-NMF lost its directions (NaN). Fit fewer of them.");
            bool converged = before - error < tolerance;
            if (converged || iteration == limit)
                return new SemiNonNegativeFactorization(Unit(directions), options.K, error, iteration, converged);
            before = error;
            UpdateCodes(x, directions.to_type(ScalarType.Float32), codes, options.BatchRows);
        }
    }

    private protected override Tensor Codes(Tensor centred) => NonNegativeCoding.Encode(centred, Directions, K);

    private static Tensor Clustered(KMeans clusters, Tensor x, int batchRows)
    {
        var codes = empty([x.shape[0], clusters.LatentSize], ScalarType.Float32);
        foreach (var (start, length) in VectorBatches.Parts(x.shape[0], batchRows))
        {
            using var part = NewDisposeScope();
            codes.narrow(0, start, length).copy_(clusters.EncodeDense(x.narrow(0, start, length)) + 0.2);
        }
        return codes;
    }

    /// <summary>Fᵀ F <c>[n, n]</c> and Fᵀ X <c>[n, d]</c>, float64.</summary>
    private static (Tensor Gram, Tensor Products) Products(Tensor x, Tensor codes, int batchRows)
    {
        using var scope = NewDisposeScope();
        var gram = zeros([codes.shape[1], codes.shape[1]], ScalarType.Float64);
        var products = zeros([codes.shape[1], x.shape[1]], ScalarType.Float64);
        foreach (var (start, length) in VectorBatches.Parts(x.shape[0], batchRows))
        {
            using var part = NewDisposeScope();
            var f = codes.narrow(0, start, length).t();
            gram.add_(f.matmul(f.t()));
            products.add_(f.matmul(x.narrow(0, start, length)));
        }
        return (gram.MoveToOuterDisposeScope(), products.MoveToOuterDisposeScope());
    }

    private static void UpdateCodes(Tensor x, Tensor directions, Tensor codes, int batchRows)
    {
        using var scope = NewDisposeScope();
        var inner = directions.matmul(directions.t());
        var (positive, negative) = (inner.clamp_min(0), (-inner).clamp_min_(0));
        foreach (var (start, length) in VectorBatches.Parts(x.shape[0], batchRows))
        {
            using var part = NewDisposeScope();
            var f = codes.narrow(0, start, length);
            var fit = x.narrow(0, start, length).matmul(directions.t());
            var up = fit.clamp_min(0).addmm_(f, negative, 1, 1);
            var down = (-fit).clamp_min_(0).addmm_(f, positive, 1, 1).clamp_min_(1e-30);
            f.mul_((up / down).sqrt_());
        }
    }

    private static Tensor Unit(Tensor rows) => rows / rows.norm(1, keepdim: true).clamp_min(1e-30);
}
