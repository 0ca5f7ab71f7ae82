namespace Fovea.Activations;

/// <summary>Which shard holds which rows. A shard may be empty: all its images were damaged.</summary>
internal sealed class ShardIndex
{
    private readonly long[] _ends;
    private readonly int[] _rows;

    public ShardIndex(IEnumerable<ActivationShard> shards)
    {
        _rows = [.. shards.Select(shard => shard.Rows)];
        _ends = new long[_rows.Length];
        for (int i = 0; i < _rows.Length; i++) _ends[i] = (i > 0 ? _ends[i - 1] : 0) + _rows[i];
    }

    /// <summary>Number of shards.</summary>
    public int Shards => _rows.Length;

    /// <summary>Rows of all shards.</summary>
    public long Count => _ends.Length == 0 ? 0 : _ends[^1];

    /// <summary>Rows of a shard.</summary>
    public int Rows(int shard) => _rows[shard];

    /// <summary>First row of a shard.</summary>
    public long FirstRow(int shard) => _ends[shard] - _rows[shard];

    /// <summary>The shard that holds a row: the first that ends after it, so never an empty one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public int ShardOf(long row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)row, (ulong)Count, nameof(row));
        int low = 0, high = _ends.Length - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_ends[middle] > row) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}
