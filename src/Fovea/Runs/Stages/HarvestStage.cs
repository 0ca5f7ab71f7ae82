using System.Collections.Concurrent;
using System.Globalization;
using Fovea.Activations;
using Fovea.Activations.Filters;
using Fovea.Checkpoints;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Runs.Graph;
using Fovea.Runs.Settings;
using Fovea.Runs.Speed;

namespace Fovea.Runs.Stages;

/// <summary>Stage 2 in a run folder: <c>activations/&lt;layer&gt;/</c>.</summary>
internal sealed class HarvestStage(HarvestSettings harvest) : IStage
{
    private (RunContext Context, HarvestWork Work)? _open;

    public string Name => "harvest";

    public IReadOnlyList<string> After => ["train"];

    public string Folder(RunFolder run) => run.Activations;

    public StageInputs Inputs(RunContext context) =>
        new HarvestInputs(context.Settings.Seed, context.Harvested.Fingerprint, context.Preprocessing, harvest.Plain());

    public void Check(RunContext context)
    {
        int images = Images(context.Harvested.Count, harvest.Images, context.Settings.Seed).Length;
        foreach (string layer in harvest.Layers)
        {
            var (channels, positions) = context.Shapes.Of(layer);
            Harvester.RequireBatch(layer, channels, positions, Math.Min(harvest.BatchSize, images));
        }
        if (context.Settings.Dictionary.Count + context.Settings.Sweep.Count > 0) DictionaryChecks.RequireBothSides(images);
    }

    /// <summary>A part is a shard of every layer: whole batches of one grid over all images.</summary>
    public IReadOnlyList<StagePart> Parts(RunContext context)
    {
        long numbers = harvest.Layers.Max(layer => context.Shapes.Of(layer) is var (channels, positions)
            ? (long)channels * harvest.RowsOf(positions) : 0);
        int images = Images(context.Harvested.Count, harvest.Images, context.Settings.Seed).Length;
        return [.. Enumerable.Range(0, Harvester.ShardsOf(Options(context), images, numbers)).Select(
            shard => new StagePart(string.Create(CultureInfo.InvariantCulture, $"shard-{shard:00000}"), _ => Make(context, shard)))];
    }

    private void Make(RunContext context, int shard)
    {
        var one = new Queue<int>([shard]);
        Work(context).Make(
            () => one.TryDequeue(out int next) ? next : null, _ => true, (_, _) => { }, 0, null, context.Cancellation);
    }

    /// <summary>All of them in one pass: while the last images of one shard are waited for, the first of the next are loaded.</summary>
    public void MakeParts(RunContext context, PartQueue parts)
    {
        var made = new ConcurrentDictionary<int, StagePart>();
        StagePart? first = parts.Next();
        if (first is null) return;
        HarvestWork work = Work(context);
        int? Next()
        {
            for (StagePart? part = Interlocked.Exchange(ref first, null) ?? parts.Next(); part is not null; part = parts.Next())
            {
                int shard = ShardOf(part);
                if (!work.IsThere(shard))
                {
                    made[shard] = part;
                    return shard;
                }
                parts.Done(part); // its maker was killed before it could say so
            }
            return null;
        }
        int done = Enumerable.Range(0, work.Shards).Where(shard => parts.IsDone(shard)).Sum(shard => work.ImagesOf(shard).Count);
        work.Make(Next, shard => parts.Owns(made[shard]), (shard, hashes) => parts.Done(made[shard], hashes), done,
            new Reporter<HarvestProgress>(value => context.Report(Name, value.Images, value.Total, "images")), context.Cancellation);
    }

    public void Join(RunContext context, JoinedParts parts)
    {
        HarvestWork work = Work(context);
        work.Finish(shard => parts.HashesOf(parts.Parts[shard]), shard => parts.MakeAgain(parts.Parts[shard]));
        _open = null;
        context.Drop(work);
        foreach (string layer in harvest.Layers) WriteSamples(context, layer);
    }

    public StageCost Cost(RunContext context, MachineSpeed speed)
    {
        int count = Images(context.Harvested.Count, harvest.Images, context.Settings.Seed).Length;
        double seconds = count * speed.Networks.Harvest(harvest);
        long vectors = 0, bytes = 0;
        foreach (string layer in harvest.Layers)
        {
            var (channels, positions) = context.Shapes.Of(layer);
            long rows = (long)count * harvest.RowsOf(positions);
            vectors += rows;
            // A vector's numbers, image, position and label; each filter's maps; row and weight of each draw.
            bytes += rows * ((long)Storage.Type().SizeInBytes() * channels + 12) + 4L * count * positions * harvest.Filters.Count
                + rows * 12L * (harvest.KeptBy is null ? harvest.Filters.Count : 1);
        }
        return new StageCost(seconds, count, vectors, bytes);
    }

