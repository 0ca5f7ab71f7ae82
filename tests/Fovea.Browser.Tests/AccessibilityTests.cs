using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;

namespace Fovea.Browser.Tests;

/// <summary>What axe can judge: contrast, names and roles of every kind of page, in light and dark.</summary>
[Collection(BrowserTests.Name)]
public sealed class AccessibilityTests(Browser browser, ServedExplorer explorer, EvidencedReport report)
    : IClassFixture<ServedExplorer>, IClassFixture<EvidencedReport>
{
    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Axe_finds_nothing_serious_on_served_pages(ColorScheme theme)
    {
        await using WatchedPage watched = await explorer.EnterAsync(browser, 1280, theme);
        List<string> found = [];
        foreach (string kind in ServedExplorer.Kinds)
        {
            await watched.Page.GotoAsync(explorer.Address + kind);
            found.AddRange(await SeriousAsync(watched.Page, kind, theme));
        }
        await watched.Page.GotoAsync(explorer.Address + "/?tour=1");
        await watched.Page.Keyboard.PressAsync("?");
        found.AddRange(await SeriousAsync(watched.Page, "the tour and the keys", theme));
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Axe_finds_nothing_serious_in_a_report(ColorScheme theme)
    {
        // axe asks for the style sheets once more, which no page that is a file may: the browser's complaints are of that.
        await using WatchedPage watched = await browser.OpenAsync(1280, 900, theme);
        List<string> found = [];
        foreach (string kind in EvidencedReport.Kinds.Append("glossary/index.html"))
        {
            await watched.GoToAsync(report.File(kind));
            found.AddRange(await SeriousAsync(watched.Page, kind, theme));
        }
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Theory]
    [InlineData(420, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(2560, ColorScheme.Light)]
    public async Task Served_pages_open_without_errors_or_sideways_scrolling(int width, ColorScheme theme)
    {
        await using WatchedPage watched = await explorer.EnterAsync(browser, width, theme);
        foreach (string kind in ServedExplorer.Kinds)
        {
            IResponse? answer = await watched.Page.GotoAsync(explorer.Address + kind);

            Assert.Equal(kind == "/nowhere" ? 404 : 200, answer?.Status);
            Assert.True(
                await watched.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0,
                $"{kind} scrolls sideways at {width}");
            Assert.Equal(1, await watched.Page.Locator("h1").CountAsync());
            string name = kind.Split('?')[0].Trim('/').Replace('/', '-');
            await ReportTests.ScreenshotAsync(watched.Page, $"served-{(name.Length > 0 ? name : "home")}-{width}");
        }
        // The browser itself complains of an answer that is no page.
        Assert.DoesNotContain(watched.Complaints, one => !one.Contains("/nowhere", StringComparison.Ordinal));
    }

    /// <summary>What axe finds serious on a page. Of a page in the dark nothing but the colours differs: it is asked of them alone.</summary>
    internal static async Task<IEnumerable<string>> SeriousAsync(IPage page, string name, ColorScheme theme)
    {
        // Of what passes one element for each rule: to name every one takes longer than to judge it.
        var options = new AxeRunOptions { ResultTypes = new HashSet<ResultType> { ResultType.Violations } };
        if (theme == ColorScheme.Dark) options.RunOnly = RunOnlyOptions.Rules("color-contrast");
        AxeResult result = await page.RunAxe(options);
        Assert.NotEmpty(result.Passes);
        return result.Violations.Where(one => one.Impact is "serious" or "critical").SelectMany(one => one.Nodes.Take(3).Select(node =>
            $"{name}: {one.Id} ({one.Impact}): {node.Html}"));
    }
}
