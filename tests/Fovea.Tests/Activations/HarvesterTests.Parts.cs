using Fovea.Activations;
using Fovea.Datasets;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Tests.Interpretation;
using Xunit;

namespace Fovea.Tests.Activations;

/// <summary>Shards made apart from each other, in any order, and put together.</summary>
public sealed partial class HarvesterTests
{
    private const int Few = 43;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 0)]
    [InlineData(3, 5)]
    [InlineData(5, 8)]
    public void Shards_made_apart_have_the_bytes_of_one_pass(int workers, int damaged)
    {
        using var network = Tiny();
        // One percent of a thousand images may be damaged; where some are, rows move.
        var source = damaged == 0 ? (IImageSource)new NoisePictures(1000) : new Damaged(new NoisePictures(1000), 3..(3 + damaged));
        Harvest(network, source, "whole", images: Few);
        int[] order = new CounterRandom(4, "shards", workers).Permutation((Few + 3) / 4);
        for (int worker = 0; worker < workers; worker++)
        {
            using HarvestWork work = Open(network, source, "parts");
            Assert.Equal(11, work.Shards);
            var mine = new Queue<int>(order.Where((_, i) => i % workers == worker));
            List<int> made = [];
            work.Make(() => mine.TryDequeue(out int shard) ? shard : null, _ => true, (shard, hashes) =>
            {
                made.Add(shard);
                // Vectors and four filters of two layers.
                Assert.Equal(10, hashes.Count);
            }, 0, null, TestContext.Current.CancellationToken);
            Assert.Equal(order.Where((_, i) => i % workers == worker), made);
        }
        for (int again = 0; again < 2; again++)
        {
            using HarvestWork joined = Open(network, source, "parts");
            joined.Finish(_ => null, _ => Assert.Fail("a shard is missing"));
            AssertSameFiles(Path.Combine(_root, "whole"), Path.Combine(_root, "parts"));
        }
    }

    [Fact]
    public void A_shard_that_is_missing_or_another_is_found_when_they_are_put_together()
    {
        using var network = Tiny();
        var source = new NoisePictures(1000);
        var hashes = new Dictionary<int, IReadOnlyDictionary<string, string>>();
        using HarvestWork work = Open(network, source, "parts");
        int next = 0;
        work.Make(() => next < work.Shards ? next++ : null, _ => true, (shard, said) => hashes[shard] = said, 0, null,
            TestContext.Current.CancellationToken);
        List<int> again = [];
        hashes[2] = hashes[2].ToDictionary(hash => hash.Key, hash => hash.Key.EndsWith("vectors-00002.safetensors", StringComparison.Ordinal)
            ? new string('0', 64) : hash.Value);
        var error = Assert.Throws<FoveaException>(() => work.Finish(shard => hashes.GetValueOrDefault(shard), again.Add));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains("is not the file that was made", error.Message, StringComparison.Ordinal);
        // What is wrong is made again.
        Assert.False(work.IsThere(2));
        hashes.Remove(2);
        error = Assert.Throws<FoveaException>(() => work.Finish(shard => hashes.GetValueOrDefault(shard), again.Add));
        Assert.Contains("are missing", error.Message, StringComparison.Ordinal);
        Assert.Equal([2, 2], again);
        int? wanted = 2;
        work.Make(() => { int? one = wanted; wanted = null; return one; }, _ => true, (shard, said) => hashes[shard] = said, 0, null,
            TestContext.Current.CancellationToken);
        work.Finish(shard => hashes.GetValueOrDefault(shard), again.Add);
        Harvest(network, source, "whole", images: Few);
        AssertSameFiles(Path.Combine(_root, "whole"), Path.Combine(_root, "parts"));
    }

    private HarvestWork Open(ImageModel network, IImageSource source, string folder) =>
        new Harvester(network.With(Small), source, Options).Open([.. Enumerable.Range(0, Few)], Path.Combine(_root, folder));
}
