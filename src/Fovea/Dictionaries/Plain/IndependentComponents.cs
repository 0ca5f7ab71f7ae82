using Fovea.Activations;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Plain;

/// <summary>
/// Independent component analysis by FastICA (Hyvärinen 1999, IEEE Trans. Neural Networks 10(3)), symmetric, contrast log cosh:
/// <code>
/// z = (x − x̄) Vᵀ Λ^(−1/2)                                 whitened by PCA to n components
/// W ← E[tanh(W z) zᵀ] − diag(E[1 − tanh²(W z)]) W          for all rows at once, then W ← (W Wᵀ)^(−1/2) W
/// D = W Λ^(1/2) V, rows scaled to length 1;   f = the sources, scaled so that x̂ = f D + x̄
/// </code>
/// PCA sees all rows; the iteration sees <see cref="BaselineOptions.SampleRows"/> of them. It ends when every direction turns by less than
/// the tolerance, max |1 − |wᵢ·wᵢ′|| &lt; 10⁻⁴, or after 200 iterations (<see cref="Converged"/> says which: Gaussian sources have no
/// preferred directions and never settle). At most d directions, fewer where fewer vary. The sign is the one that gives the source a
/// positive third moment; the order is by the variance that a source explains. With k, each vector keeps the k largest contributions |fᵢ|
/// and refits them by least squares, since the directions are not orthogonal.
/// </summary>
public sealed class IndependentComponents : FittedDictionary
{
    /// <summary>Name in <see cref="BaselineDictionaries"/>.</summary>
    public const string DictionaryName = "ica";

    // Below this share of the largest eigenvalue float32 vectors hold only rounding.
    private const double SmallestEigenvalue = 1e-9;

    private IndependentComponents(Tensor directions, Tensor mean, Tensor encoder, int? k, int iterations, bool converged)
        : base(DictionaryName, directions, mean, encoder, k) => (Iterations, Converged) = (iterations, converged);

    /// <summary>Iterations done.</summary>
    public int Iterations { get; }

    /// <summary>False where the limit of iterations ended the fit.</summary>
    public bool Converged { get; }

    /// <summary>Fits to the rows.</summary>
    /// <param name="source">The vectors.</param>
    /// <param name="rows">Rows to fit to.</param>
    /// <param name="options">n ≤ d, k, seed, sample, limit of iterations and tolerance are used.</param>
    /// <param name="cancellation">Stops the fit.</param>
    /// <exception cref="FoveaException">
    /// Configuration: n is above d or above the number of directions that vary, or k above n. Data: there are no rows. Numerical: a vector
    /// holds NaN or infinity, or nothing varies.
    /// </exception>
    public static IndependentComponents Fit(
        IVectorSource source, RowSet rows, BaselineOptions? options = null, CancellationToken cancellation = default)
    {
        options = VectorBatches.Check(source, rows, options, "independent components");
        int wanted = options.LatentsAtMost(source.Dimension, "ICA");
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var moments = StreamedCovariance.Measure(source, rows, options.BatchRows, cancellation);
        var (values, components) = PrincipalComponents.Decompose(moments.Covariance);
        int rank = values.Count(value => value > values[0] * SmallestEigenvalue);
        if (rank == 0) throw FoveaException.NumericalFailure("All vectors are the same: there are no independent components.");
        if (options.LatentSize is not null && wanted > rank)
            throw FoveaException.BadConfiguration(
                $"ICA cannot find {wanted} directions: the vectors vary in {rank} only. Ask for {rank} or fewer, or leave the number out.");
        int latents = Math.Min(wanted, rank);

        var deviations = tensor(values[..latents]).sqrt();
        var principal = components.narrow(0, 0, latents);
        var whitening = (principal / deviations.unsqueeze(1)).t();
        var z = Whitened(source, options, rows, moments.Mean, whitening, cancellation);
        var (rotation, iterations, converged) = Iterate(z, latents, options, cancellation);

        var mixing = rotation.matmul(principal * deviations.unsqueeze(1));
        var (_, order) = mixing.square().sum([1L]).sort(descending: true, stable: true);
        (mixing, rotation) = (mixing.index_select(0, order), rotation.index_select(0, order));
        var scale = mixing.norm(1, keepdim: true) * Skewness(z, rotation, options.BatchRows).unsqueeze(1);
        return new IndependentComponents(
            mixing / scale, moments.Mean, whitening.matmul((rotation * scale).t()), options.K, iterations, converged);
    }

