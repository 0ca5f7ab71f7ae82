using Fovea.Activations.Filters;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.IO;
using Fovea.Models;
using Fovea.Numerics;

namespace Fovea.Activations;

/// <summary>
/// Stage 2: one pass over images gives the vectors of several layers, each stored once, and for every filter the score maps and the
/// draws. Shards hold a fixed number of images and are written whole, so a killed harvest goes on after its last shard, and memory does
/// not grow with the number of images.
/// </summary>
public sealed class Harvester
{
    private readonly ImageModel _network;
    private readonly IImageSource _source;
    private readonly Preprocessing _preprocessing;
    private readonly HarvestOptions _options;
    private readonly IReadOnlyList<IPatchScore> _scores;

    /// <summary>A harvest of <paramref name="network"/> (put into evaluation mode, weights frozen) on images of <paramref name="source"/>.</summary>
    /// <exception cref="FoveaException">A filter or a layer does not exist.</exception>
    public Harvester(ImageModel network, IImageSource source, HarvestOptions options)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(options);
        (_network, _source, _preprocessing, _options) = (network, source, network.Preprocessing, options);
        _scores = [.. options.Filters.Select(name => PatchScores.Create(name, options.ActiveThreshold))];
        if (options.Layers.Count == 0) throw FoveaException.BadConfiguration("No layer to harvest.");
        network.Eval();
        network.SetTrainable(false);
    }

    /// <summary>Harvests, or goes on with a harvest that was interrupted.</summary>
    /// <param name="images">Indices in the source, in the order they are stored.</param>
    /// <param name="root">Folder that gets a folder for each layer.</param>
    /// <param name="progress">Reported to after each batch.</param>
    /// <param name="cancellation">Stops after the current batch; finished shards stay.</param>
    /// <returns>The manifests, in the order of the layers.</returns>
    /// <exception cref="FoveaException">
    /// Too many images are damaged, activations are not finite, or the disk is full. Configuration: the folders hold shards of another harvest.
    /// </exception>
    public IReadOnlyList<ActivationManifest> Run(
        IReadOnlyList<int> images, string root, IProgress<HarvestProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count == 0) throw FoveaException.BadData($"{_source.Description} has no images to harvest.");
        var forward = new ScoredForward(_network, _options.Layers, _scores);
        var (height, width) = _preprocessing.OutputSize;
        var shapes = forward.Shapes(height, width);
        long imageBytes = shapes.Max(shape => 4L * shape.Channels * shape.Height * shape.Width);
        int perShard = ImagesOfShard(imageBytes);
        string network = ModelFingerprint.Of(_network), identity = HarvestIdentity.Of(network, _preprocessing, _source, images, _options, perShard);
        var layers = _options.Layers.Select((name, i) => new LayerWriter(name, SafeName.Combine(root, name), shapes[i], _options, perShard, identity)).ToArray();
        int shard = 0;
        for (; layers.All(layer => layer.Adopt(shard)); shard++) { }

        using var loader = new PendingWrite();
        var batches = new ImageLoader(_source, _preprocessing, new LoaderOptions { BatchSize = _options.BatchSize });
        int done = Math.Min(shard * perShard, images.Count);
        progress?.Report(new HarvestProgress(done, images.Count));
        foreach (var batch in batches.Load([.. images.Skip(done)], cancellation))
        {
            if (batch.Count > 0)
            {
                var results = forward.Run(batch);
                for (int i = 0; i < layers.Length; i++) layers[i].Add(shard, results[i], batch);
            }
            done = Math.Min(done + _options.BatchSize, images.Count);
            if (done % perShard == 0 || done == images.Count)
            {
                var full = layers.Select(layer => layer.Take(shard)).ToArray();
                loader.Start(() => Array.ForEach(full, part => part.Write()));
                shard++;
            }
            progress?.Report(new HarvestProgress(done, images.Count));
            cancellation.ThrowIfCancellationRequested();
        }
        loader.Wait();
        return [.. layers.Select(layer => Finish(layer, images, network))];
    }

    /// <summary>Whole batches of at most <see cref="HarvestOptions.ShardBytes"/>, at least one, and not more than an array can hold.</summary>
    private int ImagesOfShard(long imageBytes)
    {
        long batchBytes = checked(imageBytes * _options.BatchSize), most = 4L * Array.MaxLength / batchBytes;
        if (most == 0)
            throw FoveaException.BadConfiguration($"A batch of {_options.BatchSize} images has {batchBytes} bytes of vectors in one layer, more than an array can hold. Use a smaller batch.");
        return checked((int)(Math.Min(Math.Max(1, _options.ShardBytes / batchBytes), most) * _options.BatchSize));
    }

    /// <summary>
    /// Images that no dictionary trains on: a seeded draw of the fraction of those that are stored; where it is above 0 and there are two images or more, at least one, and
    /// never all.
    /// </summary>
    private int[] HeldOut(IReadOnlyList<int> images, HashSet<int> stored)
    {
        int count = (int)Math.Round(_options.ValidationFraction * stored.Count);
        if (_options.ValidationFraction > 0 && stored.Count > 1) count = Math.Clamp(count, 1, stored.Count - 1);
        else if (stored.Count == 1) count = 0;
        var order = new CounterRandom(_options.Seed, "harvest/split", 0).Permutation(images.Count);
        return [.. order.Select(i => images[i]).Where(stored.Contains).Take(count).Order()];
    }

    private ActivationManifest Finish(LayerWriter layer, IReadOnlyList<int> images, string network)
    {
        var stored = layer.StoredImages();
        var damaged = Damage.Missing(_source, images, stored);
        if (damaged.Count > 0) DocumentFile.Write(Path.Combine(layer.Folder, DamagedImages.FileName), new DamagedImages(damaged));
        // Without a filter every patch scores 1: never all zero, and nothing for a correlation to be of.
        var compared = _scores.Where(score => score is not NoFilter).ToArray();
        var statistics = new FilterStatistics([.. compared.Select(score => (score.Name, score.Formula))]);
        foreach (var maps in layer.ScoreMaps([.. compared.Select(score => score.Name)])) statistics.Add(maps);
        var report = statistics.Report();
        var measured = report.Filters.ToDictionary(filter => filter.Name);
        report = report with { Filters = [.. _scores.Select(score => measured.GetValueOrDefault(score.Name) ?? new FilterSummary(score.Name, score.Formula, 0, 0))] };
        DocumentFile.Write(Path.Combine(layer.Folder, FilterReport.FileName), report);

        var manifest = new ActivationManifest
        {
            Layer = layer.Name,
            Channels = layer.Shape.Channels,
            Grid = [layer.Shape.Height, layer.Shape.Width],
            Images = (int)(layer.Rows / layer.Positions),
            Vectors = layer.Rows,
            Damaged = damaged.Count,
            Source = _source.Fingerprint,
            Network = network,
            Shards = layer.Shards,
            Filters = _options.Filters,
            Split = new ActivationSplit(_options.Seed, _options.ValidationFraction, HeldOut(images, stored)),
        };
        DocumentFile.Write(Path.Combine(layer.Folder, ActivationManifest.FileName), manifest);
        return manifest;
    }

    /// <summary>The shards of one layer: those on disk and the one being filled.</summary>
    private sealed class LayerWriter(string name, string folder, (int Channels, int Height, int Width) shape, HarvestOptions options, int perShard, string identity)
    {
        private readonly List<ActivationShard> _shards = [];
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

        public void Add(int index, (float[] Vectors, float[][] Maps) result, ImageBatch batch)
        {
            while (_shards.Count > index) _shards.RemoveAt(_shards.Count - 1); // another layer's shard was missing: this one is done again
            _open ??= new HarvestShard(folder, index, Rows, perShard, shape.Channels, shape.Height, shape.Width, options.Filters, identity);
            _open.Add(result.Vectors, result.Maps, batch.Indices, batch.Labels, options.Seed, name);
        }

        public HarvestShard Take(int index)
        {
            var full = _open ?? new HarvestShard(folder, index, Rows, perShard, shape.Channels, shape.Height, shape.Width, options.Filters, identity);
            _open = null;
            _shards.Add(new ActivationShard(Path.GetFileName(HarvestShard.VectorsPath(folder, index)), full.FirstRow, full.Rows));
            return full;
        }

        private void Require(SafetensorsFile file)
        {
            if (file.Metadata.GetValueOrDefault(HarvestShard.HarvestKey) == identity) return;
            throw FoveaException.BadConfiguration(
                $"{folder} holds shards of another harvest: of other images, another network, transform or options ({Path.GetFileName(file.Path)}). Delete the folder, or harvest into another.");
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

    /// <summary>At most one write under way beside the next forward passes; its error surfaces at the next call.</summary>
    private sealed class PendingWrite : IDisposable
    {
        private Task _task = Task.CompletedTask;

        public void Start(Action write)
        {
            Wait();
            _task = Task.Run(write);
        }

        public void Wait() => _task.GetAwaiter().GetResult();

        public void Dispose()
        {
            // Whatever ended the harvest is the error to report; a shard under way is still finished.
            try { Wait(); }
            catch (FoveaException) { }
        }
    }
}
