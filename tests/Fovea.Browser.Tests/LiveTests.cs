using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Fovea.Explorer.Tests.Live;
using Fovea.Tests.Shared;
using Microsoft.Playwright;
using Xunit;

namespace Fovea.Browser.Tests;

/// <summary>One explorer of a run with a real network for all tests of a class.</summary>
public sealed class LiveExplorer : IAsyncLifetime
{
    public LiveRun Live { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Live = await LiveRun.StartAsync();

    public ValueTask DisposeAsync() => Live.DisposeAsync();
}

/// <summary>Own images and changes in a real browser; each test brings images of its own, since the same file keeps its first name.</summary>
[Collection(BrowserTests.Name)]
public sealed partial class LiveTests(Browser browser, LiveExplorer explorer) : IClassFixture<LiveExplorer>
{
    private LiveRun Live => explorer.Live;

    [Fact]
    public async Task A_picture_is_brought_walked_over_changed_and_changed_back()
    {
        LiveRun live = Live;
        await using WatchedPage watched = await browser.OpenAsync(1280, 900, ColorScheme.Light);
        IPage page = watched.Page;
        await BringAsync(page, live, StudiedRun.Png(3));
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("holiday.png");
        Assert.Equal(5, await page.Locator("[data-live-classes] tbody tr").CountAsync());

        // Pointing tells the units of a position, without a click.
        ILocator picture = page.Locator("[data-live-picture]").First;
        await picture.HoverAsync(new LocatorHoverOptions { Position = new Position { X = 5, Y = 5 } });
        await Assertions.Expect(page.Locator(".live-cell h3")).ToHaveTextAsync("Row 1, column 1");
        await Assertions.Expect(page.Locator(".live-cell li").First).ToBeVisibleAsync();

        // From here on by keys alone.
        await picture.FocusAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        await page.Keyboard.PressAsync("ArrowDown");
        await Assertions.Expect(page.Locator(".live-cell h3")).ToHaveTextAsync("Row 2, column 2");
        await page.Keyboard.PressAsync("Enter");
        await page.ArriveAsync(url => url.Contains("cell=1.1", StringComparison.Ordinal));
        ILocator off = page.Locator("#units a", new PageLocatorOptions { HasText = "off" }).First;
        await off.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.ArriveAsync(url => Steered().IsMatch(url));
        string first = page.Url;
        await Assertions.Expect(page.Locator("li[data-edit]")).ToHaveCountAsync(1);
        await CheckAsync(page, live);

        // A step of the slider: the table is the server's answer to the state, before the page is written anew.
        ILocator slider = page.Locator("li[data-edit] input[type=range]");
        await slider.FocusAsync();
        for (int i = 0; i < 4; i++) await page.Keyboard.PressAsync("PageUp");
        await page.ArriveAsync(url => url != first);
        await Assertions.Expect(page.Locator("#live:not(.busy)")).ToHaveCountAsync(1);
        Assert.DoesNotContain(":0&", page.Url + "&", StringComparison.Ordinal);
        await CheckAsync(page, live);
        Assert.Equal("range", await page.EvaluateAsync<string>("document.activeElement.type"));
        string second = page.Url, table = await TableAsync(page);

        // The link opens the same view in another window.
        await page.ReloadAsync();
        Assert.Equal(table, await TableAsync(page));

        // Back to the picture as it was.
        for (int i = 0; i < 12 && page.Url != first; i++)
        {
            string before = page.Url;
            await page.Keyboard.PressAsync("Control+z");
            await page.ArriveAsync(url => url != before);
        }
        Assert.Equal(first, page.Url);
        await CheckAsync(page, live);
        await page.Keyboard.PressAsync("Control+z");
        await page.ArriveAsync(url => !url.Contains("steer=", StringComparison.Ordinal));
        await Assertions.Expect(page.Locator("li[data-edit]")).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("Control+y");
        await page.ArriveAsync(url => url == first);
        Assert.NotEqual(first, second);
        Assert.Empty(Complaints(watched, live));
    }

