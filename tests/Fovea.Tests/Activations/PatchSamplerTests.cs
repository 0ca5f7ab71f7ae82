using Fovea.Activations;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Activations;

public sealed class PatchSamplerTests
{
    [Fact]
    public void Positions_are_drawn_in_proportion_to_the_map()
    {
        float[] map = [1, 0, 3, float.NaN, 4];
        const int draws = 200_000;
        var positions = new int[draws];
        var weights = new float[draws];
        Assert.False(PatchSampler.Draw(map, new CounterRandom(7, "test", 0), positions, weights));
        double[] expected = [1.0 / 8, 0, 3.0 / 8, 0, 4.0 / 8];
        for (int p = 0; p < map.Length; p++)
        {
            double share = positions.Count(position => position == p) / (double)draws;
            // Five standard deviations of a binomial share.
            Assert.InRange(share, expected[p] - 5 * Math.Sqrt(0.25 / draws), expected[p] + 5 * Math.Sqrt(0.25 / draws));
        }
    }

    [Fact]
    public void Weights_turn_the_average_over_draws_into_the_average_over_positions()
    {
        float[] map = [1, 2, 3, 4];
        double[] values = [10, -3, 5, 8];
        var positions = new int[100_000];
        var weights = new float[positions.Length];
        PatchSampler.Draw(map, new CounterRandom(1, "test", 1), positions, weights);
        double estimate = positions.Select((p, i) => values[p] * weights[i]).Average();
        Assert.Equal(values.Average(), estimate, 0.1);
    }

    [Theory]
    [InlineData(new[] { 0f, 0f, 0f, 0f })]
    [InlineData(new[] { float.NaN, float.NaN, float.NaN, float.NaN })]
    [InlineData(new[] { 0f, float.NaN, 0f, 0f })]
    public void A_map_without_a_positive_value_falls_back_to_uniform(float[] map)
    {
        var positions = new int[40_000];
        var weights = new float[positions.Length];
        Assert.True(PatchSampler.Draw(map, new CounterRandom(3, "test", 2), positions, weights));
        for (int p = 0; p < 4; p++) Assert.InRange(positions.Count(position => position == p), 9_500, 10_500);
        Assert.All(weights, weight => Assert.Equal(1f, weight));
    }

    [Fact]
    public void Draws_depend_on_seed_stage_and_item_alone()
    {
        float[] map = [1, 2, 3, 4, 5, 6];
        int[] Draw(ulong seed, long item)
        {
            var positions = new int[32];
            PatchSampler.Draw(map, new CounterRandom(seed, "harvest", item), positions, new float[32]);
            return positions;
        }
        Assert.Equal(Draw(1, 5), Draw(1, 5));
        Assert.NotEqual(Draw(1, 5), Draw(1, 6));
        Assert.NotEqual(Draw(1, 5), Draw(2, 5));
    }

    [Fact]
    public void An_infinite_score_is_a_numerical_failure()
    {
        var error = Assert.Throws<FoveaException>(
            () => PatchSampler.Draw([1, float.PositiveInfinity], new CounterRandom(1, "test", 0), new int[2], new float[2]));
        Assert.Equal(FailureKind.Numerical, error.Kind);
    }
}
