using System.Diagnostics;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Interventions.Studies;
using Fovea.Models.Edits;
using Fovea.Numerics;
using Fovea.Runs;
using Fovea.Runs.Studies;

namespace Fovea.Explorer.Live;

/// <summary>
/// The run's network, for who looks at images: it is opened once, when somebody asks for it first, and works on one thread. What it hands
/// out is managed. Thread-safe.
/// </summary>
/// <param name="run">The run folder.</param>
/// <param name="limits">The bounds.</param>
/// <param name="images">Opens the run's own images; null: they are not shown.</param>
internal sealed class LiveModel(string run, LiveLimits limits, Func<IImageSource>? images) : IAsyncDisposable
{
    private const int Likely = 5, Moved = 5;

    private readonly LiveWorker _worker = new();
    private readonly OwnImages _own = new(limits);
    private readonly Lazy<Task<IImageSource?>> _source = new(() => Task.Run(() => images?.Invoke()));
    private readonly SemaphoreSlim _reading = new(1);
    private RunNetwork? _network;

    /// <summary>The images of this sitting.</summary>
    public OwnImages Own => _own;

    /// <summary>Opens the network, if that is not done.</summary>
    public Task<LiveFacts> FactsAsync(CancellationToken cancellation) => RunAsync(
        network => new LiveFacts(
            network.Model.Architecture, network.Model.Classes is { } classes ? [.. classes.Select(one => one.Name)] : [],
            [.. network.Layers.Select(layer => new LiveLayer(layer, [RunLayout.Neurons, .. network.Dictionaries(layer)]))],
            network.Model.Preprocessing.OutputSize, network.Model.Classes is null ? "" : network.Model.Head), cancellation);

    /// <summary>The bytes held beside the network.</summary>
    public Task<long> BytesAsync(CancellationToken cancellation) => RunAsync(network => network.Bytes, cancellation);

    /// <summary>Takes a reader's file.</summary>
    /// <exception cref="FoveaException">It is no picture, is damaged or too large.</exception>
    public async Task<OwnImage> AddAsync(byte[] file, string? name, CancellationToken cancellation) =>
        await _own.AddAsync(file, name, await PreprocessingAsync(cancellation), cancellation);

    /// <summary>An image of this sitting, or one of the run's; null where there is none such.</summary>
    /// <exception cref="FoveaException">The run's image is damaged, or the run's images are not there.</exception>
    public async Task<OwnImage?> FindAsync(string id, CancellationToken cancellation)
    {
        if (_own.Find(id) is { } known) return known;
        if (OwnImages.RunNumber(id) is not { } number || await SourceAsync(cancellation) is not { } source
            || await SeenAsync(number, await PreprocessingAsync(cancellation), cancellation) is not { } seen)
            return null;
        return _own.Keep(new OwnImage(id, source.Id(number), source.LabelName(number) is { Length: > 0 } name ? name : null, seen));
    }

    /// <summary>How many images the run has; 0 where they are not there.</summary>
    public async Task<int> RunImagesAsync(CancellationToken cancellation)
    {
        try
        {
            return (await SourceAsync(cancellation))?.Count ?? 0;
        }
        catch (FoveaException)
        {
            // The data may lie on another machine; own images do without them.
            return 0;
        }
    }

    /// <summary>Whether the run's images can be shown. Begins to open them where nobody has, and waits for nothing.</summary>
    public bool ShowsRunImages
    {
        get
        {
            Task<IImageSource?> opening = _source.Value;
            // Why they are not there is told where somebody asks for one.
            if (opening.IsFaulted) _ = opening.Exception;
            return opening is { IsCompletedSuccessfully: true, Result.Count: > 0 };
        }
    }

