using Fovea.Explorer;
using Fovea.Explorer.Tests;
using Microsoft.Playwright;
using Xunit;

namespace Fovea.Browser.Tests;

/// <summary>A report with the evidence of the visualisation engine, for the tests of its pages.</summary>
public sealed class EvidencedReport : IAsyncLifetime
{
    private RunFolderFixture? _run;

    public static string[] Kinds { get; } =
        ["index.html", "l/block3/index.html", "l/block3/g/index.html", "l/block3/s/topk/index.html", "l/block3/s/topk/g/index.html",
            "l/block3/s/topk/f/48/index.html", "l/block3/i/0/index.html"];

    public string File(string page) => Path.Combine(_run!.Folder, "report", page);

    public async ValueTask InitializeAsync()
    {
        _run = RunFolderFixture.Evidenced();
        await ReportBuilder.BuildAsync(_run.Folder);
    }

    public ValueTask DisposeAsync()
    {
        _run?.Dispose();
        return ValueTask.CompletedTask;
    }
}

[Collection(BrowserTests.Name)]
public sealed class GalleryTests(Browser browser, EvidencedReport report) : IClassFixture<EvidencedReport>
{
    private const string Gallery = "l/block3/s/topk/g/index.html";

    [Theory]
    [InlineData(1280, 900, ColorScheme.Light)]
    [InlineData(1280, 900, ColorScheme.Dark)]
    [InlineData(390, 844, ColorScheme.Light)]
    [InlineData(320, 700, ColorScheme.Light)]
    public async Task Pages_with_evidence_open_without_errors_requests_or_sideways_scrolling(int width, int height, ColorScheme theme)
    {
        await using WatchedPage watched = await browser.OpenAsync(width, height, theme);
        foreach (string kind in EvidencedReport.Kinds)
        {
            await watched.GoToAsync(report.File(kind));
            ILocator closed = watched.Page.Locator("main details:not([open]) > summary");
            while (await closed.CountAsync() > 0) await closed.First.ClickAsync();

            Assert.Equal(
                0, await watched.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
            await ReportTests.ScreenshotAsync(
                watched.Page, $"evidence-{kind.Replace("/index.html", "", StringComparison.Ordinal).Replace('/', '-')}-{width}-{theme}");
        }
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task Cards_are_sorted_both_ways_with_the_unknown_last_and_the_address_keeps_the_choice()
    {
        await using WatchedPage watched = await browser.OpenAsync(1280, 900, ColorScheme.Light);
        await watched.GoToAsync(report.File(Gallery));
        Assert.Equal(["0", "48", "96", "144"], await UnitsAsync(watched.Page));

        // Selectivity: 0.9, unknown, 0.5, 0.3.
        await watched.Page.GetByLabel("Sort by").SelectOptionAsync("selectivity");
        Assert.Equal(["0", "96", "144", "48"], await UnitsAsync(watched.Page));
        await watched.Page.GetByLabel("Order").SelectOptionAsync("up");
        Assert.Equal(["144", "96", "0", "48"], await UnitsAsync(watched.Page));
        Assert.EndsWith("#sort=selectivity&order=up", watched.Page.Url);

        await watched.Page.Locator(".feature-tile a").First.ClickAsync();
        await watched.Page.GoBackAsync();

        Assert.Equal(["144", "96", "0", "48"], await UnitsAsync(watched.Page));
        Assert.Equal("up", await watched.Page.GetByLabel("Order").InputValueAsync());
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task Cards_are_filtered_by_numbers_and_words_from_the_keyboard_and_all_come_back()
    {
        await using WatchedPage watched = await browser.OpenAsync(1280, 900, ColorScheme.Light);
        await watched.GoToAsync(report.File(Gallery));
        IPage page = watched.Page;

        await page.Locator(".controls summary").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.GetByLabel("Selectivity from").FocusAsync();
        await page.Keyboard.TypeAsync("0.4");
        Assert.Equal(["0", "96"], await UnitsAsync(page));
        Assert.Equal("2 of 4 latents", await page.Locator("output").TextContentAsync());
        await page.GetByLabel("Selectivity to").FillAsync("0.6");
        Assert.Equal(["96"], await UnitsAsync(page));

        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Show all" }).ClickAsync();
        Assert.Equal(["0", "48", "96", "144"], await UnitsAsync(page));
        Assert.DoesNotContain("#", page.Url);
        await page.GetByLabel("Words").FillAsync("latent 144");
        Assert.Equal(["144"], await UnitsAsync(page));
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task Show_all_has_shown_all_when_the_button_comes_back()
    {
        await using WatchedPage watched = await browser.OpenAsync(1280, 900, ColorScheme.Light);
        await watched.Page.GotoAsync(new Uri(report.File(Gallery)).AbsoluteUri + "#sort=selectivity&order=up&words=latent+96&unit-from=50");
        Assert.Equal(["96"], await UnitsAsync(watched.Page));

        // One task of the browser: no timer can run between the press and the look.
        string[] units = await watched.Page.EvaluateAsync<string[]>($"document.querySelector('button[type=reset]').click(), {Units}");

        Assert.Equal(["0", "48", "96", "144"], units);
        Assert.Equal("4 latents", await watched.Page.Locator("output").TextContentAsync());
        Assert.Equal(
            0, await watched.Page.EvaluateAsync<int>(
                "[...document.querySelectorAll('.controls select, .controls input')].filter(field => field.value !== '').length"));
        Assert.DoesNotContain("#", watched.Page.Url);
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task An_address_with_a_choice_is_obeyed_and_what_it_cannot_mean_is_not()
    {
        await using WatchedPage watched = await browser.OpenAsync(390, 844, ColorScheme.Light);
        await watched.Page.GotoAsync(new Uri(report.File(Gallery)).AbsoluteUri + "#sort=unit&density-from=0.3");
        // Densities: 0.1, 0.4, 0.3, 0.2 per cent.
        Assert.Equal(["96", "48"], await UnitsAsync(watched.Page));

        await watched.Page.EvaluateAsync("location.hash = 'sort=constructor&order=%3Cb%3E&unit-to=none'");
        await watched.Page.WaitForFunctionAsync("document.querySelector('[name=sort]').value === ''");

        Assert.Equal(["0", "48", "96", "144"], await UnitsAsync(watched.Page));
        Assert.Empty(watched.Complaints);
    }

    private const string Units =
        "[...document.querySelectorAll('.feature-tile')].filter(card => card.checkVisibility()).map(card => card.dataset.unit)";

    private static Task<string[]> UnitsAsync(IPage page) => page.EvaluateAsync<string[]>(Units);
}
