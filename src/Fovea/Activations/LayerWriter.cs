using System.Collections.Concurrent;
using Fovea.Activations.Filters;
using Fovea.Checkpoints;
using Fovea.Datasets;

namespace Fovea.Activations;

/// <summary>The shards of one layer: those on disk and the one being filled.</summary>
internal sealed class LayerWriter(
    string name, string folder, (int Channels, int Height, int Width) shape, HarvestOptions options, int perShard, string identity)
    : IDisposable
{
    private readonly List<ActivationShard> _shards = [];
    private readonly ConcurrentBag<ShardBuffers> _free = [];
    private HarvestShard? _open;

    public string Name => name;

    public string Folder => folder;

    public (int Channels, int Height, int Width) Shape => shape;

    public int Positions => shape.Height * shape.Width;

    public IReadOnlyList<ActivationShard> Shards => _shards;

    public long Rows => _shards.Count == 0 ? 0 : _shards[^1].FirstRow + _shards[^1].Rows;

    /// <summary>Takes over a shard that an earlier invocation finished.</summary>
    /// <exception cref="FoveaException">Configuration: the shard is another harvest's.</exception>
    public bool Adopt(int index)
    {
        string path = HarvestShard.VectorsPath(folder, index);
        if (!File.Exists(path) || !options.Filters.All(filter => File.Exists(HarvestShard.DrawsPath(folder, filter, index)))) return false;
        if (_shards.Count > index) return true;
        using var file = SafetensorsFile.Open(path);
        Require(file);
        foreach (string filter in options.Filters)
        {
            using var draws = SafetensorsFile.Open(HarvestShard.DrawsPath(folder, filter, index));
            Require(draws);
        }
        _shards.Add(new ActivationShard(Path.GetFileName(path), Rows, file.Span<int>(HarvestShard.Image).Length));
        return true;
    }

    /// <summary>Adds what a batch's pass says of the layer to the open shard.</summary>
    /// <exception cref="FoveaException">Numerical: the activations are not finite.</exception>
    public void Add(int index, LayerEvidence evidence, IReadOnlyList<IPatchScore> scores, ImageBatch batch)
    {
        while (_shards.Count > index) _shards.RemoveAt(_shards.Count - 1); // another layer's shard was missing: this one is done again
        _open ??= Opened(index);
        _open.Add(evidence, scores, batch, options.Seed);
    }

    /// <summary>The shard that is full, to be written.</summary>
    /// <returns>Writes it; on any thread.</returns>
    public Action Take(int index)
    {
        var full = _open ?? Opened(index);
        _open = null;
        _shards.Add(new ActivationShard(Path.GetFileName(HarvestShard.VectorsPath(folder, index)), full.FirstRow, full.Rows));
        return () =>
        {
            using (full) full.Write();
            _free.Add(full.Buffers);
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _open?.Dispose();

    private HarvestShard Opened(int index) =>
        new(folder, index, Rows, _free.TryTake(out var buffers) ? buffers
            : new ShardBuffers(perShard, Positions, shape.Channels, options.Filters.Count), shape, options.Filters, identity);

    private void Require(SafetensorsFile file)
    {
        if (file.Metadata.GetValueOrDefault(HarvestShard.HarvestKey) == identity) return;
        throw FoveaException.BadConfiguration(
            $"{folder} holds shards of another harvest: of other images, another network, engine, transform or options "
                + $"({Path.GetFileName(file.Path)}). Delete the folder, or harvest into another.");
    }

    /// <summary>The images in the shards; also takes up the shards' hashes.</summary>
    public HashSet<int> StoredImages()
    {
        var stored = new HashSet<int>();
        for (int i = 0; i < _shards.Count; i++)
        {
            using var file = SafetensorsFile.Open(Path.Combine(folder, _shards[i].File));
            _shards[i] = _shards[i] with { Hash = file.Metadata[HarvestShard.HashKey] };
            foreach (int image in file.Span<int>(HarvestShard.Image)) stored.Add(image);
        }
        return stored;
    }

    /// <summary>Each image's maps, one a filter.</summary>
    public IEnumerable<float[][]> ScoreMaps(IReadOnlyList<string> filters)
    {
        for (int index = 0; index < _shards.Count; index++)
        {
            var maps = filters.Select(filter =>
            {
                using var draws = SafetensorsFile.Open(HarvestShard.DrawsPath(folder, filter, index));
                return draws.Span<float>(HarvestShard.Scores).ToArray();
            }).ToArray();
            for (int start = 0; start < _shards[index].Rows; start += Positions)
                yield return [.. maps.Select(map => map.AsSpan(start, Positions).ToArray())];
        }
    }
}
