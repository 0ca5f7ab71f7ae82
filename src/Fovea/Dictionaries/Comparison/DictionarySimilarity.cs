using Fovea.Dictionaries.Plain;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Comparison;

/// <summary>
/// How alike sets of directions are: learned and true ones, or those of two seeds (stability). Rows are directions, <c>[n, d]</c>; their
/// length does not matter, a row of zeros has cosine 0 with everything. Computed in float64. Definitions in docs/reference/metrics.md.
/// </summary>
public static class DictionarySimilarity
{
    private const int RowsAtOnce = 1024;

    /// <summary>
    /// MCC: the mean |cosine| of the pairs that the Hungarian algorithm matches one to one, over min(n_a, n_b) pairs (O'Neill et al. 2024,
    /// arXiv 2411.13117; Song et al. 2025, arXiv 2505.20254). 1 where the smaller set is part of the larger, up to sign.
    /// </summary>
    /// <param name="a"><c>[n_a, d]</c>.</param>
    /// <param name="b"><c>[n_b, d]</c>.</param>
    /// <param name="signed">Take the cosine itself: opposite directions are then as different as can be.</param>
    /// <exception cref="ArgumentException">The sets are empty or of other lengths.</exception>
    public static double MatchedCosine(Tensor a, Tensor b, bool signed = false)
    {
        using var scope = NewDisposeScope();
        var (left, right) = (Unit(a), Unit(b));
        RequireSameLength(left, right);
        // One table, in single precision, read in place: it decides who is matched; the cosines of the pairs are then taken in double
        // precision.
        var cost = new List<float[]>();
        foreach (var (start, length) in VectorBatches.Parts(left.shape[0], RowsAtOnce))
        {
            using var part = NewDisposeScope();
            var cosines = left.narrow(0, start, length).matmul(right.t());
            var near = (signed ? cosines : cosines.abs_()).neg_().to_type(ScalarType.Float32).cpu();
            for (long row = 0; row < length; row++) cost.Add(near[row].data<float>().ToArray());
        }
        int[] columns = HungarianMatching.Solve(cost);
        long[] rows = [.. Enumerable.Range(0, columns.Length).Where(row => columns[row] >= 0).Select(row => (long)row)];
        var matched = tensor([.. rows.Select(row => (long)columns[row])]).to(right.device);
        var pairs = (left.index_select(0, tensor(rows).to(left.device)) * right.index_select(0, matched)).sum([1L]);
        return (signed ? pairs : pairs.abs()).mean().item<double>();
    }

    /// <summary>
    /// The mean over the rows of <paramref name="a"/> of the largest |cosine| with a row of <paramref name="b"/> (MMCS, Sharkey et al.
    /// 2022): several rows may share one, so it is never below the mean matched cosine of as many rows. Not symmetric.
    /// </summary>
    /// <param name="a"><c>[n_a, d]</c>, the true directions where there are some.</param>
    /// <param name="b"><c>[n_b, d]</c>.</param>
    /// <param name="signed">Take the cosine itself.</param>
    /// <exception cref="ArgumentException">The sets are empty or of other lengths.</exception>
    public static double MeanMaximumCosine(Tensor a, Tensor b, bool signed = false)
    {
        using var scope = NewDisposeScope();
        var (left, right) = (Unit(a), Unit(b));
        RequireSameLength(left, right);
        double sum = 0;
        foreach (var (start, length) in VectorBatches.Parts(left.shape[0], RowsAtOnce))
        {
            using var part = NewDisposeScope();
            var cosines = left.narrow(0, start, length).matmul(right.t());
            sum += (signed ? cosines : cosines.abs_()).amax([1L]).sum().item<double>();
        }
        return sum / left.shape[0];
    }

    /// <summary>Cosines between different rows of one dictionary: 0 for an orthogonal one, 1 where two directions are the same.</summary>
    /// <param name="directions"><c>[n, d]</c>; with one row all three numbers are 0.</param>
    public static DirectionCoherence Coherence(Tensor directions)
    {
        using var scope = NewDisposeScope();
        var unit = Unit(directions);
        long n = unit.shape[0];
        if (n == 1) return new DirectionCoherence(0, 0, 0);
        double maximum = 0, maxima = 0, sum = 0;
        foreach (var (start, length) in VectorBatches.Parts(n, RowsAtOnce))
        {
            using var part = NewDisposeScope();
            var cosines = unit.narrow(0, start, length).matmul(unit.t()).abs_();
            var itself = arange(start, start + length, ScalarType.Int64, device: unit.device).unsqueeze(1);
            cosines.scatter_(1, itself, zeros_like(cosines));
            var largest = cosines.amax([1L]);
            maximum = Math.Max(maximum, largest.max().item<double>());
            maxima += largest.sum().item<double>();
            sum += cosines.sum().item<double>();
        }
        return new DirectionCoherence(maximum, maxima / n, sum / ((double)n * (n - 1)));
    }

    /// <summary>|cosine| of every row with every row, <c>[n_a, n_b]</c>.</summary>
    /// <param name="a"><c>[n_a, d]</c>.</param>
    /// <param name="b"><c>[n_b, d]</c>.</param>
    /// <param name="signed">Give the cosine itself.</param>
    /// <exception cref="ArgumentException">The sets are empty or of other lengths.</exception>
    public static double[,] Cosines(Tensor a, Tensor b, bool signed = false)
    {
        using var scope = NewDisposeScope();
        var (left, right) = (Unit(a), Unit(b));
        RequireSameLength(left, right);
        var values = left.matmul(right.t()).cpu().data<double>().ToArray();
        int columns = (int)right.shape[0];
        var cosines = new double[left.shape[0], columns];
        for (int i = 0; i < values.Length; i++) cosines[i / columns, i % columns] = signed ? values[i] : Math.Abs(values[i]);
        return cosines;
    }

    private static Tensor Unit(Tensor directions)
    {
        ArgumentNullException.ThrowIfNull(directions);
        if (directions.dim() != 2 || directions.shape[0] == 0)
            throw new ArgumentException("Directions are a tensor [n, d] with at least one row.");
        using var frozen = no_grad();
        var wide = directions.detach().to_type(ScalarType.Float64);
        return wide / wide.norm(1, keepdim: true).clamp_min(1e-30);
    }

    private static void RequireSameLength(Tensor a, Tensor b)
    {
        if (a.shape[1] != b.shape[1])
            throw new ArgumentException($"Directions of {a.shape[1]} and {b.shape[1]} components cannot be compared.");
    }
}
