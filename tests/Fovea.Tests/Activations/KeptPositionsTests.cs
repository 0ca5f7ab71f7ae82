using Fovea.Activations;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Activations;

public sealed class KeptPositionsTests
{
    private static readonly float[] Map = [0.5f, float.NaN, 3, 0, 1, 40, 0.25f, 2, 0, 1.25f];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(9)]
    public void Each_position_is_drawn_with_its_probability(int count)
    {
        const int Times = 40_000;
        double[] expected = Slow(Map, count);
        Assert.Equal(count, expected.Sum(), 1e-9);
        var drawn = new int[Map.Length];
        double mean = 0, size = 0;
        int[] positions = new int[count];
        float[] weights = new float[count];
        for (int time = 0; time < Times; time++)
        {
            Assert.False(KeptPositions.Draw(Map, new CounterRandom(1, "kept", time), positions, weights));
            Assert.Equal(positions.Order().Distinct(), positions);
            for (int i = 0; i < count; i++)
            {
                drawn[positions[i]]++;
                Assert.Equal(count / (Map.Length * expected[positions[i]]), weights[i], 1e-5);
                // Of a value at each position that has nothing to do with the scores.
                mean += weights[i] * (1 + positions[i] % 4) / (double)count / Times;
                size += weights[i] / (double)count / Times;
            }
        }
        for (int p = 0; p < Map.Length; p++)
        {
            double deviation = Math.Sqrt(expected[p] * (1 - expected[p]) / Times);
            Assert.InRange(drawn[p] / (double)Times, expected[p] - 5 * deviation - 1e-12, expected[p] + 5 * deviation + 1e-12);
        }
        // On average that of all positions that can be drawn.
        int[] possible = [.. Enumerable.Range(0, Map.Length).Where(p => expected[p] > 0)];
        Assert.Equal(possible.Sum(p => 1 + p % 4) / (double)Map.Length, mean, 0.06);
        Assert.Equal(possible.Length / (double)Map.Length, size, 0.03);
    }

    [Fact]
    public void Where_nothing_is_positive_each_position_is_as_likely()
    {
        int[] positions = new int[2], drawn = new int[5];
        float[] weights = new float[2];
        for (int time = 0; time < 5000; time++)
        {
            Assert.True(KeptPositions.Draw([0, 0, float.NaN, 0, -1], new CounterRandom(2, "kept", time), positions, weights));
            foreach (int position in positions) drawn[position]++;
            Assert.Equal([1f, 1f], weights);
        }
        Assert.All(drawn, times => Assert.InRange(times, 1850, 2150));
    }

    [Fact]
    public void All_of_them_are_all_of_them()
    {
        int[] positions = new int[Map.Length];
        float[] weights = new float[Map.Length];
        KeptPositions.Draw(Map, new CounterRandom(3, "kept", 0), positions, weights);
        Assert.Equal(Enumerable.Range(0, Map.Length), positions);
        Assert.All(weights, weight => Assert.Equal(1, weight));
    }

    [Fact]
    public void Infinite_scores_are_refused() => Assert.Equal(FailureKind.Numerical, Assert.Throws<FoveaException>(() =>
        KeptPositions.Draw([1, float.PositiveInfinity, 1], new CounterRandom(1, "kept", 0), new int[1], new float[1])).Kind);

    /// <summary>min(1, c · score) with the c that makes their sum the count, by halving.</summary>
    private static double[] Slow(float[] map, int count)
    {
        double[] scores = [.. map.Select(score => score > 0 ? (double)score : 0)];
        int positive = scores.Count(score => score > 0);
        if (positive <= count)
            return [.. scores.Select(score => score > 0 ? 1 : (count - positive) / (double)(scores.Length - positive))];
        double low = 0, high = 1e6;
        for (int i = 0; i < 200; i++)
        {
            double middle = (low + high) / 2;
            if (scores.Sum(score => Math.Min(1, middle * score)) < count) low = middle;
            else high = middle;
        }
        return [.. scores.Select(score => Math.Min(1, low * score))];
    }
}
