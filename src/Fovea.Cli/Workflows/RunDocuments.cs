using Fovea.Runs;

namespace Fovea.Cli.Workflows;

/// <summary>What the stages wrote into a run folder, as far as the commands print it.</summary>
internal sealed class RunDocuments(string runFolder)
{
    private readonly RunFolder _run = new(runFolder);

    /// <summary>Epochs in the network's training history; 0 where it was not trained.</summary>
    public int Epochs()
    {
        string path = Path.Combine(_run.Model, TrainingEpoch.FileName);
        return File.Exists(path) ? DocumentFile.ReadLines<TrainingEpoch>(path).Count : 0;
    }

    /// <summary>What was harvested of a layer.</summary>
    public HarvestSummary Harvest(string layer)
    {
        string folder = _run.ActivationsOf(layer);
        var manifest = DocumentFile.Read<ActivationManifest>(Path.Combine(folder, ActivationManifest.FileName));
        var filters = DocumentFile.Find<FilterReport>(Path.Combine(folder, FilterReport.FileName))?.Filters ?? [];
        return new HarvestSummary(layer, manifest.Images, manifest.Vectors, manifest.Channels, manifest.Grid,
            [.. filters.Select(filter => new HarvestFilter(filter.Name, filter.AllZeroFraction))], manifest.StoredAs);
    }

    /// <summary>The dictionaries of a sweep, measured by its first filter.</summary>
    public IEnumerable<SweepDictionary> Sweep(string layer, string name)
    {
        var sweep = DocumentFile.Read<SweepDocument>(Path.Combine(_run.Sweep(layer, name), SweepDocument.FileName));
        string filter = sweep.Validate[0];
        return sweep.Points.Select(point =>
        {
            double Mean(Func<AutoencoderScores, double> of) => point.Measures[filter].Average(fold => of(fold.Scores));
            return new SweepDictionary(name, layer, filter, point.Id, point.Architecture, point.DIn, point.DSae, point.Clip,
                Mean(one => one.L0), Mean(one => one.Fvu), Mean(one => one.DeadFraction), Mean(one => one.Loss),
                    point.Splice?.Top1Lost.Mean);
        });
    }

    /// <summary>What a sweep went on without.</summary>
    public IEnumerable<SweepLeftOut> LeftOut(string layer, string name) =>
        (DocumentFile.Read<SweepDocument>(Path.Combine(_run.Sweep(layer, name), SweepDocument.FileName)).Failed ?? []).Select(
            one => new SweepLeftOut(name, layer, one.Id, one.Reason));
}

/// <summary>One harvested layer.</summary>
internal sealed record HarvestSummary(
    string Layer, long Images, long Vectors, int Channels, IReadOnlyList<int> Grid, IReadOnlyList<HarvestFilter> Filters,
    string? StoredAs);

/// <summary>One filter over the harvested images.</summary>
internal sealed record HarvestFilter(string Name, double AllZeroFraction);

/// <summary>A dictionary that a sweep went on without, and why.</summary>
internal sealed record SweepLeftOut(string Sweep, string Layer, string Name, string Reason);

/// <summary>
/// One dictionary of a sweep; measures are means over folds, <see cref="Top1Lost"/> is a fraction, null where none was spliced in.
/// </summary>
internal sealed record SweepDictionary(
    string Sweep, string Layer, string Filter, string Name, string Architecture, int DIn, int DSae, double? Clip, double L0, double Fvu,
        double DeadFraction, double Loss, double? Top1Lost);
