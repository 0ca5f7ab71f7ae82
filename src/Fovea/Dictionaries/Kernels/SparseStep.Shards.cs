using Fovea.Distributed;
using Fovea.Numerics;

namespace Fovea.Dictionaries.Kernels;

// A batch that is summed by shards: groups of rows end where a shard does, and a shard's entries have an order of their own.
internal sealed unsafe partial class SparseStep
{
    private NativeBuffer<float> _residualSums = new(0);
    private int[] _firstGroup = [];

    private static int GroupsIn(int rows) => (rows + RowsOfGroup - 1) / RowsOfGroup;

    /// <summary>Cuts the rows into groups, and makes room for their sums.</summary>
    /// <returns>The number of groups.</returns>
    private int Cut(int rows)
    {
        int shards = Shards?.LocalCount ?? 1, groups = 0;
        if (_firstGroup.Length != shards + 1) _firstGroup = new int[shards + 1];
        for (int shard = 0; shard < shards; shard++)
        {
            var (first, last) = Shards?.Local(shard) ?? (0, rows);
            _firstGroup[shard + 1] = groups += GroupsIn(last - first);
        }
        if (_ranges.Length != groups) _ranges = new (int, int)[groups];
        for (int shard = 0, at = 0; shard < shards; shard++)
        {
            var (first, last) = Shards?.Local(shard) ?? (0, rows);
            for (int row = first; row < last; row += RowsOfGroup) _ranges[at++] = (row, Math.Min(last, row + RowsOfGroup));
        }
        return groups;
    }

    private AutoencoderMetrics.Batch[] SumsOfShards(BatchShards shards) =>
    [
        .. Enumerable.Range(0, shards.LocalCount).Select(
            shard => SumsOf(_firstGroup[shard], _firstGroup[shard + 1], shards.Local(shard).Last - shards.Local(shard).First)),
    ];

    /// <summary>The sums over all shards, and Adam on them.</summary>
    private void Update(AdamKernel.Factors factors, BatchShards shards)
    {
        int d = _parameters.InputSize, count = shards.LocalCount;
        if (_shardOrders.Length != count)
        {
            foreach (var orders in _shardOrders) orders.Dispose();
            _shardOrders = [.. Enumerable.Range(0, count).Select(_ => new ShardOrders(_parameters.LatentSize))];
        }
        var sources = new (LatentUpdate.Source, LatentUpdate.Source)[count];
        float* residuals = NativeBuffer<float>.Ensure(ref _residualSums, (long)count * d);
        new Span<float>(residuals, count * d).Clear();
        for (int shard = 0; shard < count; shard++)
        {
            var (first, last) = shards.Local(shard);
            var orders = _shardOrders[shard];
            orders.Own.Sort(_entries, first, last);
            if (_revived.Count > 0) orders.Revived.Sort(_revived, first, last);
            sources[shard] = (new(_entries, orders.Own, _residual.Pointer), new(_revived, orders.Revived, _revivedResidual.Pointer));
            AddResiduals(_firstGroup[shard], _firstGroup[shard + 1], residuals + (long)shard * d);
        }
        FixedTree.Sum(residuals, count, d);
        // Before the encoder changes: its columns carry ∂L/∂z back to b_dec.
        _update.StepShards(shards, sources, _encoder.Centred, factors, GradientClip, residuals);
        if (_autoencoder.Biases) _decoderBias.Update(_parameters.DecoderBias, residuals, 0, d, factors);
    }

    /// <summary>A shard's entries by latent.</summary>
    private sealed class ShardOrders(int latents) : IDisposable
    {
        public LatentOrder Own { get; } = new(latents);

        public LatentOrder Revived { get; } = new(latents);

        public void Dispose()
        {
            Own.Dispose();
            Revived.Dispose();
        }
    }
}
