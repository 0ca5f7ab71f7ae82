using Fovea.Dictionaries.Comparison;
using Fovea.Interpretation.Relations;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interpretation.Relations;

public sealed class UnitMatchingTests
{
    private const int Dimension = 12;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(23, 31, long.MaxValue)]
    [InlineData(31, 23, long.MaxValue)]
    [InlineData(23, 31, 0)]
    [InlineData(1100, 40, 0)]
    public void Numbers_are_those_of_the_definitions_and_of_loops(int a, int b, long mostOneToOne)
    {
        float[][] left = Random(a, 1), right = Random(b, 2);
        using UnitDirections one = Directions(left), other = Directions(right);

        UnitMatching matching = UnitMatching.Of(one, other, Stop, mostOneToOne);

        (int At, double Cosine)[] forth = [.. left.Select(row => Nearest(row, right))], back = [.. right.Select(row => Nearest(row, left))];
        Assert.Equal(forth.Select(one => one.At), matching.NearestOfA.Select(one => one.Nearest));
        Assert.Equal(back.Select(one => one.At), matching.NearestOfB.Select(one => one.Nearest));
        Assert.Equal(forth.Average(one => one.Cosine), matching.MeanMaximum, 5);
        Assert.Equal(back.Average(one => one.Cosine), matching.MeanMaximumBack, 5);
        Assert.All(matching.Pairs, pair => Assert.Equal(Cosine(left[pair.A], right[pair.B]), pair.Cosine, 5));
        Assert.Equal(mostOneToOne > 0, matching.OneToOne);
        if (mostOneToOne > 0)
        {
            using var scope = NewDisposeScope();
            DictionaryAgreement agreement = DictionaryAgreement.Of(Tensor(left), Tensor(right));
            Assert.Equal(agreement.MatchedCosine, matching.MatchedCosine, 5);
            Assert.Equal(agreement.MeanMaximumCosine, matching.MeanMaximum, 5);
            Assert.Equal(agreement.MeanMaximumCosineBack, matching.MeanMaximumBack, 5);
            Assert.Equal(agreement.Coverage, matching.Coverage, 12);
            Assert.Equal(agreement.Pairs, matching.Pairs.Count);
        }
        else
        {
            Assert.Equal(
                Enumerable.Range(0, a).Where(i => back[forth[i].At].At == i).Select(i => (i, forth[i].At)),
                matching.Pairs.Select(pair => (pair.A, pair.B)));
        }
    }

    [Fact]
    public void The_same_directions_in_another_order_and_of_other_lengths_are_all_found()
    {
        float[][] rows = Random(50, 3);
        int[] order = [.. Enumerable.Range(0, 50).Select(i => i * 7 % 50)];
        float[][] shuffled = [.. order.Select(i => rows[i].Select(value => 3 * value).ToArray())];
        using UnitDirections one = Directions(rows), other = Directions(shuffled);

        UnitMatching matching = UnitMatching.Of(one, other, Stop);

        Assert.Equal(50, matching.Pairs.Count);
        Assert.All(matching.Pairs, pair => Assert.Equal((pair.A, 1.0), (order[pair.B], Math.Round(pair.Cosine, 6))));
    }

    [Fact]
    public void Opposite_directions_are_as_different_as_can_be()
    {
        float[][] rows = Random(1, 6);
        using UnitDirections one = Directions(rows), other = Directions([[.. rows[0].Select(value => -value)]]);

        Assert.Equal(-1, UnitMatching.Of(one, other, Stop).MatchedCosine, 6);
    }

    [Fact]
    public void Units_without_a_direction_take_no_part()
    {
        float[][] rows = Random(6, 4), others = Random(5, 5);
        rows[2] = new float[Dimension];
        others[0][3] = float.NaN;
        using UnitDirections one = Directions(rows), other = Directions(others);

        UnitMatching matching = UnitMatching.Of(one, other, Stop);

        Assert.Equal([0, 1, 3, 4, 5], matching.NearestOfA.Select(unit => unit.Unit));
        Assert.Equal([1, 2, 3, 4], matching.NearestOfB.Select(unit => unit.Unit));
        Assert.Equal(4, matching.Pairs.Count);
        Assert.Equal(0.8, matching.Coverage, 12);
        using UnitDirections none = Directions([new float[Dimension]]);
        Assert.Empty(UnitMatching.Of(one, none, Stop).Pairs);
    }

    private static float[][] Random(int rows, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, Dimension).Select(_ => (float)(random.NextDouble() - 0.4)).ToArray())];
    }

    private static UnitDirections Directions(float[][] rows) => UnitDirections.Of(rows.SelectMany(row => row).ToArray(), rows.Length, Dimension);

    private static Tensor Tensor(float[][] rows) => tensor(rows.SelectMany(row => row).ToArray()).view(rows.Length, Dimension);

    private static (int At, double Cosine) Nearest(float[] row, float[][] others)
    {
        (int At, double Cosine) best = (-1, double.NegativeInfinity);
        for (int i = 0; i < others.Length; i++)
            if (Cosine(row, others[i]) is var cosine && cosine > best.Cosine) best = (i, cosine);
        return best;
    }

    private static double Cosine(float[] a, float[] b)
    {
        double product = 0, left = 0, right = 0;
        for (int i = 0; i < a.Length; i++)
            (product, left, right) = (product + (double)a[i] * b[i], left + (double)a[i] * a[i], right + (double)b[i] * b[i]);
        return product / Math.Sqrt(left * right);
    }
}
