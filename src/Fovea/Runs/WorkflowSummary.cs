using Fovea.Dictionaries.Training;
using Fovea.Runs.Settings;

namespace Fovea.Runs;

/// <summary>Reads what a run amounts to from its folder.</summary>
internal static class WorkflowSummary
{
    public static WorkflowResult Read(RunFolder run, WorkflowSettings settings)
    {
        var table = DocumentFile.Read<EvaluationTable>(Path.Combine(run.Model, "evaluation.json"));
        var last = table.Rows[^1];
        return new WorkflowResult(run.Root, last.Top1, last.Top5, last.Loss, last.Images, [.. Layers(run, settings)], [.. Dictionaries(run, settings)]);
    }

    private static IEnumerable<LayerResult> Layers(RunFolder run, WorkflowSettings settings)
    {
        foreach (string layer in settings.Harvest?.Layers ?? [])
        {
            string folder = run.ActivationsOf(layer), path = Path.Combine(folder, ActivationManifest.FileName);
            if (!File.Exists(path)) continue; // the run was asked to end before
            var manifest = DocumentFile.Read<ActivationManifest>(path);
            var filters = DocumentFile.Read<FilterReport>(Path.Combine(folder, "filters.json"));
            yield return new LayerResult(layer, manifest.Vectors, manifest.Channels, manifest.Grid,
                [.. filters.Filters.Select(filter => new FilterResult(filter.Name, filter.AllZeroFraction))]);
        }
    }

    private static IEnumerable<DictionaryResult> Dictionaries(RunFolder run, WorkflowSettings settings)
    {
        foreach (var dictionary in settings.Dictionary)
        {
            string path = Path.Combine(run.Dictionary(dictionary.Layer, dictionary.Name), TrainedAutoencoder.ReportName);
            if (!File.Exists(path)) continue;
            var report = DocumentFile.Read<AutoencoderReport>(path);
            var scores = report.Validation ?? report.Train;
            yield return new DictionaryResult(dictionary.Name, dictionary.Layer, report.Architecture, report.DIn, report.DSae,
                scores.L0, scores.Fvu, scores.DeadFraction, scores.Loss);
        }
    }
}