    public string Summary(RunFolder run) =>
        string.Join("; ", Layers(run)
            .Select(layer => FormattableString.Invariant($"{layer.Layer}: {layer.Vectors} vectors of {layer.Channels} channels")
                + (layer.StoredAs is { } stored ? $" ({stored})" : "")));

    public WorkflowResult AddTo(WorkflowResult result, RunFolder run) => result with { Layers = [.. Layers(run)] };

    private IEnumerable<LayerResult> Layers(RunFolder run)
    {
        foreach (string layer in harvest.Layers)
        {
            string folder = run.ActivationsOf(layer);
            var manifest = DocumentFile.Read<ActivationManifest>(Path.Combine(folder, ActivationManifest.FileName));
            var filters = DocumentFile.Read<FilterReport>(Path.Combine(folder, "filters.json"));
            yield return new LayerResult(layer, manifest.Vectors, manifest.Channels, manifest.Grid,
                [.. filters.Filters.Select(filter => new FilterResult(filter.Name, filter.AllZeroFraction))])
            {
                StoredAs = manifest.StoredAs,
            };
        }
    }

    private VectorStorage Storage => VectorStorages.Of(harvest.Storage);

    /// <summary>The harvest under way: opened once for its parts and their joining.</summary>
    private HarvestWork Work(RunContext context)
    {
        if (_open is { } open && open.Context == context) return open.Work;
        HarvestWork work = context.Keep(
            new Harvester(context.Network, context.Harvested, Options(context)).Open(
                Images(context.Harvested.Count, harvest.Images, context.Settings.Seed), context.Run.Activations));
        _open = (context, work);
        return work;
    }

    private HarvestOptions Options(RunContext context) => new()
    {
        Layers = harvest.Layers,
        Filters = harvest.Filters,
        BatchSize = harvest.BatchSize,
        Precision = harvest.Precision == SettingChoices.Half ? ReadingPrecision.BFloat16 : ReadingPrecision.Single,
        ActiveThreshold = harvest.ActiveThreshold,
        ValidationFraction = harvest.ValidationFraction,
        Seed = context.Settings.Seed,
        ShardBytes = (long)harvest.ShardMegabytes << 20,
        Storage = Storage,
        Keep = harvest.Keep ?? 0,
        KeepBy = harvest.KeptBy,
        PredictedClass = !NetworkClasses.AreOfImages(context.Settings.Model),
    };

    private static int ShardOf(StagePart part) => int.Parse(part.Name.AsSpan("shard-".Length), CultureInfo.InvariantCulture);

    /// <summary>All images, or a seeded draw in the order of the source.</summary>
    public static int[] Images(int count, int? limit, ulong seed) => limit is not { } most || most >= count
        ? [.. Enumerable.Range(0, count)]
        : [.. new CounterRandom(seed, "harvest/images", 0).Permutation(count).Take(most).Order()];

    private static void WriteSamples(RunContext context, string layer)
    {
        string folder = context.Run.ActivationsOf(layer);
        using var store = ActivationStore.Open(folder);
        var source = context.Harvested;
        var chosen = new CounterRandom(context.Settings.Seed, "harvest/samples", 0).Permutation(store.Images.Count)
            .Take(context.Settings.Harvest!.SampleImages).Order().ToArray();
        var maps = store.Manifest.Filters.Where(filter => filter != NoFilter.FilterName)
            .ToDictionary(filter => filter, filter => MapsOf(store, filter, chosen));
        var (height, width) = context.Preprocessing.OutputSize;
        var layout = new SheetLayout("samples", Enumerable.Repeat((width, height), chosen.Length));
        SheetFiles.Write(
            folder, layout, i => context.Preprocessing.ApplyToPixels(source.Read(store.Images[chosen[i]])), context.Cancellation);
        var samples = chosen.Select((image, i) =>
        {
            int index = store.Images[image];
            return new SampleMaps
            {
                Image = source.Id(index),
                Label = source.Label(index),
                ClassName = source.LabelName(index),
                Picture = layout.Pictures[i],
                Maps = maps.ToDictionary(pair => pair.Key, pair => Rows(pair.Value[i], store.Manifest.Grid[1])),
            };
        });
        DocumentFile.Write(Path.Combine(folder, SamplesDocument.FileName), new SamplesDocument([.. samples]));
    }

    private static float[][] MapsOf(ActivationStore store, string filter, int[] chosen)
    {
        int positions = store.Manifest.Positions, first = 0;
        var found = new float[chosen.Length][];
        foreach (var shard in store.ScoreMaps(filter))
        {
            int images = shard.Length / positions;
            for (int i = 0; i < chosen.Length; i++)
            {
                if (chosen[i] >= first && chosen[i] < first + images)
                    found[i] = shard.AsSpan((chosen[i] - first) * positions, positions).ToArray();
            }
            first += images;
        }
        return found;
    }

    private static float?[][] Rows(float[] map, int width) =>
        [.. map.Chunk(width).Select(row => row.Select(v => float.IsNaN(v) ? (float?)null : v).ToArray())];
}
