using Fovea.Activations;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Plain;

/// <summary>
/// Non-negative matrix factorisation (Lee and Seung 1999): vectors that are not negative (after a ReLU) as sums of parts that are not
/// negative.
/// <code>
/// min ‖X − F D‖²   over F ≥ 0 [s, n], D ≥ 0 [n, d]
/// </code>
/// Alternating non-negative least squares, each side by accelerated projected gradients (Guan et al. 2012, NeNMF): it needs products of
/// matrices only, like Lee and Seung's multiplicative updates, but can make an entry exactly zero and leave zero again. Fits
/// <see cref="BaselineOptions.SampleRows"/> rows, whose codes are in memory, until an iteration lowers the error by less than the tolerance
/// (10⁻⁵ of ‖X‖²), or for 100 iterations. No mean is taken away; directions have length 1. A code is the non-negative least squares
/// solution for the fixed directions; with k, its k largest entries are kept and solved again without the others.
/// </summary>
public sealed class NonNegativeFactorization : FittedDictionary
{
    /// <summary>Name in <see cref="BaselineDictionaries"/>.</summary>
    public const string DictionaryName = "nmf";

    // Each side starts from its last answer: a few steps a turn come further in the same time than solving it to the end.
    private const int InnerIterations = 10;

    private NonNegativeFactorization(Tensor directions, int? k, double error, int iterations, bool converged)
        : base(DictionaryName, directions, null, null, k) => (RelativeError, Iterations, Converged) = (error, iterations, converged);

    /// <summary>‖X − F D‖² / ‖X‖² over the sample at the end of the fit.</summary>
    public double RelativeError { get; }

    /// <summary>Iterations done.</summary>
    public int Iterations { get; }

    /// <summary>False where the limit of iterations ended the fit.</summary>
    public bool Converged { get; }

    /// <summary>Fits to a sample of the rows.</summary>
    /// <param name="source">The vectors, none below 0.</param>
    /// <param name="rows">Rows to fit to.</param>
    /// <param name="options">n, k, seed, sample, limit of iterations and tolerance are used.</param>
    /// <param name="cancellation">Stops the fit.</param>
    /// <exception cref="FoveaException">
    /// Data: a value is below 0, or there are no rows. Configuration: k is above n. Numerical: a vector holds NaN or infinity, or all are
    /// zero.
    /// </exception>
    public static NonNegativeFactorization Fit(
        IVectorSource source, RowSet rows, BaselineOptions? options = null, CancellationToken cancellation = default)
    {
        options = VectorBatches.Check(source, rows, options, "a factorisation");
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var sample = VectorBatches.Sample(rows, options.SampleRows, options.Seed);
        var x = VectorBatches.ReadAll(source, sample, options.BatchRows, cancellation);
        RequireNonNegative(x, sample);
        double squares = x.square().sum(ScalarType.Float64).item<double>();
        if (squares == 0) throw FoveaException.NumericalFailure("All vectors are zero: there is nothing to factorise.");

        int latents = options.LatentSize ?? source.Dimension, limit = options.MaxIterations ?? 100;
        double tolerance = options.Tolerance ?? 1e-5, before = 1;
        var directions = Unit(
            VectorBatches.Normal(options.Seed, "baseline/nmf", latents, source.Dimension).abs_().to_type(ScalarType.Float32));
        var codes = zeros([sample.Count, latents], ScalarType.Float32);
        for (int iteration = 1; ; iteration++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var (gram, products) = UpdateCodes(x, directions, codes, options.BatchRows);
            // The same problem with the sides exchanged: Xᵀ ≈ Dᵀ Fᵀ.
            var updated = NonNegativeLeastSquares.Solve(
                gram.to_type(ScalarType.Float32), products.t().to_type(ScalarType.Float32), directions.t(), InnerIterations, 1e-6).t();
            var wide = updated.to_type(ScalarType.Float64);
            double error = Math.Max(
                0, squares - 2 * (wide * products).sum().item<double>() + (gram * wide.matmul(wide.t())).sum().item<double>()) / squares;
            codes.mul_(updated.norm(1).unsqueeze(0));
            LoopTensor.Replace(ref directions, Unit(updated));
            bool converged = before - error < tolerance;
            if (converged || iteration == limit) return new NonNegativeFactorization(directions, options.K, error, iteration, converged);
            before = error;
        }
    }

    private protected override Tensor Codes(Tensor centred) => NonNegativeCoding.Encode(centred, Directions, K);

    /// <summary>Improves the codes in place; gives Fᵀ F <c>[n, n]</c> and Fᵀ X <c>[n, d]</c>, float64.</summary>
    private static (Tensor Gram, Tensor Products) UpdateCodes(Tensor x, Tensor directions, Tensor codes, int batchRows)
    {
        using var scope = NewDisposeScope();
        long latents = directions.shape[0];
        var inner = directions.matmul(directions.t());
        var gram = zeros([latents, latents], ScalarType.Float64);
        var products = zeros([latents, x.shape[1]], ScalarType.Float64);
        foreach (var (start, length) in VectorBatches.Parts(x.shape[0], batchRows))
        {
            using var part = NewDisposeScope();
            var some = x.narrow(0, start, length);
            var old = codes.narrow(0, start, length);
            var f = NonNegativeLeastSquares.Solve(inner, some.matmul(directions.t()), old, InnerIterations, 1e-6);
            old.copy_(f);
            gram.add_(f.t().matmul(f));
            products.add_(f.t().matmul(some));
        }
        return (gram.MoveToOuterDisposeScope(), products.MoveToOuterDisposeScope());
    }

    private static Tensor Unit(Tensor rows) => rows / rows.norm(1, keepdim: true).clamp_min(1e-30);

    private static void RequireNonNegative(Tensor x, RowSet rows)
    {
        using var scope = NewDisposeScope();
        var (least, _) = x.min(1);
        long at = least.argmin().item<long>();
        float value = least[at].item<float>();
        if (value < 0)
            throw FoveaException.BadData(
                $"NMF needs vectors that are not negative, as after a ReLU: vector "
                    + $"{rows[at]} holds {value}. Use semi-NMF ('{SemiNonNegativeFactorization.DictionaryName}'), or a layer after its "
                        + $"ReLU.");
    }
}
