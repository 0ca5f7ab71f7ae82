using Fovea.Explorer.Components;
using Fovea.Explorer.Contents;
using Fovea.Explorer.Live;
using Fovea.Explorer.Notes;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace Fovea.Explorer.Server;

/// <summary>What the features of an explorer share: the run, the way to answer, and their services by kind.</summary>
internal sealed class ExplorerContext : IAsyncDisposable
{
    private readonly Dictionary<Type, object> _services = [];
    private readonly List<object> _order = [];
    private readonly PageRenderer _renderer = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly IReadOnlyList<NavigationEntry> _navigation;
    private readonly IReadOnlyList<PagePanel> _panels;
    private readonly IReadOnlyList<string> _scripts;
    private readonly IReadOnlyList<string> _styles;
    private int _answered;

    /// <summary>A context.</summary>
    /// <param name="options">What is served.</param>
    /// <param name="run">The run.</param>
    /// <param name="features">What the explorer can do.</param>
    public ExplorerContext(ExplorerOptions options, RunSession run, IReadOnlyList<IExplorerFeature> features)
    {
        (Options, Run) = (options, run);
        _navigation = [.. features.SelectMany(feature => feature.Navigation)];
        _panels = [.. features.SelectMany(feature => feature.Panels)];
        _scripts = [.. features.SelectMany(feature => feature.Scripts).Distinct()];
        _styles = [.. features.SelectMany(feature => feature.Styles).Distinct()];
        // Read by services of a feature after the source is gone.
        Stopping = _stopping.Token;
    }

    /// <summary>What is served.</summary>
    public ExplorerOptions Options { get; }

    /// <summary>The run.</summary>
    public RunSession Run { get; }

    /// <summary>What people wrote of the run's units, as it is now.</summary>
    public NoteBook Notes => (Find(typeof(NoteShelf)) as NoteShelf)?.Now ?? Run.Contents.Notes;

    /// <summary>Whether nothing may be changed and no work started.</summary>
    public bool ReadOnly => Options.ReadOnly;

    /// <summary>Cancelled when the explorer ends.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>Adds a service, one of a kind; it is disposed of when the explorer ends, the last first.</summary>
    public T Add<T>(T service)
        where T : class
    {
        _services.Add(typeof(T), service);
        _order.Add(service);
        return service;
    }

    /// <summary>The service of a kind.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public T Get<T>()
        where T : class => Find(typeof(T)) as T ?? throw new InvalidOperationException($"The explorer has no {typeof(T).Name}.");

    /// <summary>Answers with a page of the run as it is now, or with its absence.</summary>
    /// <param name="http">The request.</param>
    /// <param name="address">The page.</param>
    public Task PageAsync(HttpContext http, PageAddress address)
    {
        var (contents, pages) = Run.Now();
        return pages.Find(address) is { } content
            ? WriteAsync(http, new PageContext(contents, address, Links.OnServer()), content, StatusCodes.Status200OK)
            : MessageAsync(http, StatusCodes.Status404NotFound, "There is no such page in this run.");
    }

    /// <summary>Answers with a page of a feature.</summary>
    /// <param name="http">The request.</param>
    /// <param name="address">Its address.</param>
    /// <param name="parameters">Of the component.</param>
    public Task PageAsync<T>(HttpContext http, PageAddress address, params (string Name, object? Value)[] parameters)
        where T : IComponent => WriteAsync(
            http, new PageContext(Run.Contents, address, Links.OnServer()), RunPages.Component<T>(parameters), StatusCodes.Status200OK);

    /// <summary>Answers with a sentence: JSON below <c>/api</c>, else a page.</summary>
    public Task MessageAsync(HttpContext http, int status, string sentence)
    {
        if (Answers.IsApi(http.Request)) return Answers.ProblemAsync(http, status, sentence);
        var page = new PageContext(Run.Contents, PageAddress.Served("message"), Links.OnServer());
        return WriteAsync(http, page, RunPages.Component<MessagePage>((nameof(MessagePage.Status), status), (nameof(MessagePage.Sentence), sentence)), status);
    }

    /// <summary>
    /// Makes the first page once for nobody, so that its reader does not wait until its code is compiled.
    /// </summary>
    public Task WarmAsync() => WarmAsync(PageAddress.Home);

    /// <summary>Tells everything that goes on by itself to end.</summary>
    public void Stop() => _stopping.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (object service in Enumerable.Reverse(_order))
        {
            if (service is IAsyncDisposable slow) await slow.DisposeAsync();
            else (service as IDisposable)?.Dispose();
        }
        await _renderer.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task WriteAsync(HttpContext http, PageContext page, RenderFragment content, int status)
    {
        ServedPage served = Served(http.Request.QueryString.Value ?? "", _panels);
        // Whole before the first byte: a component that fails half-way must not leave half a page.
        string html = await _renderer.RenderAsync(page with { Served = served }, content);
        await Answers.HtmlAsync(http, status, html);
        if (Interlocked.Exchange(ref _answered, 1) == 0) _ = Task.Run(WarmUnitAsync);
    }

    /// <summary>While the first page is looked at: a gallery and a unit.</summary>
    private async Task WarmUnitAsync()
    {
        // Units of which no pictures were kept show the run's images: they are opened by the time that one is looked at.
        _ = (Find(typeof(LiveModel)) as LiveModel)?.ShowsRunImages;
        if (Run.Contents.FeatureSets.FirstOrDefault(set => set.Shown.Count > 0) is not { } set) return;
        await WarmAsync(PageAddress.Gallery(set.Layer, set.Source));
        await WarmAsync(PageAddress.Feature(set.Layer, set.Source, set.Shown[0].Unit));
    }

    /// <summary>Makes a page without what features add to it: that may begin work which nobody has asked for.</summary>
    private async Task WarmAsync(PageAddress address)
    {
        try
        {
            var (contents, pages) = Run.Now();
            if (pages.Find(address) is { } content && !Stopping.IsCancellationRequested)
                await _renderer.RenderAsync(new PageContext(contents, address, Links.OnServer()) { Served = Served("", []) }, content);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whoever asks for the page is told what is wrong with it.
        }
    }

    private ServedPage Served(string query, IReadOnlyList<PagePanel> panels) => new(Find)
    {
        ReadOnly = ReadOnly,
        Query = query,
        Navigation = _navigation,
        Panels = panels,
        Scripts = _scripts,
        Styles = _styles,
    };

    private object? Find(Type kind) => _services.GetValueOrDefault(kind);
}