    /// <summary>
    /// One of the run's images as the network sees it, without the network, and without keeping it; null where there is none such. One at a
    /// time: it may take hundreds of megabytes while it is decoded.
    /// </summary>
    /// <exception cref="FoveaException">The image is damaged, or the run's images are not there.</exception>
    public async Task<RgbImage?> SeenAsync(int number, Preprocessing preprocessing, CancellationToken cancellation)
    {
        if (await SourceAsync(cancellation) is not { } source || number >= source.Count) return null;
        await _reading.WaitAsync(cancellation);
        try
        {
            return await Task.Run(() => preprocessing.ApplyToPixels(source.Read(number)), cancellation);
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>The likeliest classes of an image; none where the network is no classifier.</summary>
    public Task<IReadOnlyList<ClassScore>> PredictAsync(OwnImage image, int most, CancellationToken cancellation) =>
        RunAsync<IReadOnlyList<ClassScore>>(network => network.Model.Classes is null ? []
            : Scores(network, Study(network, image).Answer, most), cancellation);

    /// <summary>The units of a source on an image, and what they add to a class's logit.</summary>
    /// <param name="image">The image.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="source"><c>neurons</c>, or a dictionary.</param>
    /// <param name="output">The class; null: the likeliest.</param>
    /// <param name="most">How many units are listed.</param>
    /// <param name="byShare">Whether they are ranked by what they add to the logit, where that is known; else by magnitude.</param>
    /// <param name="cancellation">Whether it is still wanted.</param>
    public Task<UnitsOfImage> UnitsAsync(
        OwnImage image, string layer, string source, int? output, int most, bool byShare, CancellationToken cancellation) => RunAsync(
        network =>
        {
            ImageStudy study = Study(network, image);
            UnitGroup group = network.Group(layer, source);
            UnitMaps units = study.Units(group);
            int label = output ?? Likeliest(study.Answer);
            LogitShares? shares = network.Model.Classes is null ? null : study.Shares(group, label);
            Dictionary<int, double>? added = shares?.Units.ToDictionary(one => one.Unit, one => one.Share);
            IEnumerable<UnitOnImage> ranked = byShare && added is not null
                ? units.Ranked.OrderByDescending(one => Math.Abs(added.GetValueOrDefault(one.Unit))).ThenBy(one => one.Unit) : units.Ranked;
            UnitEntry[] entries = [.. ranked.Take(most).Select(one => Entry(one, added))];
            LogitSum? sum = null;
            if (shares is not null)
            {
                double shown = entries.Sum(one => one.Share ?? 0);
                sum = new LogitSum(label, network.Model.ClassName(label), shares.Logit, Clean(shares.Constant),
                    group.IsDictionary ? Clean(shares.Error) : null, shown, Clean(shares.Units.Sum(one => one.Share) - shown));
            }
            return new UnitsOfImage(layer, source, units.Height, units.Width, units.Units, units.Ranked.Count, entries, sum);
        }, cancellation);

    /// <summary>The strongest units of each position.</summary>
    public Task<UnitGrid> GridAsync(OwnImage image, string layer, string source, int most, CancellationToken cancellation) => RunAsync(
        network =>
        {
            UnitMaps units = Study(network, image).Units(network.Group(layer, source));
            return new UnitGrid(units.Height, units.Width, [.. Enumerable.Range(0, units.Positions).Select(p =>
                (IReadOnlyList<UnitAt>)[.. units.At(p / units.Width, p % units.Width).Take(most)
                    .Select(one => new UnitAt(one.Unit, one.Value))])]);
        }, cancellation);

    /// <summary>A unit's value at each position.</summary>
    public Task<UnitHeat> HeatAsync(OwnImage image, string layer, string source, int unit, CancellationToken cancellation) => RunAsync(
        network =>
        {
            UnitMaps units = Study(network, image).Units(network.Group(layer, source));
            return new UnitHeat(unit, units.Height, units.Width, units.Map(unit));
        }, cancellation);

    /// <summary>Neurons against the latents of a dictionary (figures 21 to 24 of the paper).</summary>
    public Task<(SourceOnImage Neurons, SourceOnImage Latents)> CompareAsync(
        OwnImage image, string layer, string dictionary, int most, CancellationToken cancellation) => RunAsync(
        network =>
        {
            ImageStudy study = Study(network, image);
            return (Side(study, network.Group(layer, RunLayout.Neurons), most), Side(study, network.Group(layer, dictionary), most));
        }, cancellation);

    /// <summary>What changes do to an image: what follows the first changed layer is run, exactly.</summary>
    /// <param name="image">The image.</param>
    /// <param name="steering">The changes.</param>
    /// <param name="spliced">A layer and source whose error is dropped though nothing of it is changed.</param>
    /// <param name="measure">How large a unit's activations are in the run's images.</param>
    /// <param name="watched">A class that is told of in any case; null: none.</param>
    /// <param name="cancellation">Whether it is still wanted.</param>
    /// <exception cref="FoveaException">A change cannot be made.</exception>
    public Task<SteerOutcome> SteerAsync(
        OwnImage image, Steering steering, (string Layer, string Source)? spliced, Func<SteerEdit, double> measure, int? watched,
        CancellationToken cancellation) => RunAsync(
        network =>
        {
            ImageStudy study = Study(network, image);
            IReadOnlyList<Intervention> changes = SteerInterventions.Of(network, steering, spliced, measure);
            long start = Stopwatch.GetTimestamp();
            IReadOnlyList<float> before = study.Answer, after = study.With(changes);
            double took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            AnswerChange moved = AnswerChange.Of([.. before], [.. after]);
            return new SteerOutcome(
                network.Model.Classes is null ? [] : Changes(network, before, after, watched), moved.Cosine, moved.RelativeError, took);
        }, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _worker.StopAsync(() => _network?.Dispose());
        await _worker.DisposeAsync();
        if (_source.IsValueCreated) await CloseAsync(_source.Value);
        _reading.Dispose();
    }

    private static async Task CloseAsync(Task<IImageSource?> opening)
    {
        try
        {
            (await opening)?.Dispose();
        }
        catch (FoveaException)
        {
            // They were never there.
        }
    }

    private Task<Preprocessing> PreprocessingAsync(CancellationToken cancellation) =>
        RunAsync(network => network.Model.Preprocessing, cancellation);

    private Task<IImageSource?> SourceAsync(CancellationToken cancellation) => _source.Value.WaitAsync(cancellation);

    private Task<T> RunAsync<T>(Func<RunNetwork, T> work, CancellationToken cancellation) => _worker.RunAsync(
        () =>
        {
            if (_network is { IsCurrent: false } old)
            {
                // The run has trained its network anew: nothing of the old one holds.
                _network = null;
                old.Dispose();
            }
            _network ??= new RunNetwork(new RunFolder(run)) { StudyBytes = limits.StudyBytes, DictionaryBytes = limits.DictionaryBytes };
            try
            {
                return work(_network);
            }
            finally
            {
                _network.Trim();
            }
        }, cancellation);

    private static ImageStudy Study(RunNetwork network, OwnImage image) => network.Study(image.Id, image.Seen);

    private static UnitEntry Entry(UnitOnImage one, Dictionary<int, double>? added) => new(
        one.Unit, one.Magnitude, one.Peak, one.Y, one.X, one.Positions, added?.GetValueOrDefault(one.Unit));

    /// <summary>What is left of a difference of equal numbers is nothing.</summary>
    private static double Clean(double value) => Math.Abs(value) < 1e-6 ? 0 : value;

    private static SourceOnImage Side(ImageStudy study, UnitGroup group, int most)
    {
        UnitMaps units = study.Units(group);
        double half = units.Ranked.Sum(one => one.Magnitude) / 2;
        int count = 0;
        for (double sum = 0; count < units.Ranked.Count && sum < half; count++) sum += units.Ranked[count].Magnitude;
        return new SourceOnImage(
            group.Name, units.Units, units.Ranked.Count, [.. units.Ranked.Take(most).Select(one => Entry(one, null))], count);
    }

    private static ClassScore[] Scores(RunNetwork network, IReadOnlyList<float> logits, int most)
    {
        double[] shares = Probabilities(logits);
        return [.. Enumerable.Range(0, logits.Count).OrderByDescending(label => logits[label]).ThenBy(label => label).Take(most)
            .Select(label => new ClassScore(label, network.Model.ClassName(label), shares[label], logits[label]))];
    }

    private static ClassChange[] Changes(RunNetwork network, IReadOnlyList<float> before, IReadOnlyList<float> after, int? watched)
    {
        double[] from = Probabilities(before), to = Probabilities(after);
        IEnumerable<int> all = Enumerable.Range(0, before.Count);
        IEnumerable<int> told = all.OrderByDescending(label => before[label]).ThenBy(label => label).Take(Likely)
            .Concat(all.OrderByDescending(label => after[label]).ThenBy(label => label).Take(Likely))
            .Concat(all.OrderByDescending(label => Math.Abs(after[label] - before[label])).ThenBy(label => label).Take(Moved))
            .Concat(watched is { } one && one >= 0 && one < before.Count ? [one] : []);
        return [.. told.Distinct().OrderByDescending(label => after[label]).ThenBy(label => label).Select(label => new ClassChange(
            label, network.Model.ClassName(label), from[label], to[label], before[label], after[label]))];
    }

    private static int Likeliest(IReadOnlyList<float> logits) =>
        Enumerable.Range(0, logits.Count).MaxBy(label => logits[label]);

    private static double[] Probabilities(IReadOnlyList<float> logits) => Softmax.Of(logits.Select(logit => (double)logit));
}
