using Fovea.Interpretation.Relations;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interpretation.Relations;

public sealed class UnitDirectionsTests
{
    [Theory]
    [InlineData(5000, 67)]
    [InlineData(3, 1)]
    [InlineData(100, 512)]
    public void The_nearest_are_those_of_a_slow_loop(int units, int d)
    {
        using var scope = NewDisposeScope();
        Tensor rows = randn([units, d], generator: new Generator(1));
        using var directions = UnitDirections.Of(rows);
        Tensor unit = TorchSharp.torch.nn.functional.normalize(rows.to(float64), 2, 1);
        foreach (int asked in (int[])[0, units / 2, units - 1])
        {
            double[] cosines = [.. unit.matmul(unit[asked]).data<double>()];
            int[] expected = [.. Enumerable.Range(0, units).Where(one => one != asked).OrderByDescending(one => Math.Round(cosines[one], 6)).ThenBy(one => one).Take(10)];
            var found = directions.Nearest(asked, 10);
            Assert.Equal(Math.Min(10, units - 1), found.Count);
            for (int i = 0; i < found.Count; i++)
            {
                Assert.Equal(cosines[expected[i]], found[i].Cosine, 1e-6);
                Assert.Equal(cosines[found[i].Unit], found[i].Cosine, 1e-6);
            }
        }
    }

    [Fact]
    public void Equals_come_in_order_of_their_numbers_and_units_without_a_direction_are_near_nothing()
    {
        using var directions = UnitDirections.Of([1, 0, 0, 2, 3, 0, 0, 0, float.NaN, 1, 0, 5, -1, 0], 7, 2);
        Assert.Equal([new(2, 1), new(1, 0), new(5, 0), new(6, -1)], directions.Nearest(0, 10));
        Assert.Equal([new(5, 1), new(0, 0)], directions.Nearest(1, 2));
        Assert.Empty(directions.Nearest(3, 5));
        Assert.Empty(directions.Nearest(4, 5));
        Assert.Empty(directions.Nearest(0, 0));
    }

    [Fact]
    public void Centred_rows_compare_by_correlation()
    {
        using var directions = UnitDirections.Of([1, 2, 3, 11, 12, 13, 3, 2, 1, 5, 5, 5], 4, 3, centred: true);
        Assert.Equal([(1, 1.0), (2, -1.0)], directions.Nearest(0, 10).Select(one => (one.Unit, Math.Round(one.Cosine, 6))));
    }

    [Fact]
    public void Several_at_once_are_those_of_each_alone()
    {
        using var scope = NewDisposeScope();
        using var directions = UnitDirections.Of(randn([5000, 40], generator: new Generator(2)));
        int[] asked = [7, 4999, 0, 7], most = [8, 1, 0, 3], without = [7, 4999, -1, -1];

        var found = directions.NearestOfEach([.. asked.SelectMany(unit => directions[unit].ToArray())], most, without);

        for (int i = 0; i < asked.Length; i++) Assert.Equal(directions.Nearest(directions[asked[i]], most[i], without[i]), found[i]);
        Assert.Equal(directions.Nearest(7, 8), found[0]);
        Assert.Equal(7, found[3][0].Unit);
        Assert.Throws<ArgumentException>(() => directions.NearestOfEach(directions[0], [1, 1], [-1, -1]));
    }
}
