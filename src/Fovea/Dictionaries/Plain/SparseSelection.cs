using static TorchSharp.torch;

namespace Fovea.Dictionaries.Plain;

/// <summary>
/// How dense codes become k entries: keep the largest; refit on a chosen support; or choose greedily. Every row's result depends on that
/// row only.
/// </summary>
internal static class SparseSelection
{
    // A row's atoms [k, d] are gathered: this bounds the floats of one gather (64 MiB).
    private const long GatheredFloats = 1 << 24;

    // Relative to unit directions: keeps the small systems regular where directions coincide, far below float32's own error otherwise.
    private const double Ridge = 1e-6;

    // Below this share of the vector's length a coefficient is rounding, not activity.
    private const double Negligible = 1e-6;

    /// <summary>The k largest entries in magnitude of each row <c>[rows, n]</c>, the others zero; null keeps all.</summary>
    public static Tensor KeepLargest(Tensor codes, int? k)
    {
        if (k is null || k >= codes.shape[1]) return codes;
        using var scope = NewDisposeScope();
        var support = Largest(codes, k.Value);
        return zeros_like(codes).scatter(1, support, codes.gather(1, support)).MoveToOuterDisposeScope();
    }

    /// <summary>The latents of the k largest entries in magnitude, int64 <c>[rows, k]</c>.</summary>
    public static Tensor Largest(Tensor codes, int k)
    {
        using var scope = NewDisposeScope();
        var (_, indices) = codes.abs().topk(k, 1, largest: true, sorted: false);
        return indices.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Dense codes <c>[rows, n]</c> whose entries on <paramref name="support"/> <c>[rows, k]</c> project x orthogonally on those
    /// directions.
    /// </summary>
    public static Tensor Refit(Tensor x, Tensor directions, Tensor support)
    {
        using var scope = NewDisposeScope();
        var codes = zeros([x.shape[0], directions.shape[0]], x.dtype, x.device);
        foreach (var (start, length) in VectorBatches.Parts(x.shape[0], RowsAtOnce(support.shape[1], x.shape[1])))
        {
            using var part = NewDisposeScope();
            var chosen = support.narrow(0, start, length);
            var (coefficients, _) = Project(x.narrow(0, start, length), directions, chosen);
            codes.narrow(0, start, length).scatter_(1, chosen, coefficients);
        }
        return codes.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Orthogonal matching pursuit (Pati et al. 1993): k times the direction that fits the residual best in magnitude, then all chosen
    /// coefficients by least squares. For directions of length 1.
    /// </summary>
    public static Tensor Pursue(Tensor x, Tensor directions, int k)
    {
        using var scope = NewDisposeScope();
        var codes = zeros([x.shape[0], directions.shape[0]], x.dtype, x.device);
        foreach (var (start, length) in VectorBatches.Parts(x.shape[0], RowsAtOnce(k, x.shape[1])))
        {
            using var part = NewDisposeScope();
            var target = x.narrow(0, start, length);
            Tensor residual = target.alias(), coefficients = target.alias(), support = zeros([length, 0], ScalarType.Int64, x.device);
            for (int round = 0; round < k; round++)
            {
                using var step = NewDisposeScope();
                var fit = residual.matmul(directions.t()).abs_();
                if (round > 0) fit.scatter_(1, support, full_like(coefficients, -1));
                LoopTensor.Replace(ref support, cat([support, fit.argmax(1, keepdim: true)], 1));
                var (refitted, left) = Project(target, directions, support);
                LoopTensor.Replace(ref coefficients, refitted);
                LoopTensor.Replace(ref residual, left);
            }
            codes.narrow(0, start, length).scatter_(1, support, coefficients);
        }
        return codes.MoveToOuterDisposeScope();
    }

    private static (Tensor Coefficients, Tensor Residual) Project(Tensor x, Tensor directions, Tensor support)
    {
        using var scope = NewDisposeScope();
        long rows = x.shape[0], k = support.shape[1], d = x.shape[1];
        var atoms = directions.index_select(0, support.reshape(-1)).view(rows, k, d);
        var gram = atoms.bmm(atoms.transpose(1, 2))
            .to_type(ScalarType.Float64) + eye(k, dtype: ScalarType.Float64, device: x.device) * Ridge;
        var fit = atoms.bmm(x.unsqueeze(2)).to_type(ScalarType.Float64);
        var coefficients = linalg.solve(gram, fit).squeeze(2).to_type(x.dtype);
        var floor = x.norm(1, keepdim: true) * Negligible;
        coefficients = where(coefficients.abs().gt(floor), coefficients, zeros_like(coefficients));
        var residual = x - coefficients.unsqueeze(1).bmm(atoms).squeeze(1);
        return (coefficients.MoveToOuterDisposeScope(), residual.MoveToOuterDisposeScope());
    }

    private static long RowsAtOnce(long k, long d) => Math.Max(1, GatheredFloats / (k * d));
}
