using Microsoft.Playwright;
using Xunit;

namespace Fovea.Browser.Tests;

/// <summary>The documentation as files in a browser: nothing asked of the network, the search, narrow and wide windows, no scripts, the keyboard.</summary>
[Collection(BrowserTests.Name)]
public sealed class DocumentationSiteTests(Browser browser, DocumentationSite site) : IClassFixture<DocumentationSite>
{
    private const string Sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

    [Theory]
    [InlineData(400, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(3840, ColorScheme.Light)]
    public async Task Pages_open_without_errors_or_sideways_scrolling(int width, ColorScheme theme)
    {
        await using WatchedPage watched = await browser.OpenAsync(width, 900, theme);
        foreach (string kind in DocumentationSite.Kinds)
        {
            await watched.GoToAsync(site.File(kind));
            Assert.True(await watched.Page.EvaluateAsync<int>(Sideways) == 0, $"{kind} scrolls sideways at {width}");
            Assert.Equal(1, await watched.Page.Locator("h1").CountAsync());
            Assert.Equal(1, await watched.Page.Locator("main").CountAsync());
            Assert.Equal(0, await watched.Page.Locator("img:not([alt]), img[alt='']").CountAsync());
            Assert.True(
                await watched.Page.EvaluateAsync<bool>("[...document.images].every(image => image.complete && image.naturalWidth > 0)"),
                $"{kind}: an image is broken");
            await ReportTests.ScreenshotAsync(watched.Page, $"site-{kind.Replace('/', '-')}-{width}");
        }
        Assert.Empty(watched.Complaints);
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(400)]
    public async Task The_search_finds_a_word_and_is_walked_by_keys(int width)
    {
        await using WatchedPage watched = await browser.OpenAsync(width, 900, ColorScheme.Light);
        await watched.GoToAsync(site.File("docs/guide/stages.html"));
        await watched.Page.Keyboard.PressAsync("/");
        await watched.Page.Keyboard.TypeAsync("shortcut");
        ILocator hits = watched.Page.Locator(".hits a");
        await Assertions.Expect(hits.First).ToBeVisibleAsync();
        Assert.Equal(0, await watched.Page.EvaluateAsync<int>(Sideways));
        Assert.Contains("docs/", await hits.First.GetAttributeAsync("href") ?? "", StringComparison.Ordinal);
        string[] found = await hits.EvaluateAllAsync<string[]>("links => links.map(link => link.getAttribute('href'))");
        Assert.Contains(found, hit => hit.EndsWith("/shortcuts.html", StringComparison.Ordinal));

        await watched.Page.Keyboard.PressAsync("ArrowDown");
        await Assertions.Expect(hits.First).ToBeFocusedAsync();
        await watched.Page.Keyboard.PressAsync("Enter");
        // What the word means comes first, at its own place.
        await Assertions.Expect(watched.Page.Locator(":target")).ToContainTextAsync("hortcut");
        Assert.EndsWith("/glossary.html#shortcut", watched.Page.Url, StringComparison.Ordinal);
        await watched.Page.LoadedAsync();
        await watched.Page.Keyboard.PressAsync("/");
        await watched.Page.Keyboard.TypeAsync("qzxjv");
        await Assertions.Expect(watched.Page.Locator(".hits [role=status]")).ToHaveTextAsync("Nothing found.");
        await watched.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(watched.Page.Locator(".hits")).ToBeHiddenAsync();
        Assert.Empty(watched.Complaints);
    }

    [Theory]
    // "parameters" has the letters, but no word of it begins with them.
    [InlineData("ram")]
    [InlineData("tile")]
    public async Task The_search_looks_at_the_beginnings_of_words(string words)
    {
        await using WatchedPage watched = await browser.OpenAsync(1280, 900, ColorScheme.Light);
        await watched.GoToAsync(site.File("docs/guide/stages.html"));
        await watched.Page.Keyboard.PressAsync("/");
        await watched.Page.Keyboard.TypeAsync(words);
        ILocator marks = watched.Page.Locator(".hits a mark");
        await Assertions.Expect(marks.First).ToBeVisibleAsync();
        string[] excerpts = await watched.Page.Locator(".hits a").EvaluateAllAsync<string[]>("links => links.map(link => link.textContent)");
        Assert.All(excerpts, text => Assert.Matches($@"(?i)(?<![\p{{L}}\p{{N}}]){words}", text));
        Assert.Empty(watched.Complaints);
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(400)]
    public async Task Without_scripts_everything_but_the_search_is_there(int width)
    {
        await using WatchedPage watched = await browser.OpenAsync(width, 900, ColorScheme.Light, scripts: false);
        await watched.GoToAsync(site.File("docs/reference/metrics.html"));
        await Assertions.Expect(watched.Page.Locator("form.search")).ToBeHiddenAsync();
        if (width < 900) await watched.Page.Locator("nav.pages > details > summary").ClickAsync();
        await watched.Page.Locator("nav.pages a", new PageLocatorOptions { HasText = "Glossary" }).ClickAsync();
        await Assertions.Expect(watched.Page.Locator("h1")).ToHaveTextAsync("Glossary");
        await watched.Page.Locator("nav.turn a[rel=next]").ClickAsync();
        await Assertions.Expect(watched.Page.Locator("h1")).Not.ToHaveTextAsync("Glossary");
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task The_first_key_leads_to_the_text_and_the_list_is_walked_by_keys()
    {
        await using WatchedPage watched = await browser.OpenAsync(1280, 900, ColorScheme.Light);
        await watched.GoToAsync(site.File("index.html"));
        await watched.Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(watched.Page.Locator(".skip")).ToBeFocusedAsync();
        await watched.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(watched.Page.Locator("main")).ToBeFocusedAsync();

        // The list that stands open in a wide window is walked like any other.
        await watched.Page.Locator("nav.pages").FocusAsync();
        await watched.Page.Keyboard.PressAsync("Tab");
        await watched.Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(watched.Page.Locator("nav.pages a").First).ToBeFocusedAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Axe_finds_nothing_serious(ColorScheme theme)
    {
        // axe asks for the style sheets once more, which no page that is a file may: the browser's complaints are of that.
        await using WatchedPage watched = await browser.OpenAsync(1280, 900, theme);
        List<string> found = [];
        foreach (string kind in DocumentationSite.Judged.Take(theme == ColorScheme.Dark ? 1 : 2))
        {
            await watched.GoToAsync(site.File(kind));
            found.AddRange(await AccessibilityTests.SeriousAsync(watched.Page, kind, theme));
        }
        Assert.True(found.Count == 0, string.Join('\n', found));
    }
}
