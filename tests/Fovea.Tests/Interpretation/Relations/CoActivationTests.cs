using Fovea.Interpretation.Relations;
using Xunit;

namespace Fovea.Tests.Interpretation.Relations;

public sealed class CoActivationTests
{
    [Fact]
    public void Overlap_and_lift_are_those_of_a_slow_count()
    {
        const int Units = 12, Positions = 400;
        var random = new Random(3);
        bool[][] active = [.. Enumerable.Range(0, Positions).Select(_ => Enumerable.Range(0, Units).Select(_ => random.Next(4) == 0).ToArray())];
        // One that fires only where unit 2 does, and one that never does.
        foreach (bool[] position in active) (position[7], position[11]) = (position[2] && random.Next(2) == 0, false);
        var index = new CoActivation(Units);
        foreach (bool[] position in active) Add(index, [.. Enumerable.Range(0, Units).Where(unit => position[unit])]);
        Assert.Equal(Positions, index.Positions);
        for (int unit = 0; unit < Units; unit++)
        {
            int own = active.Count(position => position[unit]);
            Assert.Equal(own, index.ActiveAt(unit));
            var found = index.With(unit, Units);
            foreach (CoActiveUnit one in found)
            {
                int others = active.Count(position => position[one.Unit]), both = active.Count(position => position[unit] && position[one.Unit]);
                int either = active.Count(position => position[unit] || position[one.Unit]);
                Assert.Equal((both, others), (one.Together, one.Own));
                Assert.Equal(both / (double)either, one.Overlap, 1e-12);
                Assert.Equal(both / (double)Positions / (own / (double)Positions * (others / (double)Positions)), one.Lift, 1e-9);
            }
            Assert.Equal(found.OrderByDescending(one => one.Overlap).ThenBy(one => one.Unit), found);
        }
        Assert.Equal(7, index.With(2, 1)[0].Unit);
        Assert.Empty(index.With(11, 5));
    }

    [Fact]
    public void A_position_or_two_that_rare_units_share_is_no_relation()
    {
        var index = new CoActivation(3);
        for (int i = 0; i < CoActivation.FewestTogether - 1; i++) Add(index, 0, 1);
        for (int i = 0; i < CoActivation.FewestTogether; i++) Add(index, 0, 2);
        Assert.Equal([2], index.With(0, 5).Select(one => one.Unit));
    }

    [Fact]
    public void Correlations_are_those_of_a_slow_loop_over_all_positions()
    {
        const int Positions = 300;
        var random = new Random(5);
        double[][] one = Codes(random, Positions, 9), other = Codes(random, Positions, 14);
        for (int position = 0; position < Positions; position++)
        {
            // One of the other source that does what unit 4 does, one that does the opposite where that is active, one that is always the same.
            (other[position][2], other[position][6], other[position][13]) = (3 * one[position][4], one[position][4] == 0 ? 1 : 0, 0.5);
            one[position][8] = 0;
        }
        CoActivation left = Index(one), right = Index(other);
        for (int unit = 0; unit < 9; unit++)
        {
            float[] found = left.Correlations(unit, right);
            for (int with = 0; with < 14; with++)
                Assert.Equal(Pearson([.. one.Select(row => row[unit])], [.. other.Select(row => row[with])]), found[with], 1e-5);
        }
        Assert.Equal(1, left.Correlations(4, right)[2], 1e-6);
        Assert.Equal((false, false, true), (left.Varies(8), right.Varies(13), left.Varies(4)));
        Assert.Equal(1, left.Correlations(3, left)[3], 1e-6);
        Assert.Throws<ArgumentException>(() => left.Correlations(0, Index(one[..9])));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(0)]
    public void The_same_activity_in_another_order_and_of_another_size_is_all_found(long mostOneToOne)
    {
        const int Units = 150;
        double[][] codes = Codes(new Random(8), 500, Units);
        int[] order = [.. Enumerable.Range(0, Units).Select(unit => unit * 37 % Units)];
        CoActivation one = Index(codes), other = Index([.. codes.Select(row => order.Select(unit => 2.5 * row[unit]).ToArray())]);

        UnitMatching matching = UnitMatching.OfActivity(one, other, TestContext.Current.CancellationToken, mostOneToOne);

        Assert.Equal(mostOneToOne > 0, matching.OneToOne);
        Assert.Equal(Units, matching.Pairs.Count);
        Assert.All(matching.Pairs, pair => Assert.Equal(pair.A, order[pair.B]));
        Assert.Equal((1, 1, 1, 1),
            (Math.Round(matching.MatchedCosine, 5), Math.Round(matching.MeanMaximum, 5), Math.Round(matching.MeanMaximumBack, 5), matching.Coverage));
    }

    [Fact]
    public void Matching_by_activity_is_that_of_loops_and_leaves_out_what_never_changes()
    {
        double[][] one = Codes(new Random(1), 200, 20), other = Codes(new Random(2), 200, 11);
        foreach (double[] row in one) row[5] = 0;
        foreach (double[] row in other) row[3] = 2;
        double[][] all = [.. Enumerable.Range(0, 20).Select(a => Enumerable.Range(0, 11).Select(b => a == 5 || b == 3 ? double.NegativeInfinity
            : Pearson([.. one.Select(row => row[a])], [.. other.Select(row => row[b])])).ToArray())];

        UnitMatching matching = UnitMatching.OfActivity(Index(one), Index(other), TestContext.Current.CancellationToken, mostOneToOne: 0);

        Assert.Equal((19, 10), (matching.NearestOfA.Count, matching.NearestOfB.Count));
        Assert.All(matching.NearestOfA, near => Assert.Equal(all[near.Unit].Max(), near.Cosine, 1e-5));
        Assert.All(matching.NearestOfB, near => Assert.Equal(all.Max(row => row[near.Unit]), near.Cosine, 1e-5));
        Assert.Equal(
            matching.NearestOfA.Where(near => matching.NearestOfB.Single(back => back.Unit == near.Nearest).Nearest == near.Unit).Select(near => (near.Unit, near.Nearest)),
            matching.Pairs.Select(pair => (pair.A, pair.B)));
    }

    /// <summary>About a fifth of the units active at each position.</summary>
    private static double[][] Codes(Random random, int positions, int units) =>
        [.. Enumerable.Range(0, positions).Select(_ => Enumerable.Range(0, units).Select(_ => random.Next(5) == 0 ? random.NextDouble() : 0).ToArray())];

    private static CoActivation Index(double[][] codes)
    {
        var index = new CoActivation(codes[0].Length);
        foreach (double[] row in codes)
        {
            int[] active = [.. Enumerable.Range(0, row.Length).Where(unit => row[unit] != 0)];
            index.Add(active, [.. active.Select(unit => (float)row[unit])]);
        }
        return index;
    }

    private static double Pearson(double[] a, double[] b)
    {
        double x = a.Average(), y = b.Average(), product = 0, left = 0, right = 0;
        for (int i = 0; i < a.Length; i++)
        {
            product += (a[i] - x) * (b[i] - y);
            left += (a[i] - x) * (a[i] - x);
            right += (b[i] - y) * (b[i] - y);
        }
        return left < 1e-12 || right < 1e-12 ? 0 : product / Math.Sqrt(left * right);
    }

    private static void Add(CoActivation index, params int[] active) => index.Add(active, new float[active.Length]);
}
