using Fovea.Interpretation.Shortcuts;
using Fovea.Numerics;

namespace Fovea.Interpretation;

/// <summary>
/// One unit for each factor, chosen on one half of the pairs and judged on the other. With s_u the share of a pair's whole change that unit
/// u takes, |Δf̄ᵤ| / Σᵥ |Δf̄ᵥ|:
/// <list type="bullet">
/// <item>its share: E s_u over pairs of its factor less E s_u over those of the others, u the unit for which that is largest;</item>
/// <item>how well it tells: 2 AUC − 1 of s_u between pairs of its factor and those of each other, u the unit for which that is
/// largest.</item>
/// </list>
/// Both are averaged over the factors.
/// </summary>
internal sealed class SingleUnits
{
    private const int Draws = 400;

    private readonly float[][][] _chosenOn, _judgedOn;
    private readonly int _units;
    private readonly ulong _seed;

    /// <param name="changes">For each factor the pairs, for each pair |Δf̄| of all units.</param>
    /// <param name="seed">Decides the draws of the intervals.</param>
    public SingleUnits(IReadOnlyList<IReadOnlyList<float[]>> changes, ulong seed)
    {
        (_units, _seed) = (changes[0][0].Length, seed);
        _chosenOn = [.. changes.Select(pairs => pairs.Where((_, i) => i % 2 == 0).Select(Shares).ToArray())];
        _judgedOn = [.. changes.Select(pairs => pairs.Where((_, i) => i % 2 == 1).Select(Shares).ToArray())];
    }

    /// <summary>The share of its factor's change that one unit takes, beside others' changes.</summary>
    public IntervalEstimate Share() => Judged(Best(Differences(_chosenOn)), Difference);

    /// <summary>How well one unit tells its factor's pairs from those of the others.</summary>
    public IntervalEstimate Told() => Judged(Best(Separations()), Separation);

    private static float[] Shares(float[] pair)
    {
        double all = pair.Sum(value => (double)value);
        return all > 0 ? [.. pair.Select(value => (float)(value / all))] : pair;
    }

    /// <summary>For each factor the unit with the largest number.</summary>
    private static int[] Best(double[][] numbers) => [.. numbers.Select(own => Array.IndexOf(own, own.Max()))];

    private IntervalEstimate Judged(int[] units, Func<double[], double[][], double> measure)
    {
        // Of each factor's unit its shares on the pairs of every factor.
        double[][][] shares = [.. units.Select(unit => _judgedOn.Select(pairs => pairs.Select(pair => (double)pair[unit]).ToArray()).ToArray())];
        return Intervals.Percentile(Mean(shares), [.. Enumerable.Range(0, Draws).Select(draw =>
        {
            var random = new CounterRandom(_seed, "attribute-singles", draw);
            // The same pairs for every unit.
            int[][] drawn = [.. _judgedOn.Select(pairs => pairs.Select(_ => random.NextInt(pairs.Length)).ToArray())];
            return Mean([.. shares.Select(unit => unit.Select((own, g) => drawn[g].Select(i => own[i]).ToArray()).ToArray())]);
        })]);

        double Mean(double[][][] all) => all.Select((unit, f) => measure(unit[f], [.. unit.Where((_, g) => g != f)])).Average();
    }

    private static double Difference(double[] own, double[][] others) => own.Average() - others.Average(other => other.Average());

    private static double Separation(double[] own, double[][] others)
    {
        double[] sorted = [.. own.Order()];
        return others.Average(other => 2 * SmallerShares.Of(sorted, [.. other.Order()]).Average() - 1);
    }

    private double[][] Differences(float[][][] all)
    {
        double[][] means = [.. all.Select(pairs => Enumerable.Range(0, _units).Select(u => pairs.Average(pair => (double)pair[u])).ToArray())];
        return [.. means.Select((own, f) => Enumerable.Range(0, _units)
            .Select(u => own[u] - means.Where((_, g) => g != f).Average(other => other[u])).ToArray())];
    }

    private double[][] Separations()
    {
        double[][] all = [.. _chosenOn.Select(_ => new double[_units])];
        ParallelLoop.For(_units, u =>
        {
            double[][] own = [.. _chosenOn.Select(pairs => pairs.Select(pair => (double)pair[u]).ToArray())];
            for (int f = 0; f < own.Length; f++) all[f][u] = Separation(own[f], [.. own.Where((_, g) => g != f)]);
        });
        return all;
    }
}
