using Fovea.Activations;
using Xunit;

namespace Fovea.Tests.Activations;

public sealed class ShardIndexTests
{
    [Theory]
    [InlineData(8, 0, 8)]
    [InlineData(0, 8, 8)]
    [InlineData(8, 8, 0)]
    [InlineData(0, 0, 1, 0, 0, 3, 0)]
    public void A_row_is_found_beside_empty_shards(params int[] rows)
    {
        long first = 0;
        var index = new ShardIndex(rows.Select(count => new ActivationShard("file", (first += count) - count, count)));
        long row = 0;
        for (int shard = 0; shard < rows.Length; shard++)
            for (int i = 0; i < rows[shard]; i++, row++) Assert.Equal((shard, i), (index.ShardOf(row), (int)(row - index.FirstRow(shard))));
        Assert.Equal(row, index.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => index.ShardOf(row));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.ShardOf(-1));
    }
}
