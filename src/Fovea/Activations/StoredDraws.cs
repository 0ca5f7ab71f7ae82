using System.Security.Cryptography;
using System.Text;
using Fovea.Checkpoints;

namespace Fovea.Activations;

/// <summary>One filter's draws of a store, memory-mapped shard by shard: as many draws as positions, in the same order of images.</summary>
internal sealed class StoredDraws : IDisposable
{
    private readonly ShardIndex _index;
    private readonly SafetensorsFile[] _files;
    private readonly MappedTensor<long>[] _drawn;
    private readonly bool[] _read;

    /// <param name="folder">The layer's folder.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="index">Which shard holds which rows.</param>
    /// <exception cref="FoveaException">A shard is missing or damaged.</exception>
    public StoredDraws(string folder, string filter, ShardIndex index)
    {
        (_index, _files, _drawn, _read) = (index, new SafetensorsFile[index.Shards], new MappedTensor<long>[index.Shards], new bool[index.Shards]);
        try
        {
            for (int i = 0; i < _files.Length; i++)
            {
                _files[i] = HarvestShard.Open(HarvestShard.DrawsPath(folder, filter, i));
                _drawn[i] = _files[i].Mapped<long>(HarvestShard.DrawnRow);
                if (_drawn[i].Length != index.Rows(i))
                    throw FoveaException.BadData($"{_files[i].Path} does not fit the vectors beside it. Harvest the layer again.");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Rows of the store.</summary>
    public long End => _index.Count;

    /// <summary>Takes the numbers of draws (as if every position had been drawn once, in order) for the rows that were drawn.</summary>
    public void Replace(Span<long> rows)
    {
        for (int i = 0; i < rows.Length;)
        {
            int shard = _index.ShardOf(rows[i]);
            long first = _index.FirstRow(shard), end = first + _index.Rows(shard);
            Volatile.Write(ref _read[shard], true);
            for (; i < rows.Length && rows[i] >= first && rows[i] < end; i++)
            {
                long row = _drawn[shard][rows[i] - first];
                if (row < 0 || row >= End)
                    throw FoveaException.BadData($"{_files[shard].Path} names row {row} of {End}. Harvest the layer again.");
                rows[i] = row;
            }
        }
    }

    /// <summary>Adds the hashes of the shards.</summary>
    public void Identify(IncrementalHash hash)
    {
        foreach (var file in _files) hash.AppendData(Encoding.UTF8.GetBytes(file.Metadata.GetValueOrDefault(HarvestShard.HashKey, "")));
    }

    /// <summary>Lets go of pages that were read.</summary>
    public void Release()
    {
        for (int shard = 0; shard < _files.Length; shard++)
        {
            if (Interlocked.Exchange(ref _read[shard], false)) _files[shard].ReleasePages();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in _files) file?.Dispose();
    }
}
