using System.Text.Encodings.Web;
using System.Text.Unicode;
using Fovea.Explorer.Components;
using Fovea.Explorer.Pages;
using Fovea.Explorer.RunFiles;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fovea.Explorer;

/// <summary>Renders the pages of a run to HTML: to files by <see cref="ReportBuilder"/>, to answers by a server with other links.</summary>
internal sealed class PageRenderer : IAsyncDisposable
{
    private readonly RunContents _run;

    // Letters beyond ASCII stay as they are: the pages are UTF-8, and smaller and readable that way.
    private readonly ServiceProvider _services = new ServiceCollection().AddSingleton(HtmlEncoder.Create(UnicodeRanges.All)).BuildServiceProvider();

    private readonly HtmlRenderer _renderer;

    public PageRenderer(RunContents run)
    {
        _run = run;
        _renderer = new HtmlRenderer(_services, NullLoggerFactory.Instance);
    }

    /// <summary>The places of all pages of the run.</summary>
    public IEnumerable<PageAddress> Pages()
    {
        yield return PageAddress.Home;
        foreach (LayerContents layer in _run.Layers) yield return PageAddress.Layer(layer.Name);
        foreach (DictionaryContents one in _run.Dictionaries) yield return PageAddress.Dictionary(one.Layer, one.Name);
        foreach (SweepContents one in _run.Sweeps) yield return PageAddress.Sweep(one.Layer, one.Name);
        foreach (FeatureSet set in _run.FeatureSets)
        {
            foreach (Feature unit in set.Shown) yield return PageAddress.Feature(set.Layer, set.Source, unit.Unit);
        }
        foreach (ComparisonContents one in _run.Comparisons) yield return PageAddress.Comparison(one.Layer, one.Number);
    }

    /// <summary>The HTML of a page, or null where there is no such page.</summary>
    public async Task<string?> RenderAsync(PageAddress address, Links links)
    {
        if (Content(address) is not { } content) return null;
        var context = new PageContext(_run, address, links);
        RenderFragment cascade = builder =>
        {
            builder.OpenComponent<CascadingValue<PageContext>>(0);
            builder.AddComponentParameter(1, nameof(CascadingValue<PageContext>.Value), context);
            builder.AddComponentParameter(2, nameof(CascadingValue<PageContext>.IsFixed), true);
            builder.AddComponentParameter(3, nameof(CascadingValue<PageContext>.ChildContent), content);
            builder.CloseComponent();
        };
        return await _renderer.Dispatcher.InvokeAsync(async () =>
        {
            var parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(Fragment.Content)] = cascade });
            return (await _renderer.RenderComponentAsync<Fragment>(parameters)).ToHtmlString();
        });
    }

    private RenderFragment? Content(PageAddress address)
    {
        if (address.Equals(PageAddress.Home)) return Component<HomePage>();
        foreach (LayerContents layer in _run.Layers)
        {
            if (address.Equals(PageAddress.Layer(layer.Name))) return Component<LayerPage>((nameof(LayerPage.Layer), layer));
        }
        foreach (DictionaryContents one in _run.Dictionaries)
        {
            if (address.Equals(PageAddress.Dictionary(one.Layer, one.Name))) return Component<DictionaryPage>((nameof(DictionaryPage.One), one));
        }
        foreach (SweepContents one in _run.Sweeps)
        {
            if (address.Equals(PageAddress.Sweep(one.Layer, one.Name))) return Component<SweepPage>((nameof(SweepPage.Sweep), one));
        }
        foreach (ComparisonContents one in _run.Comparisons)
        {
            if (address.Equals(PageAddress.Comparison(one.Layer, one.Number))) return Component<ComparisonPage>((nameof(ComparisonPage.One), one));
        }
        foreach (FeatureSet set in _run.FeatureSets)
        {
            foreach (Feature unit in set.Shown)
            {
                if (address.Equals(PageAddress.Feature(set.Layer, set.Source, unit.Unit)))
                    return Component<FeaturePage>((nameof(FeaturePage.Set), set), (nameof(FeaturePage.Unit), unit));
            }
        }
        return null;
    }

    private static RenderFragment Component<T>(params (string Name, object Value)[] parameters)
        where T : IComponent => builder =>
    {
        builder.OpenComponent<T>(0);
        foreach ((string name, object value) in parameters) builder.AddComponentParameter(1, name, value);
        builder.CloseComponent();
    };

    public async ValueTask DisposeAsync()
    {
        await _renderer.DisposeAsync();
        await _services.DisposeAsync();
    }

    private sealed class Fragment : ComponentBase
    {
        [Parameter] public RenderFragment? Content { get; set; }

        protected override void BuildRenderTree(RenderTreeBuilder builder) => builder.AddContent(0, Content);
    }
}