    [Fact]
    public async Task What_cannot_be_read_is_said_and_a_second_picture_stands_beside_the_first()
    {
        LiveRun live = Live;
        string other = await live.BringAsync(StudiedRun.Png(5), "other.png");
        await using WatchedPage watched = await browser.OpenAsync(1280, 900, ColorScheme.Dark);
        IPage page = watched.Page;
        await BringAsync(page, live, StudiedRun.Png(4));
        await page.SelectOptionAsync("#live-beside", other);
        await page.ArriveAsync(url => url.Contains("beside=" + other, StringComparison.Ordinal));
        await Assertions.Expect(page.Locator(".live-column")).ToHaveCountAsync(2);
        await page.Locator("#units a", new PageLocatorOptions { HasText = "× 3" }).First.ClickAsync();
        await page.ArriveAsync(url => url.Contains("steer=", StringComparison.Ordinal));
        await CheckAsync(page, live);
        await page.SetInputFilesAsync("#live-file", new FilePayload { Name = "x.png", MimeType = "image/png", Buffer = [1, 2, 3] });
        await page.Locator(".live-drop button").ClickAsync();
        await Assertions.Expect(page.Locator(".live-drop output")).ToContainTextAsync("cannot be decoded");
        // The browser itself notes the answer's status.
        Assert.All(Complaints(watched, live), complaint => Assert.Contains("422", complaint, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_script_forms_and_links_do_the_same()
    {
        LiveRun live = Live;
        await using WatchedPage watched = await browser.OpenAsync(1280, 900, ColorScheme.Light);
        IPage page = watched.Page;
        await page.RouteAsync("**/live.js", route => route.AbortAsync());
        await BringAsync(page, live, StudiedRun.Png(6));
        await page.Locator("#units a", new PageLocatorOptions { HasText = "off" }).First.ClickAsync();
        await page.ArriveAsync(url => Steered().IsMatch(url));
        await CheckAsync(page, live);
        await page.Locator("#live-steer").FillAsync("block4/topk/1:0,block4/topk/2:3@1.1");
        await page.Locator("#live-cell").FillAsync("1.1");
        await page.Locator(".live-choice button").ClickAsync();
        await page.ArriveAsync(url => url.Contains("cell=1.1", StringComparison.Ordinal));
        await Assertions.Expect(page.Locator("li[data-edit]")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator(".live-cell h3")).ToHaveTextAsync("Row 2, column 2");
        await CheckAsync(page, live);
    }

    [Theory]
    [InlineData(420)]
    [InlineData(1280)]
    [InlineData(2560)]
    public async Task Pages_fit_every_width(int width)
    {
        LiveRun live = Live;
        string id = await live.BringAsync(StudiedRun.Png(13), "a picture with quite a long name that has to be broken somewhere.png");
        string other = await live.BringAsync(StudiedRun.Png(14), "other.png");
        await using WatchedPage watched = await browser.OpenAsync(width, 900, ColorScheme.Light);
        await watched.Page.GotoAsync(live.Server.Url);
        foreach ((string name, string path) in new[]
        {
            ("images", "/x"), ("image", $"/x/{id}?layer=block3&source=topk&unit=3&cell=1.1"),
            ("steered", $"/x/{id}?layer=block4&source=topk&unit=3&steer=3:0,5:set1max@1.1,block3/topk/7:2&by=share"),
            ("beside", $"/x/{id}?layer=block4&source=neurons&unit=3&steer=3:0&beside={other}"), ("of-run", "/x/run-4?error=dropped"),
        })
        {
            await watched.Page.GotoAsync(live.Server.Address + path);
            Assert.Equal(
                0, await watched.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
            await ReportTests.ScreenshotAsync(watched.Page, $"live-{name}-{width}");
        }
        Assert.Empty(Complaints(watched, live));
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Axe_finds_nothing_serious_on_pages_of_images(ColorScheme theme)
    {
        string id = await Live.BringAsync(StudiedRun.Png(15), "one.png"), other = await Live.BringAsync(StudiedRun.Png(16), "other.png");
        await using WatchedPage watched = await browser.OpenAsync(1280, 900, theme);
        await watched.Page.GotoAsync(Live.Server.Url);
        List<string> found = [];
        foreach (string path in (string[])["/x", $"/x/{id}?layer=block4&source=topk&unit=3&cell=1.1&by=share",
            $"/x/{id}?layer=block4&source=topk&unit=3&steer=3:0,5:set1max@1.1&beside={other}", $"/l/block4/s/topk/f/3"])
        {
            await watched.Page.GotoAsync(Live.Server.Address + path);
            found.AddRange(await AccessibilityTests.SeriousAsync(watched.Page, path, theme));
        }
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Fact]
    public async Task Two_pictures_dropped_at_once_stand_side_by_side_and_one_that_is_none_is_told_of()
    {
        await using WatchedPage watched = await browser.OpenAsync(1280, 900, ColorScheme.Light);
        IPage page = watched.Page;
        await page.GotoAsync(Live.Server.Url);
        await page.GotoAsync(Live.Server.Address + "/x");
        await DropAsync(page, ("left.png", StudiedRun.Png(8)), ("right.png", StudiedRun.Png(9)));
        await page.ArriveAsync(url => url.Contains("beside=", StringComparison.Ordinal));
        await Assertions.Expect(page.Locator(".live-column h2")).ToHaveTextAsync(["left.png", "right.png"]);

        // On the page of an image another one goes to its side.
        await DropAsync(page, ("third.png", StudiedRun.Png(10)));
        await Assertions.Expect(page.Locator(".live-column h2")).ToHaveTextAsync(["left.png", "third.png"]);

        await DropAsync(page, ("words.png", "no picture"u8.ToArray()), ("fourth.png", StudiedRun.Png(11)));
        await Assertions.Expect(page.Locator(".live-drop output")).ToContainTextAsync("words.png cannot be decoded");
        await page.Locator(".live-drop output a").ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("fourth.png");
    }

    [Fact]
    public async Task A_picture_that_is_pasted_is_looked_at()
    {
        await using WatchedPage watched = await browser.OpenAsync(1280, 900, ColorScheme.Light);
        IPage page = watched.Page;
        await page.GotoAsync(Live.Server.Url);
        await page.GotoAsync(Live.Server.Address + "/x");
        await page.EvaluateAsync(Transfer + "document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }));\n}",
            Files([("", StudiedRun.Png(12))]));
        await page.ArriveAsync(url => url.Contains("/x/", StringComparison.Ordinal));
        await Assertions.Expect(page.Locator("[data-live-classes] tbody tr")).ToHaveCountAsync(5);
        Assert.Empty(Complaints(watched, Live));
    }

    private const string Transfer = """
        files => {
          const transfer = new DataTransfer();
          for (const { name, bytes } of files) transfer.items.add(new File([Uint8Array.from(atob(bytes), letter => letter.charCodeAt(0))], name, { type: 'image/png' }));

        """;

    private static object Files((string Name, byte[] Bytes)[] files) =>
        files.Select(file => new { name = file.Name, bytes = Convert.ToBase64String(file.Bytes) }).ToArray();

    private static async Task DropAsync(IPage page, params (string Name, byte[] Bytes)[] files) => await page.EvaluateAsync(
        Transfer + "document.getElementById('content').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));\n}",
        Files(files));

    private static async Task BringAsync(IPage page, LiveRun live, byte[] file)
    {
        await page.GotoAsync(live.Server.Url);
        await page.GotoAsync(live.Server.Address + "/x");
        await page.SetInputFilesAsync(
            "#live-file", new FilePayload { Name = "holiday.png", MimeType = "image/png", Buffer = file });
        await page.Locator(".live-drop button").ClickAsync();
        await page.ArriveAsync(url => url.Contains("/x/", StringComparison.Ordinal));
    }

    /// <summary>Every row of every table says what the server answers to the state of the address.</summary>
    private static async Task CheckAsync(IPage page, LiveRun live)
    {
        await Assertions.Expect(page.Locator("#live:not(.busy)")).ToHaveCountAsync(1);
        foreach (ILocator column in await page.Locator(".live-column").AllAsync())
        {
            string id = (await column.GetAttributeAsync("data-column"))!;
            JsonNode answer = await live.JsonAsync($"/api/x/{id}/steer{new Uri(page.Url).Query}");
            var expected = answer["classes"]!.AsArray().ToDictionary(
                one => one!["name"]!.GetValue<string>(), one => one!["after"]!.GetValue<double>());
            IReadOnlyList<ILocator> rows = await column.Locator("tbody tr").AllAsync();
            Assert.Equal(expected.Count, rows.Count);
            foreach (ILocator row in rows)
            {
                string shown = await row.Locator("td").Nth(1).InnerTextAsync();
                double percent = double.Parse(shown.TrimEnd('%', '\u00a0', ' '), CultureInfo.InvariantCulture);
                Assert.Equal(100 * expected[(await row.Locator("th").InnerTextAsync()).Trim()], percent, 0.051);
            }
        }
    }

    private static async Task<string> TableAsync(IPage page) => await page.Locator("[data-live-classes]").First.InnerTextAsync();

    private static string[] Complaints(WatchedPage watched, LiveRun live) =>
        [.. watched.Complaints.Where(one => !one.Contains("asked the network for " + live.Server.Address, StringComparison.Ordinal)
            && !one.Contains("asked the network for blob:", StringComparison.Ordinal))];

    [GeneratedRegex(@"steer=\d+:0(&|$)")]
    private static partial Regex Steered();
}
