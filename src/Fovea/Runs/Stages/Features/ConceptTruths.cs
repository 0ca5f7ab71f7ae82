using Fovea.Datasets;
using Fovea.Interpretation;
using Fovea.IO;
using Fovea.Models;

namespace Fovea.Runs.Stages.Features;

/// <summary>Units against the truth of images that the program drew itself: <c>features/&lt;layer&gt;/truth.json</c>, with random directions beside them.</summary>
internal static class ConceptTruths
{
    public const string FileName = "truth.json";

    /// <summary>Measures the groups of a layer; nothing where the truth is not known, or not where in the picture it lies.</summary>
    /// <returns>By the group's name.</returns>
    public static IReadOnlyDictionary<string, ConceptSummary> Write(RunContext context, ImageModel network, string layer, IReadOnlyList<UnitGroup> groups)
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
        var summaries = ConceptComparison.Run(network, groups, drawn, options, progress, context.Cancellation);
        JsonFile.Write(Path.Combine(context.Run.FeaturesOf(layer), FileName), new { schema = 1, images = options.Images, groups = summaries.Select(Row) });
        return summaries.ToDictionary(summary => summary.Name);
    }

    private static object Row(ConceptSummary summary) => new
    {
        name = summary.Name,
        units = summary.Units,
        silent = summary.Silent,
        meanBestF1 = summary.Means.BestF1.Mean,
        standardError = summary.Means.BestF1.StandardError,
        shuffledBestF1 = summary.Shuffled.BestF1.Mean,
        floorF1 = summary.FloorF1,
        live = summary.Live.BestF1.Count,
        liveBestF1 = Known(summary.Live.BestF1.Mean),
        meanBestAuroc = Known(summary.Means.BestAuroc.Mean),
        factors = summary.PerConcept.Where(concept => concept.Unit >= 0)
            .Select(concept => new { name = concept.Concept, unit = concept.Unit, f1 = Known(concept.F1), auroc = Known(concept.Auroc), prevalence = concept.Prevalence }),
    };

    private static double? Known(double value) => double.IsFinite(value) ? value : null;
}
