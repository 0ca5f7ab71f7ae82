using Fovea.Interpretation;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Interpretation;

public sealed class UniquenessTests
{
    [Fact]
    public void The_index_finds_what_a_loop_over_pairs_finds()
    {
        var random = new CounterRandom(2, "uniqueness", 0);
        int[][] sets =
            [.. Enumerable.Range(0, 60)
                .Select(_ => Enumerable.Range(0, random.NextInt(12)).Select(_ => random.NextInt(40)).Distinct().ToArray())];
        Assert.Contains(sets, set => set.Length == 0);
        var scores = Uniqueness.Of(sets);
        for (int a = 0; a < sets.Length; a++)
        {
            if (sets[a].Length == 0)
            {
                Assert.True(double.IsNaN(scores[a].Mean) && double.IsNaN(scores[a].Nearest) && scores[a].Other == -1);
                continue;
            }
            var overlaps = Enumerable.Range(0, sets.Length).Where(b => b != a && sets[b].Length > 0)
                .Select(b => (Unit: b, Value: (double)sets[a].Intersect(sets[b]).Count() / sets[a].Union(sets[b]).Count())).ToArray();
            Assert.Equal(1 - overlaps.Average(one => one.Value), scores[a].Mean, 1e-12);
            Assert.Equal(1 - overlaps.Max(one => one.Value), scores[a].Nearest, 1e-12);
            Assert.Equal(overlaps.OrderByDescending(one => one.Value).ThenBy(one => one.Unit).First().Unit, scores[a].Other);
        }
    }

    [Fact]
    public void Copies_are_found_and_random_sets_of_many_images_hardly_overlap()
    {
        IReadOnlyList<int>[] sets = [[1, 2, 3], [4, 5, 6], [3, 2, 1], [7]];
        var scores = Uniqueness.Of(sets);
        Assert.Equal([(0.0, 2), (1.0, -1), (0.0, 0), (1.0, -1)], scores.Select(score => (score.Nearest, score.Other)));
        Assert.Equal(1 - 1.0 / 3, scores[0].Mean, 1e-12);

        IReadOnlyList<int>[] many = [.. Enumerable.Range(0, 200).Select(_ => (IReadOnlyList<int>)[.. Enumerable.Range(0, 16)])];
        Assert.Equal(0, Uniqueness.Of(many).Max(score => score.Mean), 1e-12);
        // Two sets of 16 of 100 share 16²/100 images on average: Jaccard about 2.56 / 29.4.
        Assert.InRange(1 - Uniqueness.Random(many, 100).Average(score => score.Mean), 0.08, 0.095);
        Assert.Equal(Uniqueness.Random(many, 100, 3), Uniqueness.Random(many, 100, 3));
        Assert.Equal(0, Uniqueness.Random(many, 16).Max(score => score.Nearest)); // all there are
        Assert.Throws<ArgumentException>(() => Uniqueness.Random(many, 15));
    }

    [Fact]
    public void Sets_are_the_sixteen_best_of_the_examples()
    {
        TopExample[] examples = [.. Enumerable.Range(0, 20).Select(i => new TopExample(100 + i, 20 - i, 0, 0))];
        var statistics = new GroupStatistics(
            UnitGroup.Neurons("layer"), 200, 1, 1, [new UnitStatistics(0, 1, 1, 20, examples), new UnitStatistics(1, 0, 0, 0, [])]);
        Assert.Equal(Enumerable.Range(100, 16), Uniqueness.Sets(statistics)[0]);
        Assert.Empty(Uniqueness.Sets(statistics)[1]);
    }
}
