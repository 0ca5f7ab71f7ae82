using System.Collections.Concurrent;
using Fovea.Activations.Filters;
using Fovea.Checkpoints;
using Fovea.Datasets;

namespace Fovea.Activations;

/// <summary>
/// The shards of one layer: those on disk and the one being filled. A shard knows nothing of the others; it counts its rows as if no image
/// before it were damaged, and who puts the shards together corrects that (<see cref="Gather"/>).
/// </summary>
internal sealed class LayerWriter(
    string name, string folder, (int Channels, int Height, int Width) shape, HarvestOptions options, int perShard, string identity)
    : IDisposable
{
    private readonly ShardForm _form = ShardForm.Of(options, shape);
    private readonly ConcurrentBag<ShardBuffers> _free = [];
    private IReadOnlyList<ActivationShard> _shards = [];
    private HarvestShard? _open;

    public string Name => name;

    public string Folder => folder;

    public (int Channels, int Height, int Width) Shape => shape;

    /// <summary>What its shards look like.</summary>
    public ShardForm Form => _form;

    /// <summary>How far its vectors are rounded, once they are put together.</summary>
    public RoundingError Rounding { get; private set; }

    /// <summary>The shards once they are put together.</summary>
    public IReadOnlyList<ActivationShard> Shards => _shards;

    public long Rows => _shards.Count == 0 ? 0 : _shards[^1].FirstRow + _shards[^1].Rows;

    /// <summary>Whether a shard is on the disk, of this harvest.</summary>
    /// <exception cref="FoveaException">Configuration: the shard is another harvest's.</exception>
    public bool IsThere(int index)
    {
        string path = HarvestShard.VectorsPath(folder, index);
        if (!File.Exists(path) || !options.Filters.All(filter => File.Exists(HarvestShard.DrawsPath(folder, filter, index)))) return false;
        using var file = SafetensorsFile.Open(path);
        Require(file);
        foreach (string filter in options.Filters)
        {
            using var draws = SafetensorsFile.Open(HarvestShard.DrawsPath(folder, filter, index));
            Require(draws);
        }
        return true;
    }

    /// <summary>Adds what a batch's pass says of the layer to the open shard.</summary>
    /// <exception cref="FoveaException">Numerical: the activations are not finite.</exception>
    public void Add(int index, LayerEvidence evidence, IReadOnlyList<IPatchScore> scores, ImageBatch batch)
    {
        _open ??= Opened(index);
        _open.Add(evidence, scores, batch, options.Seed);
    }

    /// <summary>The shard that is full, to be written.</summary>
    /// <returns>Writes it where it is wanted, on any thread; gives its files' hashes.</returns>
    public Func<bool, IEnumerable<KeyValuePair<string, string>>> Take(int index)
    {
        var full = _open ?? Opened(index);
        _open = null;
        return wanted =>
        {
            IReadOnlyList<KeyValuePair<string, string>> hashes = [];
            using (full) if (wanted) hashes = full.Write();
            _free.Add(full.Buffers);
            return hashes.Select(hash => KeyValuePair.Create($"{name}/{hash.Key}", hash.Value));
        };
    }

    /// <summary>
    /// Puts the shards together: their rows follow each other, and draws say rows of the layer. Done again, changes nothing.
    /// </summary>
    /// <param name="count">How many there are.</param>
    /// <param name="hashes">Of some shards' files, what their makers said.</param>
    /// <param name="again">Told of a shard that has to be made again.</param>
    /// <exception cref="FoveaException">Data: a shard is missing, damaged, or not the one that its maker wrote.</exception>
    public void Gather(int count, Func<int, IReadOnlyDictionary<string, string>?> hashes, Action<int> again)
    {
        var shards = new List<ActivationShard>();
        var rounding = new RoundingError();
        for (int index = 0; index < count; index++)
        {
            if (!IsThere(index))
            {
                again(index);
                throw FoveaException.BadData(
                    $"{HarvestShard.VectorsPath(folder, index)} or its draws are missing, though they had been made. "
                        + "The same command, given again, makes them again.");
            }
            IReadOnlyDictionary<string, string>? said = hashes(index);
            using var file = SafetensorsFile.Open(HarvestShard.VectorsPath(folder, index));
            long first = shards.Count == 0 ? 0 : shards[^1].FirstRow + shards[^1].Rows;
            int rows = file.Span<int>(HarvestShard.Image).Length;
            shards.Add(new ActivationShard(Path.GetFileName(file.Path), first, rows) { Hash = Require(file, said, index, again) });
            if (_form.Storage != VectorStorage.Float32) rounding += RoundingError.Of(file);
            long nominal = FirstRow(index);
            foreach (string filter in options.Filters)
            {
                string draws = HarvestShard.DrawsPath(folder, filter, index);
                if (first == nominal) Require(draws, said, index, again);
                else HarvestShard.MoveRows(draws, first, _form.RowsOfImage);
            }
        }
        (_shards, Rounding) = (shards, rounding);
    }

    /// <inheritdoc/>
    public void Dispose() => _open?.Dispose();

    private long FirstRow(int index) => (long)index * perShard * _form.RowsOfImage;

    private HarvestShard Opened(int index) =>
        new(folder, index, FirstRow(index), _free.TryTake(out var buffers) ? buffers
            : new ShardBuffers(perShard, _form.Positions, _form.RowsOfImage, _form.Channels, options.Filters.Count, options.Storage), _form,
            identity);

    private void Require(SafetensorsFile file)
    {
        if (file.Metadata.GetValueOrDefault(HarvestShard.HarvestKey) == identity) return;
        throw FoveaException.BadConfiguration(
            $"{folder} holds shards of another harvest: of other images, another network, engine, transform or options "
                + $"({Path.GetFileName(file.Path)}). Delete the folder, or harvest into another.");
    }

    private void Require(string path, IReadOnlyDictionary<string, string>? said, int index, Action<int> again)
    {
        if (said is null) return;
        using var file = SafetensorsFile.Open(path);
        Require(file, said, index, again);
    }

    /// <summary>The hash in a file's header, which is what its maker said.</summary>
    private string Require(SafetensorsFile file, IReadOnlyDictionary<string, string>? said, int index, Action<int> again)
    {
        string hash = file.Metadata[HarvestShard.HashKey];
        string key = $"{name}/{Path.GetRelativePath(folder, file.Path).Replace('\\', '/')}";
        if (said?.GetValueOrDefault(key) is not { } expected || expected == hash) return hash;
        IO.Removal.Of(HarvestShard.VectorsPath(folder, index));
        again(index);
        throw FoveaException.BadData(
            $"{file.Path} is not the file that was made as a part of the harvest: its hash is {hash}, and {expected} was written. Did machines "
                + "of different kinds work on one run, or was a file copied into it? The same command, given again, makes it again.");
    }

    /// <summary>The images in the shards.</summary>
    public HashSet<int> StoredImages()
    {
        var stored = new HashSet<int>();
        foreach (ActivationShard shard in _shards)
        {
            using var file = SafetensorsFile.Open(Path.Combine(folder, shard.File));
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
            for (int image = 0; image < _shards[index].Rows / _form.RowsOfImage; image++)
                yield return [.. maps.Select(map => map.AsSpan(image * _form.Positions, _form.Positions).ToArray())];
        }
    }
}
