using Fovea.Dictionaries.Training;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Dictionaries;

public sealed class MixingCounterTests
{
    [Fact]
    public void A_shuffled_order_is_near_the_most_and_what_is_said_of_it_is_its_average()
    {
        // 400 images of 49 vectors, the last 30 of 10.
        int[] group = [.. Enumerable.Range(0, 400).SelectMany(image => Enumerable.Repeat(image, image < 370 ? 49 : 10))];
        const int Batch = 2048;
        GroupMixing found = Measure(group, new CounterRandom(3, "mixing", 0).Permutation(group.Length), Batch);
        Assert.Equal(400, found.Groups);
        Assert.InRange(found.Entropy, 0.97, 1);
        Assert.InRange(found.Coverage, 0.97, 1);
        Assert.InRange(found.LowestEntropy, found.Entropy - 0.01, found.Entropy);
        var (entropy, distinct) = (0.0, 0.0);
        const int Orders = 20;
        for (int order = 1; order <= Orders; order++)
        {
            GroupMixing other = Measure(group, new CounterRandom(3, "mixing", order).Permutation(group.Length), Batch);
            (entropy, distinct) = (entropy + other.Entropy / Orders, distinct + other.Coverage / Orders);
            Assert.Equal((found.ShuffledEntropy, found.ShuffledCoverage), (other.ShuffledEntropy, other.ShuffledCoverage));
        }
        Assert.Equal(entropy, found.ShuffledEntropy, 2e-4);
        Assert.Equal(distinct, found.ShuffledCoverage, 2e-3);
    }

    [Fact]
    public void Reading_in_order_is_near_the_least()
    {
        int[] group = [.. Enumerable.Range(0, 500).SelectMany(image => Enumerable.Repeat(image, 49))];
        const int Batch = 490;
        GroupMixing found = Measure(group, [.. Enumerable.Range(0, group.Length)], Batch);
        // Ten images of 490 vectors; at best 490 of 500 once.
        Assert.Equal(Math.Log(10) / Math.Log(490), found.Entropy, 1e-12);
        Assert.Equal(10 / 490.0, found.Coverage, 1e-12);
        Assert.True(found.Entropy < found.ShuffledEntropy - 0.5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(190)]
    public void It_is_what_a_slow_loop_finds(int batch)
    {
        // Sizes 1 … 19, of which group 4 has none of its five.
        int[] group = [.. Enumerable.Range(1, 19).Where(size => size != 5).SelectMany(size => Enumerable.Repeat(size - 1, size)), .. Enumerable.Repeat(19, 5)];
        int[] order = new CounterRandom(5, "mixing", batch).Permutation(group.Length);
        GroupMixing found = Measure(group, order, batch, 20);
        var entropies = new List<double>();
        var coverages = new List<double>();
        double most = Entropy(Evenest(group, batch));
        foreach (int[] one in order.Chunk(batch).Where(one => one.Length == batch))
        {
            int[] counts = [.. one.GroupBy(place => group[place]).Select(same => same.Count())];
            entropies.Add(most > 0 ? Entropy(counts) / most : 1);
            coverages.Add(counts.Length / (double)Math.Min(19, batch));
        }
        Assert.Equal(19, found.Groups);
        Assert.Equal(entropies.Average(), found.Entropy, 1e-12);
        Assert.Equal(entropies.Min(), found.LowestEntropy, 1e-12);
        Assert.Equal(coverages.Average(), found.Coverage, 1e-12);
        Assert.Equal(coverages.Min(), found.LowestCoverage, 1e-12);
        Assert.InRange(found.Entropy, 0, 1 + 1e-12);
    }

    [Fact]
    public void What_a_shuffle_gives_is_exact()
    {
        // Two groups of 2 and 3, batches of 2: C(5, 2) = 10 pairs, of which 1 + 3 are of one group.
        var (entropy, groups) = ShuffledBatch.Expect([(2, 1), (3, 1)], 2);
        Assert.Equal(0.6 * Math.Log(2), entropy, 1e-14);
        Assert.Equal(1.6, groups, 1e-14);
        // Everything is in the batch.
        (entropy, groups) = ShuffledBatch.Expect([(2, 1), (3, 1)], 5);
        Assert.Equal(-(0.4 * Math.Log(0.4) + 0.6 * Math.Log(0.6)), entropy, 1e-14);
        Assert.Equal(2, groups, 1e-14);
        // A thousand million vectors in files of a million: as with replacement, 1 − (1 − 1/1000)^4096 of them.
        (entropy, groups) = ShuffledBatch.Expect([(1_000_000, 1000)], 4096);
        Assert.Equal(1000 * (1 - Math.Pow(0.999, 4096)), groups, 0.01);
        Assert.InRange(entropy, 0.98 * Math.Log(1000), Math.Log(1000));
    }

    [Fact]
    public void One_group_cannot_be_mixed_better()
    {
        var counter = new MixingCounter([0, 12], 4);
        counter.Add([1, 1, 1, 1]);
        Assert.Equal((1, 1.0, 1.0, 1.0), (counter.Result().Groups, counter.Result().Entropy, counter.Result().Coverage, counter.Result().ShuffledEntropy));
        Assert.Throws<ArgumentException>(() => counter.Add([1, 1]));
    }

    private static GroupMixing Measure(int[] group, int[] order, int batch, int groups = 0)
    {
        var sizes = new long[Math.Max(groups, group.Max() + 1)];
        foreach (int one in group) sizes[one]++;
        var counter = new MixingCounter(sizes, batch);
        foreach (int[] some in order.Chunk(batch).Where(some => some.Length == batch)) counter.Add([.. some.Select(place => group[place])]);
        return counter.Result();
    }

    private static double Entropy(IEnumerable<int> counts)
    {
        double all = counts.Sum();
        return counts.Where(count => count > 0).Sum(count => -count / all * Math.Log(count / all));
    }

    /// <summary>Vector by vector, always of the group that has the fewest in the batch and has one left.</summary>
    private static int[] Evenest(int[] group, int batch)
    {
        int[] left = [.. group.GroupBy(one => one).Select(same => same.Count())], taken = new int[left.Length];
        for (int i = 0; i < batch; i++)
        {
            int next = Enumerable.Range(0, left.Length).Where(one => left[one] > 0).MinBy(one => taken[one]);
            (left[next], taken[next]) = (left[next] - 1, taken[next] + 1);
        }
        return taken;
    }
}
