using Fovea.Explorer.Server;
using Fovea.Explorer.Tests;
using Microsoft.Playwright;
using Xunit;

namespace Fovea.Browser.Tests;

/// <summary>One explorer over a made-up run for all tests of a class.</summary>
public sealed class ServedExplorer : IAsyncLifetime
{
    private RunFolderFixture? _run;
    private ExplorerServer? _server;

    /// <summary>One page of each kind, and each kind of what only the explorer has.</summary>
    public static string[] Kinds { get; } =
    [
        "/", "/glossary", "/l/block3", "/l/block3/g?sort=max&page=1&min.density=0.1", "/l/block3/f/1", "/l/block3/s/topk",
        "/l/block3/s/topk/g?units=0,48", "/l/block3/s/topk/f/48", "/l/block3/i/0", "/compare?a=l/block3/s/topk&b=l/block3/s/topk&by=classes",
        "/pictures", "/notes", "/search?q=48", "/nowhere",
    ];

    public string Address => _server!.Address;

    /// <summary>A window that has been let in, on the first page, with the tour seen.</summary>
    public async Task<WatchedPage> EnterAsync(Browser browser, int width, ColorScheme theme)
    {
        WatchedPage watched = await browser.OpenAsync(width, 900, theme, own: Address);
        await watched.Page.Context.AddInitScriptAsync("try { localStorage.setItem('fovea-tour', 'seen'); } catch { }");
        await watched.Page.GotoAsync(_server!.Url);
        return watched;
    }

    /// <summary>A window of somebody who was never here.</summary>
    public async Task<WatchedPage> EnterFirstAsync(Browser browser)
    {
        WatchedPage watched = await browser.OpenAsync(1280, 900, ColorScheme.Light, own: Address);
        await watched.Page.GotoAsync(_server!.Url);
        return watched;
    }

    public async ValueTask InitializeAsync()
    {
        _run = RunFolderFixture.Evidenced();
        _server = await ExplorerServer.StartAsync(new ExplorerOptions { Run = _run.Folder });
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _run?.Dispose();
    }
}
