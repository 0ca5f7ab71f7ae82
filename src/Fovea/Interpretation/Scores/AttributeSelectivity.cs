using Fovea.Numerics;

namespace Fovea.Interpretation;

/// <summary>How much of a factor's change its own units take.</summary>
/// <param name="Factor">The factor.</param>
/// <param name="Units">Units that stand for it.</param>
/// <param name="Own">Share of the change of pairs of this factor that lies in them.</param>
/// <param name="Others">Share of the change of pairs of the other factors that lies in them.</param>
public sealed record AttributeShare(string Factor, int Units, double Own, double Others);

/// <summary>
/// Whether units answer to one factor each. Of pairs of images that differ in one factor, a unit's change is |Δf̄|, f̄ its mean over
/// positions. On one half of the pairs each unit is given to the factor F of which it takes the largest part,
/// <code>argmax_F  E_F |Δf̄ᵤ| / Σᵥ E_F |Δf̄ᵥ|</code>
/// and on the other half it is measured which share of a pair's change its factor's units take: own(F) of pairs of F, others(F) of the rest.
/// The score is the mean over factors of own − others. 1: every unit answers to one factor; 0: units do not tell factors apart, as many as
/// there may be, since the halves are of different pairs; so size alone is worth nothing. Units that never change take no part.
/// </summary>
/// <param name="Name">The units' name.</param>
/// <param name="Units">Their number.</param>
/// <param name="Score">The mean of own − others.</param>
/// <param name="Lower">Lower end of its 95 % interval, by pair (bootstrap within the factors).</param>
/// <param name="Upper">Upper end.</param>
/// <param name="Factors">Factor by factor.</param>
public sealed record AttributeSelectivity(
    string Name, int Units, double Score, double Lower, double Upper, IReadOnlyList<AttributeShare> Factors)
{
    private const int Draws = 1000;

    /// <summary>
    /// How well a single unit tells its factor: for each factor the unit u, chosen on one half of the pairs, whose share |Δf̄ᵤ| / Σᵥ |Δf̄ᵥ| of
    /// a pair's change separates pairs of the factor best from those of each other, and 2 AUC − 1 of it on the other half, averaged. 1: one
    /// unit each is enough; 0: by chance, for any number of units.
    /// </summary>
    public required IntervalEstimate Told { get; init; }

    /// <summary>
    /// The share of its factor's change that a single unit takes less its share of the others' changes, likewise: 1 where each factor is one
    /// unit, 0 by chance. Where a factor is spread over m units that say the same it is an m-th.
    /// </summary>
    public required IntervalEstimate Single { get; init; }

    /// <summary>The score of some units.</summary>
    /// <param name="name">Their name.</param>
    /// <param name="factors">The factors' names.</param>
    /// <param name="changes">For each factor the pairs, for each pair |Δf̄| of all units; at least four pairs a factor.</param>
    /// <param name="seed">Decides the draws of the interval.</param>
    /// <exception cref="ArgumentException">There are fewer than two factors, or fewer than four pairs of one.</exception>
    public static AttributeSelectivity Of(
        string name, IReadOnlyList<string> factors, IReadOnlyList<IReadOnlyList<float[]>> changes, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(factors);
        ArgumentNullException.ThrowIfNull(changes);
        if (factors.Count < 2 || changes.Count != factors.Count || changes.Any(pairs => pairs.Count < 4))
            throw new ArgumentException($"{changes.Count} factors' pairs, of at least four each, for {factors.Count} factors.", nameof(changes));
        int units = changes[0][0].Length, count = factors.Count;
        int[] owner = Owners(changes, units);
        // For each factor's held-out pairs the share that each factor's units take.
        double[][][] shares = [.. changes.Select(pairs => pairs.Where((_, i) => i % 2 == 1).Select(pair => Shares(pair, owner, count)).ToArray())];
        double[] draws = [.. Enumerable.Range(0, Draws).Select(draw =>
        {
            var random = new CounterRandom(seed, "attribute-selectivity", draw);
            return Mean(Means(shares.Select(pairs => pairs.Select(_ => pairs[random.NextInt(pairs.Length)]))));
        }).Order()];
        double[][] means = Means(shares);
        var singles = new SingleUnits(changes, seed);
        return new AttributeSelectivity(name, units, Mean(means), draws[Draws / 40], draws[Draws - 1 - Draws / 40],
            [.. factors.Select((factor, f) => new AttributeShare(factor, owner.Count(own => own == f), means[f][f], Others(means, f)))])
        {
            Told = singles.Told(),
            Single = singles.Share(),
        };
    }

    private static int[] Owners(IReadOnlyList<IReadOnlyList<float[]>> changes, int units)
    {
        double[][] parts = [.. changes.Select(pairs =>
        {
            var sum = new double[units];
            foreach (float[] pair in pairs.Where((_, i) => i % 2 == 0))
            {
                for (int u = 0; u < units; u++) sum[u] += pair[u];
            }
            double all = sum.Sum();
            return all > 0 ? [.. sum.Select(value => value / all)] : sum;
        })];
        return [.. Enumerable.Range(0, units).Select(u =>
        {
            int best = 0;
            for (int f = 1; f < parts.Length; f++) best = parts[f][u] > parts[best][u] ? f : best;
            return parts[best][u] > 0 ? best : -1;
        })];
    }

    private static double[] Shares(float[] pair, int[] owner, int factors)
    {
        var shares = new double[factors];
        double all = 0;
        for (int u = 0; u < pair.Length; u++)
        {
            all += pair[u];
            if (owner[u] >= 0) shares[owner[u]] += pair[u];
        }
        return all > 0 ? [.. shares.Select(share => share / all)] : shares;
    }

    private static double[][] Means(IEnumerable<IEnumerable<double[]>> shares) => [.. shares.Select(pairs =>
    {
        double[][] all = [.. pairs];
        return Enumerable.Range(0, all[0].Length).Select(f => all.Average(one => one[f])).ToArray();
    })];

    private static double Mean(double[][] means) => Enumerable.Range(0, means.Length).Average(f => means[f][f] - Others(means, f));

    private static double Others(double[][] means, int factor) => means.Where((_, f) => f != factor).Average(one => one[factor]);
}
