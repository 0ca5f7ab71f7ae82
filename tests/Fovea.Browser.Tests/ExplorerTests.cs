using Fovea.Explorer.Server;
using Fovea.Explorer.Tests;
using Microsoft.Playwright;
using Xunit;

namespace Fovea.Browser.Tests;

/// <summary>A run behind a server.</summary>
public sealed class ServedReport : IAsyncLifetime
{
    private RunFolderFixture? _run;

    public ExplorerServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _run = RunFolderFixture.Evidenced();
        Server = await ExplorerServer.StartAsync(new ExplorerOptions { Run = _run.Folder, Program = ["/bin/false"] });
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _run?.Dispose();
    }
}

/// <summary>The explorer's pages in a browser: what its policy forbids, or what is missing, is an error on the console.</summary>
[Collection(BrowserTests.Name)]
public sealed class ExplorerTests(Browser browser, ServedReport report) : IClassFixture<ServedReport>
{
    private static readonly string[] Kinds =
        ["/", "/l/block3", "/l/block3/g", "/l/block3/g?sort=max&page=1&min.density=0.1", "/l/block3/s/topk", "/l/block3/s/topk/g", "/l/block3/s/topk/f/48",
            "/l/block3/f/1", "/l/block3/i/0", "/pictures"];

    [Theory]
    [InlineData(420, 900, ColorScheme.Light)]
    [InlineData(1280, 900, ColorScheme.Light)]
    [InlineData(1280, 900, ColorScheme.Dark)]
    [InlineData(2560, 1400, ColorScheme.Light)]
    public async Task Served_pages_open_without_errors_or_sideways_scrolling(int width, int height, ColorScheme theme)
    {
        await using WatchedPage watched = await EnterAsync(width, height, theme);
        foreach (string kind in Kinds)
        {
            await watched.Page.GotoAsync(report.Server.Address + kind);
            Assert.Equal(
                0, await watched.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
            Assert.Equal(1, await watched.Page.Locator("h1").CountAsync());
            await ReportTests.ScreenshotAsync(
                watched.Page, $"explorer-{kind.Trim('/').Replace('/', '-').Split('?')[0]}-{kind.Contains('?', StringComparison.Ordinal)}-{width}-{theme}");
        }
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task A_reader_walks_from_the_first_address_through_a_sorted_gallery_and_its_units()
    {
        await using WatchedPage watched = await EnterAsync(1280, 900, ColorScheme.Light);
        IPage page = watched.Page;
        Assert.DoesNotContain("token", page.Url);
        await page.Locator(".tile", new PageLocatorOptions { HasText = "block3" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "to sort and filter" }).First.ClickAsync();
        Assert.EndsWith("/l/block3/g", page.Url);
        Assert.Equal(RunFolderFixture.Neurons, await page.Locator(".feature-tile").CountAsync());

        await page.GetByLabel("Sort by").SelectOptionAsync("unit");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Show", Exact = true }).ClickAsync();
        Assert.Contains("sort=unit", page.Url);
        Assert.Equal("47", await page.Locator(".feature-tile").First.GetAttributeAsync("data-unit"));
        await page.Locator(".feature-tile a").First.ClickAsync();
        Assert.EndsWith("/l/block3/f/47?sort=unit&desc=1", page.Url);
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Next" }).ClickAsync();
        Assert.EndsWith("/l/block3/f/46?sort=unit&desc=1", page.Url);
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Gallery" }).ClickAsync();
        Assert.EndsWith("/l/block3/g?sort=unit&desc=1", page.Url);
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task A_frame_without_a_picture_says_so()
    {
        await using WatchedPage watched = await EnterAsync(1280, 900, ColorScheme.Light);
        await watched.Page.GotoAsync(report.Server.Address + "/compare?a=l/block3/s/topk&b=l/block3/s/topk&by=classes");
        ILocator frame = watched.Page.Locator(".compared-unit .no-picture").First;
        Assert.Equal("\"no picture\"", await frame.EvaluateAsync<string>("element => getComputedStyle(element, '::after').content"));
        Assert.Equal("no picture", await frame.GetAttributeAsync("aria-label"));
    }

    [Fact]
    public async Task An_order_that_fails_says_so_on_the_page_without_a_hand()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the program of this test is /bin/false");
        await using WatchedPage watched = await EnterAsync(1280, 900, ColorScheme.Light);
        await watched.Page.GotoAsync(report.Server.Address + "/l/block3/s/topk/f/96?sort=max");
        await watched.Page.GetByLabel("Preset").SelectOptionAsync("lucid");
        await watched.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Make it" }).ClickAsync();

        await watched.Page.GetByText("The program that does this ended with 1.").WaitForAsync();

        Assert.EndsWith("/l/block3/s/topk/f/96?sort=max#pictures", watched.Page.Url);
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task Without_scripts_a_gallery_sorts_and_a_picture_is_ordered()
    {
        await using WatchedPage watched = await EnterAsync(420, 900, ColorScheme.Light, scripts: false);
        IPage page = watched.Page;
        await page.GotoAsync(report.Server.Address + "/l/block3/g");
        await page.GetByLabel("Sort by").SelectOptionAsync("unit");
        await page.GetByLabel("Order").SelectOptionAsync("0");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Show", Exact = true }).ClickAsync();
        Assert.Equal("0", await page.Locator(".feature-tile").First.GetAttributeAsync("data-unit"));
        Assert.Empty(watched.Complaints);
    }

    private async Task<WatchedPage> EnterAsync(int width, int height, ColorScheme theme, bool scripts = true)
    {
        WatchedPage watched = await browser.OpenAsync(width, height, theme, own: report.Server.Address, scripts: scripts);
        await watched.Page.GotoAsync(report.Server.Url);
        return watched;
    }
}
