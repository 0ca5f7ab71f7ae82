using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Numerics;

public sealed class HungarianMatchingTests
{
    [Fact]
    public void Known_assignments_are_found()
    {
        float[][] cost = [[4, 1, 3], [2, 0, 5], [3, 2, 2]];
        Assert.Equal([1, 0, 2], HungarianMatching.Solve(cost));
        Assert.Equal(5, HungarianMatching.Sum(cost, HungarianMatching.Solve(cost)));
        Assert.Equal([0], HungarianMatching.Solve([[-7]]));
        Assert.Empty(HungarianMatching.Solve([]));
        Assert.Equal([-1, 0, -1], HungarianMatching.Solve([[3], [1], [2]]));
    }

    [Theory]
    [InlineData(5, 5, false)]
    [InlineData(7, 7, false)]
    [InlineData(3, 7, false)]
    [InlineData(7, 4, false)]
    [InlineData(6, 6, true)]
    [InlineData(4, 6, true)]
    public void The_cheapest_of_all_assignments_is_found(int rows, int columns, bool ties)
    {
        for (int item = 0; item < 60; item++)
        {
            var random = new CounterRandom(1, "cost", item);
            float[][] cost =
                [.. Enumerable.Range(0, rows)
                    .Select(_ => Enumerable.Range(0, columns).Select(_ => ties ? random.NextInt(3) : (float)random.NextGaussian())
                        .ToArray())];
            int[] matching = HungarianMatching.Solve(cost);
            int[] taken = [.. matching.Where(column => column >= 0)];
            Assert.Equal(Math.Min(rows, columns), taken.Distinct().Count());
            Assert.Equal(taken.Length, taken.Distinct().Count());
            Assert.Equal(Exhaustive(cost, 0, 0, Math.Max(rows - columns, 0)), HungarianMatching.Sum(cost, matching), 9);
        }
    }

    [Fact]
    public void A_planted_assignment_of_many_is_found()
    {
        const int Size = 400;
        int[] planted = new CounterRandom(1, "planted", 0).Permutation(Size);
        var random = new CounterRandom(1, "background", 0);
        float[][] cost =
            [.. planted.Select(
                own => Enumerable.Range(0, Size).Select(j => (float)(own == j ? random.NextDouble() : 1 + random.NextDouble())).ToArray())];
        Assert.Equal(planted, HungarianMatching.Solve(cost));
    }

    [Fact]
    public void A_cost_that_is_not_finite_is_refused() => Assert.Throws<ArgumentException>(() => HungarianMatching.Solve([[1, float.NaN]]));

    [Fact]
    public void Rows_of_different_lengths_are_refused() => Assert.Throws<ArgumentException>(() => HungarianMatching.Solve([[1, 2], [1]]));

    private static double Exhaustive(float[][] cost, int row, int taken, int skips)
    {
        if (row == cost.Length) return 0;
        double best = skips > 0 ? Exhaustive(cost, row + 1, taken, skips - 1) : double.PositiveInfinity;
        for (int j = 0; j < cost[0].Length; j++)
            if ((taken & (1 << j)) == 0) best = Math.Min(best, cost[row][j] + Exhaustive(cost, row + 1, taken | (1 << j), skips));
        return best;
    }
}
