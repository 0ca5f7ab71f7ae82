using Microsoft.Playwright;
using Xunit;

namespace Fovea.Browser.Tests;

/// <summary>Tests that share one Chromium, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserTests : ICollectionFixture<Browser>, ICollectionFixture<Walk.WalkRun>
{
    public const string Name = "browser";
}

/// <summary>The system's Chromium under Playwright, and pages that note every error and request.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Places =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium"];

    // Without these, Chromium asks its maker's servers for updates and the like.
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync",
        "--disable-dev-shm-usage", "--hide-scrollbars",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    private static string? Executable => Environment.GetEnvironmentVariable("FOVEA_CHROMIUM") is { Length: > 0 } named
        ? named
        : Places.FirstOrDefault(File.Exists);

    public async ValueTask InitializeAsync()
    {
        if (Executable is not { } executable) return;
        // A page beside other test programs is late by more than the five seconds that are usual.
        Assertions.SetDefaultExpectTimeout(30_000);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions { ExecutablePath = executable, Args = Arguments, Headless = true });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>A new window; skips the test where there is no Chromium.</summary>
    /// <param name="width">Of the window.</param>
    /// <param name="height">Of the window.</param>
    /// <param name="theme">Light or dark.</param>
    /// <param name="scale">Screen pixels a pixel.</param>
    /// <param name="own">The one address that may be asked; null: none.</param>
    /// <param name="scripts">Whether scripts run.</param>
    public async Task<WatchedPage> OpenAsync(
        int width, int height, ColorScheme theme, float scale = 1, string? own = null, bool scripts = true)
    {
        Assert.SkipWhen(_browser is null, "install chromium: apt-get install chromium");
        IBrowserContext context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = theme,
            DeviceScaleFactor = scale,
            ReducedMotion = ReducedMotion.Reduce,
            JavaScriptEnabled = scripts,
        });
        return new WatchedPage(await context.NewPageAsync(), own);
    }
}

/// <summary>A page with what went wrong on it.</summary>
public sealed class WatchedPage : IAsyncDisposable
{
    private readonly List<string> _complaints = [];

    /// <param name="page">The page.</param>
    /// <param name="own">The one address that it may ask; null: none.</param>
    public WatchedPage(IPage page, string? own = null)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") _complaints.Add($"{page.Url} console: {message.Text}");
        };
        page.PageError += (_, error) => _complaints.Add($"{page.Url} error: {error}");
        page.RequestFailed += (_, request) =>
        {
            // What a page had not loaded when it was left is not missing.
            if (request.Failure != "net::ERR_ABORTED") _complaints.Add($"{page.Url} failed: {request.Url} ({request.Failure})");
        };
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith("file:", StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal)
                && (own is null || !request.Url.StartsWith(own + "/", StringComparison.Ordinal)))
                _complaints.Add($"{page.Url} asked the network for {request.Url}");
        };
    }

    public IPage Page { get; }

    /// <summary>The server that the page may ask, without a slash at its end; null: none.</summary>
    public string? Origin { get; init; }

    public IReadOnlyList<string> Complaints => _complaints;

    public async Task GoToAsync(string file) =>
        await Page.GotoAsync(new Uri(file).AbsoluteUri, new PageGotoOptions { WaitUntil = WaitUntilState.Load });

    public async ValueTask DisposeAsync() => await Page.Context.DisposeAsync();
}
