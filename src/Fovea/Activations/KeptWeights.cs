using Fovea.Checkpoints;

namespace Fovea.Activations;

/// <summary>
/// The weight of each row of a store that keeps some positions of each image (<see cref="KeptPositions"/>), memory-mapped.
/// </summary>
internal sealed class KeptWeights : IDisposable
{
    private readonly ShardIndex _index;
    private readonly SafetensorsFile[] _files;
    private readonly MappedTensor<float>[] _weights;

    /// <param name="folder">The layer's folder.</param>
    /// <param name="filter">The filter that drew the positions.</param>
    /// <param name="index">Which shard holds which rows.</param>
    /// <exception cref="FoveaException">A shard is missing or damaged.</exception>
    public KeptWeights(string folder, string filter, ShardIndex index)
    {
        (_index, _files, _weights) = (index, new SafetensorsFile[index.Shards], new MappedTensor<float>[index.Shards]);
        try
        {
            for (int i = 0; i < _files.Length; i++)
            {
                _files[i] = HarvestShard.Open(HarvestShard.DrawsPath(folder, filter, i));
                _weights[i] = _files[i].Mapped<float>(HarvestShard.Weight);
                if (_weights[i].Length != index.Rows(i))
                    throw FoveaException.BadData($"{_files[i].Path} does not fit the vectors beside it. Harvest the layer again.");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The weight of a row.</summary>
    public float this[long row]
    {
        get
        {
            int shard = _index.ShardOf(row);
            return _weights[shard][row - _index.FirstRow(shard)];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in _files) file?.Dispose();
    }
}
