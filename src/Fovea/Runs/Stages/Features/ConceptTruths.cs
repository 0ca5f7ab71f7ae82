using Fovea.Activations;
using Fovea.Datasets;
using Fovea.Interpretation;
using Fovea.Models;

namespace Fovea.Runs.Stages.Features;

/// <summary>
/// Units against the truth of images that the program drew itself: <c>features/&lt;layer&gt;/truth.json</c>, with random directions beside
/// them.
/// </summary>
internal static class ConceptTruths
{
    /// <summary>Of fewer images a concept is seldom shown at the 30 positions that a score needs.</summary>
    private const int FewImages = 50;

    /// <summary>Measures the groups of a layer; nothing where the truth is not known, or not where in the picture it lies.</summary>
    /// <returns>By the group's name.</returns>
    public static IReadOnlyDictionary<string, ConceptSummary> Write(
        RunContext context, ImageModel network, string layer, IReadOnlyList<UnitGroup> groups)
    {
        using var store = ActivationStore.Open(context.Run.ActivationsOf(layer));
        // Neither the network nor the dictionaries learned from these.
        var (source, among) = RunSources.EvaluationImages(context.Validation, context.Harvested, store);
        if (source is not ShapesWorldSource drawn) return new Dictionary<string, ConceptSummary>();
        if (!ConceptComparison.KeepsWhole(context.Preprocessing))
        {
            context.Log($"{layer}: units are not measured against the truth of the images, because data.crop cuts their border off.");
            return new Dictionary<string, ConceptSummary>();
        }
        var progress = new Reporter<TopExamplesProgress>(
            value => context.Report(FeatureStage.StageName, value.Images, value.Total, "images", $"units against the truth, {layer}"));
        int count = Math.Min(among?.Count ?? drawn.Count, new ConceptOptions().Images);
        if (count < FewImages)
            context.Log($"{layer}: the truth is measured on {count} image{(count == 1 ? "" : "s")} only, those that the dictionaries "
                + $"were not trained on: say the number beside the scores.");
        if (count < 2) return new Dictionary<string, ConceptSummary>();
        var options = new ConceptOptions { Images = count, Among = among, Seed = context.Settings.Seed };
        var summaries = ConceptComparison.Run(network, groups, drawn, options, progress, context.Cancellation);
        DocumentFile.Write(
            Path.Combine(context.Run.FeaturesOf(layer), TruthDocument.FileName),
                new TruthDocument(options.Images, [.. summaries.Select(Group)]));
        return summaries.ToDictionary(summary => summary.Name);
    }

    private static TruthGroup Group(ConceptSummary summary) => new()
    {
        Name = summary.Name,
        Units = summary.Units,
        Silent = summary.Silent,
        MeanBestF1 = summary.Means.BestF1.Mean,
        StandardError = summary.Means.BestF1.StandardError,
        ShuffledBestF1 = summary.Shuffled.BestF1.Mean,
        FloorF1 = summary.FloorF1,
        Live = summary.Live.BestF1.Count,
        LiveBestF1 = Known(summary.Live.BestF1.Mean),
        MeanBestAuroc = Known(summary.Means.BestAuroc.Mean),
        Factors = [.. summary.PerConcept.Where(concept => concept.Unit >= 0)
            .Select(concept =>
                new TruthFactor(concept.Concept, concept.Unit, Known(concept.F1), Known(concept.Auroc), concept.Prevalence))],
    };

    private static double? Known(double value) => double.IsFinite(value) ? value : null;
}