    private protected override Tensor Codes(Tensor centred)
    {
        var codes = centred.matmul(Encoder);
        return K is { } k && k < LatentSize ? SparseSelection.Refit(centred, Directions, SparseSelection.Largest(codes, k)) : codes;
    }

    private static Tensor Whitened(
        IVectorSource source, BaselineOptions options, RowSet rows, Tensor mean, Tensor whitening, CancellationToken cancellation)
    {
        var sample = VectorBatches.Sample(rows, options.SampleRows, options.Seed);
        var z = empty([sample.Count, whitening.shape[1]], ScalarType.Float32);
        VectorBatches.ForEach(source, sample, options.BatchRows, cancellation, (batch, start) =>
            z.narrow(0, start, batch.shape[0]).copy_((batch.to_type(ScalarType.Float64) - mean).matmul(whitening)));
        return z;
    }

    private static (Tensor Rotation, int Iterations, bool Converged) Iterate(
        Tensor z, int latents, BaselineOptions options, CancellationToken cancellation)
    {
        int limit = options.MaxIterations ?? 200;
        double tolerance = options.Tolerance ?? 1e-4;
        var rotation = Orthogonal(VectorBatches.Normal(options.Seed, "baseline/ica", latents, latents));
        for (int iteration = 1; ; iteration++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var next = Orthogonal(Step(z, rotation, options.BatchRows));
            double turn = ((next * rotation).sum([1L]).abs() - 1).abs().max().item<double>();
            LoopTensor.Replace(ref rotation, next);
            if (!double.IsFinite(turn)) throw FoveaException.NumericalFailure("FastICA lost its directions (NaN). Fit fewer of them.");
            if (turn < tolerance) return (rotation, iteration, true);
            if (iteration == limit) return (rotation, iteration, false);
        }
    }

    private static Tensor Step(Tensor z, Tensor rotation, int batchRows)
    {
        var narrow = rotation.to_type(ScalarType.Float32).t();
        var products = zeros_like(rotation);
        var slopes = zeros([rotation.shape[0]], ScalarType.Float64);
        foreach (var (start, length) in VectorBatches.Parts(z.shape[0], batchRows))
        {
            using var part = NewDisposeScope();
            var some = z.narrow(0, start, length);
            var squashed = some.matmul(narrow).tanh_();
            products.add_(squashed.t().matmul(some));
            slopes.add_(length - squashed.square().sum([0L]));
        }
        return (products - slopes.unsqueeze(1) * rotation) / z.shape[0];
    }

    /// <summary>(W Wᵀ)^(−1/2) W: the closest orthonormal rows.</summary>
    private static Tensor Orthogonal(Tensor w)
    {
        using var scope = NewDisposeScope();
        var (values, vectors) = linalg.eigh(w.matmul(w.t()));
        return (vectors / values.sqrt()).matmul(vectors.t()).matmul(w).MoveToOuterDisposeScope();
    }

    /// <summary>1 or −1 for each source: the sign of its third moment.</summary>
    private static Tensor Skewness(Tensor z, Tensor rotation, int batchRows)
    {
        var narrow = rotation.to_type(ScalarType.Float32).t();
        var sum = zeros([rotation.shape[0]], ScalarType.Float64);
        foreach (var (start, length) in VectorBatches.Parts(z.shape[0], batchRows))
        {
            using var part = NewDisposeScope();
            sum.add_(z.narrow(0, start, length).matmul(narrow).pow(3).sum([0L]));
        }
        return where(sum.lt(0), full_like(sum, -1), ones_like(sum));
    }
}
