using System.Text.Encodings.Web;
using System.Text.Unicode;
using Fovea.Explorer.Components;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fovea.Explorer;

/// <summary>Renders pages to HTML: to files by <see cref="ReportBuilder"/>, to answers by a server with other links.</summary>
internal sealed class PageRenderer : IAsyncDisposable
{
    // Letters beyond ASCII stay as they are: the pages are UTF-8, and smaller and readable that way.
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly ServiceProvider _services = new ServiceCollection().AddSingleton(Encoder).BuildServiceProvider();

    /// <summary>The HTML of a page.</summary>
    /// <param name="page">What every component may ask for.</param>
    /// <param name="content">What stands on it.</param>
    public async Task<string> RenderAsync(PageContext page, RenderFragment content)
    {
        RenderFragment cascade = builder =>
        {
            builder.OpenComponent<CascadingValue<PageContext>>(0);
            builder.AddComponentParameter(1, nameof(CascadingValue<PageContext>.Value), page);
            builder.AddComponentParameter(2, nameof(CascadingValue<PageContext>.IsFixed), true);
            builder.AddComponentParameter(3, nameof(CascadingValue<PageContext>.ChildContent), content);
            builder.CloseComponent();
        };
        // A renderer keeps what it has rendered until it is disposed of: one a page, or a server's memory would grow with every answer.
        await using var renderer = new HtmlRenderer(_services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(Fragment.Content)] = cascade });
            return (await renderer.RenderComponentAsync<Fragment>(parameters)).ToHtmlString();
        });
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private sealed class Fragment : ComponentBase
    {
        [Parameter] public RenderFragment? Content { get; set; }

        protected override void BuildRenderTree(RenderTreeBuilder builder) => builder.AddContent(0, Content);
    }
}
