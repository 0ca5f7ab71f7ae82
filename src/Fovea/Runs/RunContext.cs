using System.Security.Cryptography;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.IO;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Runs.Preparation;
using Fovea.Runs.Settings;
using static TorchSharp.torch;

namespace Fovea.Runs;

/// <summary>What the stages of one run share: settings, folder, images, and where to report.</summary>
internal sealed class RunContext : IDisposable
{
    private readonly string _recipeFolder;
    private readonly Dictionary<bool, IImageSource> _sources = [];
    private readonly Dictionary<string, string> _fileHashes = new(StringComparer.Ordinal);
    private readonly List<IDisposable> _kept = [];
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);
    private readonly Lazy<LayerShapes> _shapes;
    private readonly Lazy<ImagePreparation> _preparation;
    private readonly Lazy<ImageCollection> _place;
    private ImageModel? _model;

    public RunContext(
        WorkflowSettings settings, string recipeFolder, RunFolder run, WorkflowOptions options, CancellationToken cancellation)
    {
        (Settings, _recipeFolder, Run, Options, Cancellation) = (settings, recipeFolder, run, options, cancellation);
        _place = new Lazy<ImageCollection>(() => RunSources.Place(settings, recipeFolder));
        _shapes = new Lazy<LayerShapes>(() => new LayerShapes(this));
        _preparation = new Lazy<ImagePreparation>(() => Prepare(settings.Model.Network is { } file ? Resolve(file) : null));
    }

    public WorkflowSettings Settings { get; }

    public RunFolder Run { get; }

    public WorkflowOptions Options { get; }

    public CancellationToken Cancellation { get; }

    /// <summary>What images go through before the network.</summary>
    public Preprocessing Preprocessing => Preparation.Preprocessing;

    /// <summary>The same with the origin of each number.</summary>
    public ImagePreparation Preparation => _preparation.Value;

    public Device Device => Options.Device ?? CPU;

    /// <summary>The images that training reads.</summary>
    public IImageSource Training => Source(training: true);

    /// <summary>The images that evaluation reads.</summary>
    public IImageSource Validation => Source(training: false);

    /// <summary>The images that stage 2 reads.</summary>
    public IImageSource Harvested => Settings.Harvest?.Split == "train" ? Training : Validation;

    /// <summary>The run's network, loaded when a stage first needs it: a run whose stages are all complete loads none.</summary>
    public ImageModel Network
    {
        get
        {
            if (_model is null)
            {
                _model = ModelFile.Load(Run.Model, Device);
                SayEngineOf(_model);
            }
            _model.Eval();
            _model.SetTrainable(false);
            return _model;
        }
    }

    /// <summary>What the network's layers give, known before it is there.</summary>
    public LayerShapes Shapes => _shapes.Value;

    /// <summary>How networks from files are run.</summary>
    public BatchVerdicts Batches { get; } = new();

    /// <summary>A path of the recipe, relative to the recipe's folder.</summary>
    public string Resolve(string path) => Path.GetFullPath(Path.Combine(_recipeFolder, path));

    /// <summary>SHA-256 (hex) of a file's bytes.</summary>
    public string FileHash(string path)
    {
        if (_fileHashes.TryGetValue(path, out string? known)) return known;
        if (!File.Exists(path)) throw FoveaException.BadData($"{path} does not exist.");
        using var stream = PlainFile.OpenRead(path);
        return _fileHashes[path] = Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>Which part of a stage is being made, from 1, and how many it has; null where they are not made one by one.</summary>
    public (int Place, int Count)? Part { get; set; }

    /// <summary>A progress reporter for one stage; the counts are those of the part that is being made.</summary>
    public void Report(string stage, long done, long total, string unit, string detail = "") =>
        Options.Progress?.Report(new WorkflowProgress(stage, done, total, unit, detail) { Part = Part });

    public void Log(string line) => Options.Log?.Invoke(line);

    /// <summary>Says what several stages find out only where the run has not said it yet.</summary>
    public void LogOnce(string line)
    {
        if (_said.Add(line)) Log(line);
    }

    /// <summary>Has a network read by the engine of the recipe; which one it was is said once.</summary>
    public void SayEngineOf(ImageModel network)
    {
        network.Engine = RunModel.EngineOf(Settings.Model);
        network.EngineChosen = engine => LogOnce($"{network.Architecture} is read by {engine.InWords}.");
        if (ConvolutionKernels.Library == ConvolutionLibrary.Plain)
            LogOnce("oneDNN's convolutions are wrong on this processor: libtorch works without them, slower.");
    }

    /// <summary>Keeps what a stage holds between its parts and their joining; it goes with the run where the stage does not end it.</summary>
    public T Keep<T>(T item)
        where T : IDisposable
    {
        _kept.Add(item);
        return item;
    }

    /// <summary>Ends what was kept.</summary>
    public void Drop(IDisposable item)
    {
        if (_kept.Remove(item)) item.Dispose();
    }

    public void Dispose()
    {
        foreach (IDisposable item in _kept) item.Dispose();
        _model?.Dispose();
        foreach (var source in _sources.Values) source.Dispose();
        if (_place.IsValueCreated) _place.Value.Dispose();
    }

    private ImagePreparation Prepare(string? network) => ImagePreparation.Of(Settings.Data, network, () =>
    {
        string? before = Settings.Model.Preprocess is { } file ? Resolve(file) : null;
        (int Height, int Width)? images = ImagePreparation.Guess(Settings.Data);
        int? classes = null;
        using ImportedNetwork imported = NetworkFile.Open(network!, Settings.Model.Output, classes, before, images);
        return TakenImages.Of(imported);
    });

    private IImageSource Source(bool training)
    {
        if (_sources.TryGetValue(training, out var open)) return open;
        return _sources[training] = RunSources.Open(_place.Value, Settings, training, _recipeFolder);
    }
}
