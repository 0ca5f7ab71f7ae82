using Fovea.Activations.Filters;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.IO;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Numerics;
using static TorchSharp.torch;

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

    /// <summary>
    /// A harvest of <paramref name="network"/> (put into evaluation mode, weights frozen) on images of <paramref name="source"/>.
    /// </summary>
    /// <exception cref="FoveaException">A filter or a layer does not exist.</exception>
    public Harvester(ImageModel network, IImageSource source, HarvestOptions options)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(options);
        (_network, _source, _preprocessing, _options) = (network, source, network.Preprocessing, options);
        _scores = [.. options.Filters.Select(name => PatchScores.Create(name, options.ActiveThreshold))];
        options.RequireKeep();
        if (options.Layers.Count == 0) throw FoveaException.BadConfiguration("No layer to harvest.");
        network.Eval();
        network.SetTrainable(false);
    }

    /// <summary>Refuses a batch whose vectors of one layer no array holds.</summary>
    /// <exception cref="FoveaException">Configuration: the batch is too large.</exception>
    internal static void RequireBatch(string layer, int channels, int positions, int images)
    {
        long bytes = sizeof(float) * (long)channels * positions;
        if (bytes * images <= Array.MaxLength) return;
        throw FoveaException.BadConfiguration(FormattableString.Invariant(
            $"A batch of {images} images makes {bytes * images / 1e9:0.0} GB of vectors of {layer}, of which at most 2.1 GB are kept at once: harvest in batches of {Array.MaxLength / bytes} or fewer."));
    }

    /// <summary>Harvests, or goes on with a harvest that was interrupted.</summary>
    /// <param name="images">Indices in the source, in the order they are stored.</param>
    /// <param name="root">Folder that gets a folder for each layer.</param>
    /// <param name="progress">Reported to after each batch.</param>
    /// <param name="cancellation">Stops after the current batch; finished shards stay.</param>
    /// <returns>The manifests, in the order of the layers.</returns>
    /// <exception cref="FoveaException">
    /// Too many images are damaged, activations are not finite, or the disk is full. Configuration: the folders hold shards of another
    /// harvest; or bfloat16 was asked for, and this machine is no faster in it, or the network cannot be run so.
    /// </exception>
    public IReadOnlyList<ActivationManifest> Run(
        IReadOnlyList<int> images, string root, IProgress<HarvestProgress>? progress = null, CancellationToken cancellation = default)
    {
        using HarvestWork work = Open(images, root);
        int next = 0, done = 0;
        bool[] there = [.. Enumerable.Range(0, work.Shards).Select(work.IsThere)];
        for (int shard = 0; shard < there.Length; shard++) done += there[shard] ? work.ImagesOf(shard).Count : 0;
        int? Next()
        {
            while (next < there.Length && there[next]) next++;
            return next < there.Length ? next++ : null;
        }
        work.Make(Next, _ => true, (_, _) => { }, done, progress, cancellation);
        return work.Finish(_ => null, _ => { });
    }

    /// <summary>Opens a harvest whose shards are then made one by one, in any order, by one process or several.</summary>
    /// <param name="images">Indices in the source, in the order they are stored.</param>
    /// <param name="root">Folder that gets a folder for each layer.</param>
    /// <exception cref="FoveaException">As <see cref="Run"/>.</exception>
    internal HarvestWork Open(IReadOnlyList<int> images, string root)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count == 0) throw FoveaException.BadData($"{_source.Description} has no images to harvest.");
        if (_options.Precision == ReadingPrecision.BFloat16) PrecisionTrial.RequireSupport(_network);
        // Reading all weights takes as long as a batch of a small network, and so does the start of a pass.
        string network = "";
        using var naming = new PendingWork();
        naming.Start(() => network = ModelFingerprint.Of(_network));
        EvidencePass pass = Pass(_options.Precision);
        try
        {
            var shapes = pass.Grids();
            for (int i = 0; i < shapes.Length; i++)
                RequireBatch(
                    _options.Layers[i], shapes[i].Channels, shapes[i].Height * shapes[i].Width, Math.Min(_options.BatchSize, images.Count));
            int perShard = ImagesOfShard(
                _options, shapes.Max(shape => (long)shape.Channels * ShardForm.RowsOf(_options, shape.Height * shape.Width)));
            naming.Wait();
            string identity = HarvestIdentity.Of(network, pass.Engine.Id, _preprocessing, _source, images, _options, perShard);
            int most = Math.Min(perShard, images.Count);
            return new HarvestWork(this, pass, images, perShard, network, [.. _options.Layers.Select(
                (name, i) => new LayerWriter(name, SafeName.Combine(root, name), shapes[i], _options, most, identity))]);
        }
        catch
        {
            pass.Dispose();
            throw;
        }
    }

    /// <summary>In how many shards images are stored.</summary>
    /// <param name="options">Of the harvest.</param>
    /// <param name="images">How many.</param>
    /// <param name="numbers">Of one image in the largest layer: channels × positions that are stored.</param>
    internal static int ShardsOf(HarvestOptions options, int images, long numbers)
    {
        int perShard = ImagesOfShard(options, numbers);
        return (int)(((long)images + perShard - 1) / perShard);
    }

    /// <summary>Makes shards; of <see cref="HarvestWork.Make"/>.</summary>
    internal void Fill(
        EvidencePass pass, ShardBatches batches, IReadOnlyList<LayerWriter> layers, bool begun, int images, Func<int, bool> wanted,
        Action<int, IReadOnlyDictionary<string, string>> made, int done, IProgress<HarvestProgress>? progress, CancellationToken cancellation)
    {
        // A harvest that has begun goes on, however busy the machine is now.
        if (!begun && _options.Precision == ReadingPrecision.BFloat16) TryPrecision(pass, Math.Min(images, _options.BatchSize));
        using var writes = new PendingWork();
        progress?.Report(new HarvestProgress(done, images));
        pass.ForEach(batches.All(), _options.PredictedClass, (batch, evidence) =>
        {
            using var quiet = no_grad();
            var (shard, count, isLast) = batches.Use();
            for (int i = 0; i < evidence.Count; i++) layers[i].Add(shard, evidence[i], _scores, batch);
            done += count;
            if (isLast)
            {
                var full = layers.Select(layer => layer.Take(shard)).ToArray();
                writes.Start(() =>
                {
                    bool write = wanted(shard);
                    made(shard, full.SelectMany(one => one(write)).ToDictionary());
                });
            }
            progress?.Report(new HarvestProgress(done, images));
            cancellation.ThrowIfCancellationRequested();
        });
        writes.Wait();
    }

    /// <summary>The loader of a harvest's images.</summary>
    internal ShardBatches Batches(Func<int?> next, Func<int, IReadOnlyList<int>> imagesOf, CancellationToken cancellation) => new(
        new ImageLoader(_source, _preprocessing, new LoaderOptions { BatchSize = _options.BatchSize }), _options.BatchSize, next, imagesOf,
        cancellation);

    private EvidencePass Pass(ReadingPrecision precision) =>
        new(_network, _options.Layers, [.. _scores.Select(score => score.Needs)], precision: precision);

    private void TryPrecision(EvidencePass pass, int images)
    {
        using EvidencePass single = Pass(ReadingPrecision.Single);
        string found = PrecisionTrial.Run(pass, single, images, _preprocessing.OutputSize);
        _network.EngineChosen?.Invoke(pass.Engine with { Trial = found });
    }

    /// <summary>
    /// Whole batches of at most <see cref="HarvestOptions.ShardBytes"/>, at least one, and not more than an array can hold.
    /// </summary>
    private static int ImagesOfShard(HarvestOptions options, long numbers)
    {
        long bytes = options.Storage.Type().SizeInBytes();
        long batchBytes = checked(bytes * numbers * options.BatchSize), most = bytes * Array.MaxLength / batchBytes;
        if (most == 0)
            throw FoveaException.BadConfiguration(
                $"A batch of {options.BatchSize} images has {batchBytes} bytes of vectors in one layer, more than an array can hold. "
                    + $"Use a smaller batch.");
        return checked((int)(Math.Min(Math.Max(1, options.ShardBytes / batchBytes), most) * options.BatchSize));
    }

    /// <summary>
    /// Images that no dictionary trains on: a seeded draw of the fraction of those that are stored; where it is above 0 and there are two
    /// images or more, at least one, and never all.
    /// </summary>
    private int[] HeldOut(IReadOnlyList<int> images, HashSet<int> stored) =>
        [.. Split(images.Count, _options.Seed).Select(i => images[i]).Where(stored.Contains)
            .Take(HeldOut(stored.Count, _options.ValidationFraction)).Order()];

    /// <summary>The places of the images that are held out where all of them can be read.</summary>
    /// <param name="images">How many are harvested.</param>
    /// <param name="fraction">The share held out.</param>
    /// <param name="seed">The run's.</param>
    internal static IEnumerable<int> HeldOut(int images, double fraction, ulong seed) => Split(images, seed).Take(HeldOut(images, fraction));

    private static int[] Split(int images, ulong seed) => new CounterRandom(seed, "harvest/split", 0).Permutation(images);

    private static int HeldOut(int stored, double fraction)
    {
        int count = (int)Math.Round(fraction * stored);
        if (fraction > 0 && stored > 1) return Math.Clamp(count, 1, stored - 1);
        return stored == 1 ? 0 : count;
    }

    internal ActivationManifest Finish(LayerWriter layer, IReadOnlyList<int> images, string network, ReadingEngine engine)
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
        report = report with
        {
            Filters = [.. _scores.Select(
            score => measured.GetValueOrDefault(score.Name) ?? new FilterSummary(score.Name, score.Formula, 0, 0))]
        };
        DocumentFile.Write(Path.Combine(layer.Folder, FilterReport.FileName), report);

        (int height, int width) = _preprocessing.OutputSize;
        LayerGrid? layout = GridRewrite.Of(_network.Graph, _network.Layer(layer.Name).Value);
        var manifest = new ActivationManifest
        {
            Layer = layer.Name,
            Layout = layout,
            WholeImage = layout is null ? null : !ReceptiveField.Of(_network, layer.Name, height, width).IsLocal,
            Channels = layer.Shape.Channels,
            Grid = [layer.Shape.Height, layer.Shape.Width],
            Images = (int)(layer.Rows / layer.Form.RowsOfImage),
            Vectors = layer.Rows,
            Damaged = damaged.Count,
            Source = _source.Fingerprint,
            Network = network,
            Engine = engine.Id,
            EngineReason = engine.Reason,
            Storage = layer.Form.Storage == VectorStorage.Float32 ? null : layer.Form.Storage.Word(),
            StorageError = layer.Form.Storage == VectorStorage.Float32 ? null : layer.Rounding.Relative,
            Kept = layer.Form.Kept is { } kept ? new StoredPositions(kept, layer.Form.KeptBy) : null,
            Shards = layer.Shards,
            Filters = _options.Filters,
            Split = new ActivationSplit(_options.Seed, _options.ValidationFraction, HeldOut(images, stored)),
        };
        DocumentFile.Write(Path.Combine(layer.Folder, ActivationManifest.FileName), manifest);
        return manifest;
    }
}
