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
        foreach (bool[] position in active) index.Add([.. Enumerable.Range(0, Units).Where(unit => position[unit])]);
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
        for (int i = 0; i < CoActivation.FewestTogether - 1; i++) index.Add([0, 1]);
        for (int i = 0; i < CoActivation.FewestTogether; i++) index.Add([0, 2]);
        Assert.Equal([2], index.With(0, 5).Select(one => one.Unit));
    }
}
