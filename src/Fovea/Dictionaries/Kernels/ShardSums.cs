using Fovea.Distributed;
using Fovea.Numerics;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// What a step tells the metrics of each shard, known on every rank: the sums of all shards are brought together by rank and added in the order of the shards, in
/// float64; which latents were active is exact in any order.
/// </summary>
internal sealed unsafe class ShardSums(int inputSize, int latentSize) : IDisposable
{
    private const int Scalars = 5;

    private readonly int _length = Scalars + inputSize;
    private NativeBuffer<double> _own = new(0), _all = new(0);

    /// <summary>Tells the metrics of a batch.</summary>
    /// <param name="shards">How the batch is cut.</param>
    /// <param name="own">Of each of this rank's shards.</param>
    /// <param name="fired">Not 0 for each latent that was active on this rank; afterwards, on any.</param>
    /// <param name="metrics">The same on every rank afterwards, where they were before.</param>
    public void Share(
        BatchShards shards, ReadOnlySpan<AutoencoderMetrics.Batch> own, Span<byte> fired, AutoencoderMetrics metrics)
    {
        var ranks = shards.Ranks;
        ranks.Or(fired);
        double* mine = NativeBuffer<double>.Ensure(ref _own, (long)own.Length * _length);
        double* all = NativeBuffer<double>.Ensure(ref _all, (long)shards.Count * _length);
        for (int shard = 0; shard < own.Length; shard++) Write(own[shard], mine + (long)shard * _length);
        ranks.Gather(mine, all, checked(own.Length * _length * sizeof(double)));
        // Every latent stands once: with the last shard, which is the last one to be empty.
        for (int shard = 0; shard < shards.Count; shard++)
            metrics.Add(Read(all + (long)shard * _length), shard == shards.Count - 1 ? fired[..latentSize] : []);
    }

    public void Dispose()
    {
        _own.Dispose();
        _all.Dispose();
    }

    private void Write(in AutoencoderMetrics.Batch batch, double* to)
    {
        (to[0], to[1], to[2], to[3], to[4]) = (batch.Rows, batch.Deviation, batch.Error, batch.Sparsity, batch.Active);
        batch.Mean.CopyTo(new Span<double>(to + Scalars, inputSize));
    }

    private AutoencoderMetrics.Batch Read(double* from) => new(
        (long)from[0], new ReadOnlySpan<double>(from + Scalars, inputSize).ToArray(), from[1], from[2], from[3], (long)from[4]);
}
