using Fovea.Models.Edits;
using static TorchSharp.torch;

namespace Fovea.Interpretation.Shortcuts;

/// <summary>
/// Takes what a linear probe could tell of a group out of vectors, <c>x′ = x − Σⱼ (rⱼ · (x − μ)) sⱼ</c>. Two ways to find the directions:
/// <list type="bullet">
/// <item>in closed form (LEACE, Belrose et al. 2023, theorem 4.3): with Σ the covariance of x, c = Cov(x, z) and W = Σ^(−½),
/// r = W u, s = W⁺ u, u = W c / ‖W c‖. No linear classifier of x′ does better than a constant, and x changes least for that;</item>
/// <item>by probes one after the other (INLP, Ravfogel et al. 2020): the direction of a logistic probe is projected away, a new probe
/// fitted to what is left, and so on.</item>
/// </list>
/// Where vectors are averaged before they are read, erasing at each position erases from the mean.
/// </summary>
/// <param name="Mean">μ, <c>[d]</c>.</param>
/// <param name="Read">rⱼ, rows of d.</param>
/// <param name="Write">sⱼ, rows of d.</param>
internal sealed record LinearErasure(double[] Mean, double[][] Read, double[][] Write)
{
    /// <summary>A share of z's variance that x explains below this is nothing to erase.</summary>
    private const double Nothing = 1e-10;

    /// <summary>Directions; 0: it is the identity.</summary>
    public int Rank => Read.Length;

    /// <summary>LEACE.</summary>
    /// <param name="x"><c>[n, d]</c>, float64.</param>
    /// <param name="member">Whether each is of the group.</param>
    /// <param name="weights">One a vector, adding up to 1.</param>
    public static LinearErasure ClosedForm(Tensor x, bool[] member, double[] weights)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor w = tensor(weights, [weights.Length, 1], float64), mean = (x * w).sum([0L]), centred = x - mean;
        double share = member.Select((own, i) => own ? weights[i] : 0).Sum();
        Tensor z = tensor([.. member.Select(own => (own ? 1 : 0) - share)], [member.Length, 1], float64);
        double variance = share * (1 - share);
        Tensor weighted = centred * w, cross = weighted.t().mm(z);
        var (values, vectors) = linalg.eigh(weighted.t().mm(centred));
        double least = Math.Max(values.max().item<double>(), 0) * x.shape[1] * 1e-12;
        Tensor kept = values > least, root = values.clamp_min(least).sqrt();
        Tensor seen = vectors.t().mm(cross).squeeze(1), whitened = where(kept, seen / root, zeros_like(seen));
        double length = whitened.pow(2).sum().item<double>();
        double[] origin = Numbers(mean);
        if (variance <= 0 || !(length > Nothing * variance)) return new(origin, [], []);
        Tensor u = whitened / Math.Sqrt(length);
        Tensor read = vectors.mv(where(kept, u / root, zeros_like(u))), write = vectors.mv(u * root);
        return new(origin, [Numbers(read)], [Numbers(write)]);
    }

    /// <summary>INLP.</summary>
    /// <param name="x"><c>[n, d]</c>, float64.</param>
    /// <param name="member">Whether each is of the group.</param>
    /// <param name="weights">One a vector, adding up to 1.</param>
    /// <param name="rounds">Directions at most; fewer where a probe finds nothing more.</param>
    public static LinearErasure ByProbes(Tensor x, bool[] member, double[] weights, int rounds)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        double[] mean = Numbers((x * tensor(weights, [weights.Length, 1], float64)).sum([0L]));
        List<double[]> directions = [];
        while (directions.Count < rounds)
        {
            using var round = NewDisposeScope();
            double[] found = GroupProbe.Fit(new LinearErasure(mean, [.. directions], [.. directions]).Apply(x), member, weights).Direction;
            // What was projected away is left as rounding; the new direction is made orthogonal to it twice, which is enough.
            for (int pass = 0; pass < 2; pass++)
            {
                foreach (double[] old in directions)
                {
                    double along = found.Zip(old, (a, b) => a * b).Sum();
                    for (int i = 0; i < found.Length; i++) found[i] -= along * old[i];
                }
            }
            double length = Math.Sqrt(found.Sum(value => value * value));
            if (!(length > 1e-9)) break;
            directions.Add([.. found.Select(value => value / length)]);
        }
        return new(mean, [.. directions], [.. directions]);
    }

    /// <summary>The first of the directions alone.</summary>
    public LinearErasure First(int directions) => new(Mean, Read[..Math.Min(directions, Rank)], Write[..Math.Min(directions, Rank)]);

    /// <summary>The vectors without it.</summary>
    /// <param name="x"><c>[n, d]</c>; not changed.</param>
    /// <returns>A tensor of that shape and type, in the current dispose scope.</returns>
    public Tensor Apply(Tensor x) => new ErasedUnits(this).Apply(x, UnitOperation.Zero, null);

    private static double[] Numbers(Tensor tensor) => tensor.contiguous().data<double>().ToArray();
}
