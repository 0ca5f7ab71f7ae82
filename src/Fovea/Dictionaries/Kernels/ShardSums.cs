using System.Runtime.InteropServices;
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
    private NativeBuffer<byte> _own = new(0), _all = new(0);

    /// <summary>Tells the metrics of a batch, in one exchange.</summary>
    /// <param name="shards">How the batch is cut.</param>
    /// <param name="own">Of each of this rank's shards.</param>
    /// <param name="fired">Not 0 for each latent that was active on this rank; afterwards, on any.</param>
    /// <param name="metrics">The same on every rank afterwards, where they were before.</param>
    public void Share(
        BatchShards shards, ReadOnlySpan<AutoencoderMetrics.Batch> own, Span<byte> fired, AutoencoderMetrics metrics)
    {
        // Of each rank: its shards' sums, one after the other, then which latents were active, then whether it leaves.
        int sums = own.Length * _length * sizeof(double), bytes = sums + latentSize + 1;
        byte* mine = NativeBuffer<byte>.Ensure(ref _own, bytes), all = NativeBuffer<byte>.Ensure(ref _all, (long)bytes * shards.Ranks.Count);
        var numbers = new double[own.Length * _length];
        for (int shard = 0; shard < own.Length; shard++) Write(own[shard], numbers.AsSpan(shard * _length, _length));
        MemoryMarshal.AsBytes<double>(numbers).CopyTo(new Span<byte>(mine, sums));
        fired[..latentSize].CopyTo(new Span<byte>(mine + sums, latentSize));
        mine[bytes - 1] = (byte)(shards.Leaves ? 1 : 0);
        shards.Ranks.Gather(mine, all, bytes);

        shards.AnyLeaves = false;
        for (int rank = 0; rank < shards.Ranks.Count; rank++)
        {
            var active = new ReadOnlySpan<byte>(all + (long)rank * bytes + sums, latentSize);
            for (int latent = 0; latent < latentSize; latent++) fired[latent] |= active[latent];
            shards.AnyLeaves |= all[(rank + 1L) * bytes - 1] != 0;
        }
        for (int shard = 0; shard < shards.Count; shard++)
        {
            int rank = shard / shards.LocalCount, place = shard % shards.LocalCount;
            new ReadOnlySpan<byte>(all + (long)rank * bytes + place * _length * sizeof(double), _length * sizeof(double))
                .CopyTo(MemoryMarshal.AsBytes<double>(numbers.AsSpan(0, _length)));
            // Every latent stands once: with the last shard, which is the last one to be empty.
            metrics.Add(Read(numbers), shard == shards.Count - 1 ? fired[..latentSize] : []);
        }
    }

    public void Dispose()
    {
        _own.Dispose();
        _all.Dispose();
    }

    private static void Write(in AutoencoderMetrics.Batch batch, Span<double> to)
    {
        (to[0], to[1], to[2], to[3], to[4]) = (batch.Rows, batch.Deviation, batch.Error, batch.Sparsity, batch.Active);
        batch.Mean.CopyTo(to[Scalars..]);
    }

    private AutoencoderMetrics.Batch Read(ReadOnlySpan<double> from) =>
        new((long)from[0], from.Slice(Scalars, inputSize).ToArray(), from[1], from[2], from[3], (long)from[4]);
}
