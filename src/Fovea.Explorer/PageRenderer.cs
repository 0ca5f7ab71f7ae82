using System.Text.Encodings.Web;
using System.Text.Unicode;
using Fovea.Explorer.Components;
using Fovea.Explorer.Contents;
using Fovea.Explorer.Pages;
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
    private readonly OrderedDictionary<PageAddress, RenderFragment> _pages;

    // Letters beyond ASCII stay as they are: the pages are UTF-8, and smaller and readable that way.
    private readonly ServiceProvider _services = new ServiceCollection().AddSingleton(HtmlEncoder.Create(UnicodeRanges.All))
        .BuildServiceProvider();

    private readonly HtmlRenderer _renderer;

    public PageRenderer(RunContents run)
    {
        _run = run;
        _pages = Contents(run);
        _renderer = new HtmlRenderer(_services, NullLoggerFactory.Instance);
    }

    /// <summary>The places of all pages of the run.</summary>
    public IEnumerable<PageAddress> Pages => _pages.Keys;

    /// <summary>The HTML of a page, or null where there is no such page.</summary>
    public async Task<string?> RenderAsync(PageAddress address, Links links)
    {
        if (!_pages.TryGetValue(address, out RenderFragment? content)) return null;
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

    private static OrderedDictionary<PageAddress, RenderFragment> Contents(RunContents run)
    {
        var pages = new OrderedDictionary<PageAddress, RenderFragment> { [PageAddress.Home] = Component<HomePage>() };
        foreach (LayerContents layer in run.Layers)
            pages.TryAdd(PageAddress.Layer(layer.Name), Component<LayerPage>((nameof(LayerPage.Layer), layer)));
        foreach (DictionaryContents one in run.Dictionaries)
            pages.TryAdd(PageAddress.Dictionary(one.Layer, one.Name), Component<DictionaryPage>((nameof(DictionaryPage.One), one)));
        foreach (SweepContents one in run.Sweeps)
            pages.TryAdd(PageAddress.Sweep(one.Layer, one.Name), Component<SweepPage>((nameof(SweepPage.Sweep), one)));
        foreach (FeatureSet set in run.FeatureSets.Where(set => set.Shown.Count > 0))
        {
            pages.TryAdd(PageAddress.Gallery(set.Layer, set.Source), Component<GalleryPage>((nameof(GalleryPage.Set), set)));
            foreach (Feature unit in set.Shown)
            {
                pages.TryAdd(PageAddress.Feature(set.Layer, set.Source, unit.Unit),
                    Component<FeaturePage>((nameof(FeaturePage.Set), set), (nameof(FeaturePage.Unit), unit)));
            }
        }
        foreach (ComparisonContents one in run.Comparisons)
            pages.TryAdd(PageAddress.Comparison(one.Layer, one.Number), Component<ComparisonPage>((nameof(ComparisonPage.One), one)));
        return pages;
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
