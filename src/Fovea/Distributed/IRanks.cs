namespace Fovea.Distributed;

/// <summary>
/// The processes that work on one thing, each with a number. Every call is made by all of them, in the same order; it returns when all have made it.
/// Memory given to it is native: arrays move under a call that is still under way.
/// </summary>
internal unsafe interface IRanks
{
    /// <summary>This process's number, from 0.</summary>
    int Rank { get; }

    /// <summary>How many there are.</summary>
    int Count { get; }

    /// <summary>Puts what every rank gives behind each other, by rank.</summary>
    /// <param name="own">Of this rank.</param>
    /// <param name="all">Room for <see cref="Count"/> times as much.</param>
    /// <param name="bytes">The same on every rank.</param>
    void Gather(void* own, void* all, int bytes);

    /// <summary>Gives what rank 0 has to the others.</summary>
    /// <param name="data">Read on rank 0, written on others.</param>
    /// <param name="bytes">The same on every rank.</param>
    void Broadcast(void* data, long bytes);

    /// <summary>
    /// Replaces each number by its sum over the ranks, added in the order of <see cref="FixedTree"/>, so that the sum of r ranks that hold a subtree each is
    /// that of one rank that holds the tree.
    /// </summary>
    /// <param name="data">The same number of them on every rank.</param>
    /// <param name="count">How many.</param>
    void Sum(float* data, long count);
}

/// <summary>One process alone.</summary>
internal sealed unsafe class SingleRank : IRanks
{
    /// <summary>It keeps nothing: one is enough.</summary>
    public static SingleRank Instance { get; } = new();

    /// <inheritdoc/>
    public int Rank => 0;

    /// <inheritdoc/>
    public int Count => 1;

    /// <inheritdoc/>
    public void Gather(void* own, void* all, int bytes)
    {
        if (own != all) Buffer.MemoryCopy(own, all, bytes, bytes);
    }

    /// <inheritdoc/>
    public void Broadcast(void* data, long bytes)
    {
    }

    /// <inheritdoc/>
    public void Sum(float* data, long count)
    {
    }
}
