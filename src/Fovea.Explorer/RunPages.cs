using Fovea.Explorer.Contents;
using Fovea.Explorer.Pages;
using Microsoft.AspNetCore.Components;

namespace Fovea.Explorer;

/// <summary>The pages that a run has, and the component that shows each.</summary>
/// <param name="run">The run.</param>
internal sealed class RunPages(RunContents run)
{
    /// <summary>The addresses of the pages of a report; the explorer has one for each unit besides.</summary>
    public IReadOnlyList<PageAddress> OfReport { get; } = [.. Report(run).Distinct()];

    /// <summary>What stands on a page; null where the run has none there.</summary>
    public RenderFragment? Find(PageAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.Kind == PageKind.Home) return Component<HomePage>();
        if (address.Kind == PageKind.Glossary) return Component<Guide.GlossaryPage>();
        if (address.LayerName is not { } name || run.Layer(name) is not { } layer) return null;
        switch (address.Kind)
        {
            case PageKind.Layer:
                return Component<LayerPage>((nameof(LayerPage.Layer), layer));
            case PageKind.Dictionary when layer.Dictionaries.FirstOrDefault(one => one.Name == address.Name) is { } dictionary:
                return Component<DictionaryPage>((nameof(DictionaryPage.One), dictionary));
            case PageKind.Sweep when layer.Sweeps.FirstOrDefault(one => one.Name == address.Name) is { } sweep:
                return Component<SweepPage>((nameof(SweepPage.Sweep), sweep));
            case PageKind.Comparison when layer.Comparisons.FirstOrDefault(one => one.Number == address.Number) is { } comparison:
                return Component<ComparisonPage>((nameof(ComparisonPage.One), comparison));
            case PageKind.Circuit when layer.Circuits.FirstOrDefault(one => one.Name == address.Name) is { } circuit:
                return Component<Circuits.CircuitPage>((nameof(Circuits.CircuitPage.One), circuit));
            case PageKind.Gallery when layer.Units(address.Name!) is { } set:
                return Component<GalleryPage>((nameof(GalleryPage.Set), set));
            case PageKind.Feature when layer.Units(address.Name!) is { } set && set.Find(address.Number) is { } unit:
                return Component<FeaturePage>((nameof(FeaturePage.Set), set), (nameof(FeaturePage.Unit), unit));
            default:
                return null;
        }
    }

    /// <summary>A component with its parameters.</summary>
    public static RenderFragment Component<T>(params (string Name, object? Value)[] parameters)
        where T : IComponent => builder =>
    {
        builder.OpenComponent<T>(0);
        foreach ((string name, object? value) in parameters) builder.AddComponentParameter(1, name, value);
        builder.CloseComponent();
    };

    private static IEnumerable<PageAddress> Report(RunContents run)
    {
        yield return PageAddress.Home;
        yield return PageAddress.Glossary;
        foreach (LayerContents layer in run.Layers) yield return PageAddress.Layer(layer.Name);
        foreach (DictionaryContents one in run.Dictionaries) yield return PageAddress.Dictionary(one.Layer, one.Name);
        foreach (SweepContents one in run.Sweeps) yield return PageAddress.Sweep(one.Layer, one.Name);
        foreach (FeatureSet set in run.FeatureSets.Where(set => set.Shown.Count > 0))
        {
            yield return PageAddress.Gallery(set.Layer, set.Source);
            foreach (Feature unit in set.Shown) yield return PageAddress.Feature(set.Layer, set.Source, unit.Unit);
        }
        foreach (ComparisonContents one in run.Comparisons) yield return PageAddress.Comparison(one.Layer, one.Number);
        foreach (CircuitContents one in run.Circuits) yield return PageAddress.Circuit(one.Layer, one.Name);
    }
}
