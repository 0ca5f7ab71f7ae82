using Fovea.Distributed;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// A batch cut into a fixed number of shards of neighbouring rows, of which each rank has as many. Gradients are summed by shard, and those sums in a fixed tree
/// (<see cref="FixedTree"/>), so that the number of ranks changes no bit. A batch with fewer rows than shards leaves some empty.
/// </summary>
internal sealed class BatchShards
{
    /// <param name="count">How many: a power of two, at least as many as ranks.</param>
    /// <param name="ranks">Who has them; their number is a power of two.</param>
    /// <exception cref="FoveaException">Configuration: the shards cannot be dealt out.</exception>
    public BatchShards(int count, IRanks ranks)
    {
        if (!FixedTree.Fits(count)) throw FoveaException.BadConfiguration($"A batch cannot be cut into {count} shards: it must be a power of two.");
        if (!FixedTree.Fits(ranks.Count) || ranks.Count > count)
            throw FoveaException.BadConfiguration(
                $"{count} shards cannot be dealt out to {ranks.Count} processes: start a power of two of them, at most {count}.");
        (Count, Ranks, LocalCount) = (count, ranks, count / ranks.Count);
    }

    /// <summary>V.</summary>
    public int Count { get; }

    /// <summary>Who has them.</summary>
    public IRanks Ranks { get; }

    /// <summary>How many this rank has.</summary>
    public int LocalCount { get; }

    /// <summary>Rows of the batch on all ranks.</summary>
    public int Rows { get; private set; }

    /// <summary>Whether this rank is to leave: told to all with the sums of its next step.</summary>
    public bool Leaves { get; set; }

    /// <summary>Whether a rank was to leave when it made the last step: the same on all of them.</summary>
    public bool AnyLeaves { get; set; }

    /// <summary>Takes up a batch.</summary>
    /// <param name="rows">On all ranks.</param>
    public void Begin(int rows) => Rows = rows;

    /// <summary>The rows of a batch that this rank has, from which on and how many; asked also of batches to come.</summary>
    /// <param name="rows">On all ranks.</param>
    public (int First, int Count) Share(int rows)
    {
        int first = Start(Ranks.Rank * LocalCount, rows);
        return (first, Start((Ranks.Rank + 1) * LocalCount, rows) - first);
    }

    /// <summary>Rows of this rank's shard <paramref name="shard"/>, counted from this rank's first row on.</summary>
    public (int First, int Last) Local(int shard)
    {
        int number = Ranks.Rank * LocalCount + shard, own = Share(Rows).First;
        return (Start(number, Rows) - own, Start(number + 1, Rows) - own);
    }

    /// <summary>Where shard <paramref name="shard"/> of all begins.</summary>
    private int Start(int shard, int rows) => (int)((long)rows * shard / Count);
}
