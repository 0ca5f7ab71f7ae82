using Fovea.Datasets;
using Fovea.Interpretation;
using Fovea.Models;

namespace Fovea.Runs.Stages.Features;

/// <summary>Units against the truth of images that the program drew itself: <c>features/&lt;layer&gt;/truth.json</c>, with random directions beside them.</summary>
internal static class ConceptTruths
{
    /// <summary>Measures the groups of a layer; nothing where the truth is not known, or not where in the picture it lies.</summary>
    /// <returns>By the group's name.</returns>
    public static IReadOnlyDictionary<string, ConceptSummary> Write(RunContext context, Network network, string layer, IReadOnlyList<UnitGroup> groups)
    {
        if (context.Validation is not ShapesWorldSource drawn) return new Dictionary<string, ConceptSummary>();
        if (!ConceptComparison.KeepsWhole(context.Preprocessing))
        {
            context.Log($"{layer}: units are not measured against the truth of the images, because data.crop cuts their border off.");
            return new Dictionary<string, ConceptSummary>();
        }
        var progress = new Reporter<TopExamplesProgress>(value => context.Report(FeatureStage.StageName, value.Images, value.Total, "images", $"units against the truth, {layer}"));
        // Held out from training and dictionaries: the validation images.
        var options = new ConceptOptions { Images = Math.Min(drawn.Count, new ConceptOptions().Images), Seed = context.Settings.Seed };
        var summaries = ConceptComparison.Run(network, groups, drawn, context.Preprocessing, options, progress, context.Cancellation);
        DocumentFile.Write(Path.Combine(context.Run.FeaturesOf(layer), TruthDocument.FileName), new TruthDocument(options.Images, [.. summaries.Select(Group)]));
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
            .Select(concept => new TruthFactor(concept.Concept, concept.Unit, Known(concept.F1), Known(concept.Auroc), concept.Prevalence))],
    };

    private static double? Known(double value) => double.IsFinite(value) ? value : null;
}
