using Fovea.Explorer.Contents;
using Fovea.Explorer.Effects;
using Fovea.Runs;
using Microsoft.AspNetCore.Components;

namespace Fovea.Explorer.Pages;

/// <summary>A section of the first page.</summary>
/// <param name="Anchor">Its place in the page.</param>
/// <param name="Title">Its heading, and its name in the page's head.</param>
/// <param name="Content">The section.</param>
internal sealed record ReportSection(string Anchor, string Title, RenderFragment Content);

/// <summary>
/// The sections of the first page, made from the list of kinds of stages: kinds with pages of their own show these, any other what its
/// stages say of themselves (<see cref="StageRecord"/>).
/// </summary>
internal static class ReportSections
{
    private sealed record Page(string Kind, string Anchor, string? Title, Type Component, Func<RunContents, bool> Has);

    // A kind may have several; those without a title have the kind's.
    private static readonly Page[] Pages =
    [
        new("train", "model", null, typeof(ModelSection), ModelSection.Has),
        new("harvest", "layers", null, typeof(LayersSection), run => run.Layers.Count > 0),
        new("dictionary", "dictionaries", null, typeof(DictionariesSection), run => run.Dictionaries.Any()),
        new("sweep", "sweeps", null, typeof(SweepsSection), run => run.Sweeps.Any()),
        new("features", "features", null, typeof(FeaturesSection), run => run.FeatureSets.Any(set => set.Shown.Count > 0)),
        new("features", "comparisons", "Comparisons", typeof(ComparisonsSection), run => run.Comparisons.Any()),
        new("proof", "effects", null, typeof(EffectsOverview), EffectsOverview.Has),
        new("proof", "layers-beside", "Layers side by side", typeof(LayerNumbers), LayerNumbers.Has),
        new("proof", "circuits", "Circuits", typeof(Circuits.CircuitsSection), run => run.Circuits.Any()),
    ];

    /// <summary>The sections that a run has something for.</summary>
    public static IReadOnlyList<ReportSection> Of(RunContents run)
    {
        IEnumerable<StageSection> others = run.Stages.Select(stage => stage.Kind).Except(run.Kinds.Select(kind => kind.Kind))
            .Order(StringComparer.Ordinal)
            .Select(kind => new StageSection(kind, Components.FeatureCard.Capital(kind)));
        return [.. run.Kinds.Concat(others)
            .SelectMany(kind => Of(run, kind)), new ReportSection("provenance", "Provenance", Component(typeof(ProvenanceSection)))];
    }

    private static IEnumerable<ReportSection> Of(RunContents run, StageSection kind)
    {
        Page[] pages = [.. Pages.Where(page => page.Kind == kind.Kind)];
        foreach (Page page in pages.Where(page => page.Has(run)))
        {
            string title = page.Title ?? kind.Title;
            yield return new ReportSection(page.Anchor, title, Component(page.Component, ("Title", title)));
        }
        StageRecord[] stages = [.. run.Stages.Where(stage => stage.Kind == kind.Kind)];
        if (pages.Length > 0 || stages.Length == 0) yield break;
        string anchor = "stage-" + string.Concat(kind.Kind.Where(char.IsAsciiLetterOrDigit));
        yield return new ReportSection(anchor, kind.Title,
            Component(typeof(StageFacts), (nameof(StageFacts.Anchor), anchor), (nameof(StageFacts.Title), kind.Title),
                (nameof(StageFacts.Stages), stages)));
    }

    private static RenderFragment Component(Type type, params (string Name, object Value)[] parameters) => builder =>
    {
        builder.OpenComponent(0, type);
        foreach ((string name, object value) in parameters) builder.AddComponentParameter(1, name, value);
        builder.CloseComponent();
    };
}
