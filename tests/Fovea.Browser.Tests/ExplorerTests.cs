using Fovea.Browser.Tests.Walk;
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

    [Theory]
    [InlineData(700)]
    [InlineData(1280)]
    public async Task What_the_explorer_can_do_stays_in_sight_however_many_sections_a_run_has(int width)
    {
        await using WatchedPage watched = await EnterAsync(width, 900, ColorScheme.Light);
        await watched.Page.EvaluateAsync("""
            () => {
              const sections = document.querySelector('.bar-sections');
              while (sections.scrollWidth <= sections.clientWidth) sections.append(sections.firstElementChild.cloneNode(true));
            }
            """);
        IReadOnlyList<ILocator> links = await watched.Page.Locator(".bar-tools a").AllAsync();
        Assert.True(links.Count >= 4);
        foreach (ILocator link in links)
        {
            LocatorBoundingBoxResult box = (await link.BoundingBoxAsync())!;
            Assert.InRange(box.X, 0, width - box.Width);
        }
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

    [Fact]
    public async Task Of_two_tabs_that_write_one_note_at_once_one_saves_and_the_other_is_shown_both()
    {
        await using WatchedPage watched = await EnterAsync(1280, 900, ColorScheme.Light);
        IPage one = watched.Page, two = await one.Context.NewPageAsync();
        foreach ((IPage tab, string name) in ((IPage, string)[])[(one, "from the first tab"), (two, "from the second tab")])
        {
            await tab.GotoAsync(report.Server.Address + "/l/block3/s/topk/f/144");
            await tab.Locator("#note-name").FillAsync(name);
        }

        await Task.WhenAll(Array.ConvertAll([one, two], tab => tab.Locator(".note-form button").First.ClickAsync()));

        await Assertions.Expect(one.Locator(".note-form output")).ToContainTextAsync("saved");
        await Assertions.Expect(two.Locator(".note-form output")).ToContainTextAsync("saved");
        bool first = await one.Locator(".note-form output").TextContentAsync() == "saved, revision 1";
        (IPage saved, IPage other) = first ? (one, two) : (two, one);
        string kept = first ? "from the first tab" : "from the second tab", held = first ? "from the second tab" : "from the first tab";
        await Assertions.Expect(other.Locator(".note-form output")).ToHaveTextAsync("not saved");
        await Assertions.Expect(other.Locator(".note-newer")).ToContainTextAsync(kept);
        Assert.Equal(held, await other.Locator("#note-name").InputValueAsync());
        // Neither is lost when the tab is closed or loaded again before anything is decided.
        await other.ReloadAsync();
        Assert.Equal(held, await other.Locator("#note-name").InputValueAsync());
        await Assertions.Expect(other.Locator(".note-newer")).ToContainTextAsync(kept);

        await other.Locator(".note-form button").First.ClickAsync();
        await Assertions.Expect(other.Locator(".note-form output")).ToHaveTextAsync("saved, revision 2");
        await saved.ReloadAsync();
        Assert.Equal(held, await saved.Locator("#note-name").InputValueAsync());
        // The browser itself notes that one was not saved.
        Assert.All(watched.Complaints, complaint => Assert.Contains("409", complaint, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_unit_is_printed_without_what_cannot_be_used_on_paper()
    {
        await using WatchedPage watched = await EnterAsync(1280, 900, ColorScheme.Dark);
        IPage page = watched.Page;
        await page.GotoAsync(report.Server.Address + "/l/block3/s/topk/f/48");
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { Media = Media.Print });

        foreach (string part in (string[])[".bar", ".trail", ".walk", ".guide", ".take", "form", "#pictures", "#own-images"])
            Assert.Equal(0, await page.Locator(part).Filter(new LocatorFilterOptions { Visible = true }).CountAsync());
        Assert.True(await page.Locator("h1").IsVisibleAsync());
        Assert.True(await page.Locator(".presets .picture").First.IsVisibleAsync());
        Assert.Equal("rgb(255, 255, 255)", await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
        Assert.StartsWith("%PDF", System.Text.Encoding.Latin1.GetString(await page.PdfAsync()), StringComparison.Ordinal);
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task A_unit_as_one_file_opens_alone_at_every_width()
    {
        await using WatchedPage watched = await EnterAsync(1280, 900, ColorScheme.Light);
        await watched.Page.GotoAsync(report.Server.Address + "/l/block3/s/topk/f/48");
        IDownload taken = await watched.Page.RunAndWaitForDownloadAsync(
            () => watched.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "This page as one file" }).ClickAsync());
        string file = Path.Combine(Path.GetDirectoryName(await taken.PathAsync())!, taken.SuggestedFilename);
        await taken.SaveAsAsync(file);
        try
        {
            foreach (int width in (int[])[420, 1280, 3840])
            {
                await using WatchedPage alone = await browser.OpenAsync(width, 900, ColorScheme.Light);
                await alone.GoToAsync(file);
                Assert.Equal("Latent 48", await alone.Page.Locator("h1").TextContentAsync());
                Assert.Empty(await ReportTests.LoadPicturesAsync(alone.Page));
                Assert.Empty(await LayoutFaults.FindAsync(alone.Page));
                Assert.Empty(alone.Complaints);
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task<WatchedPage> EnterAsync(int width, int height, ColorScheme theme, bool scripts = true)
    {
        WatchedPage watched = await browser.OpenAsync(width, height, theme, own: report.Server.Address, scripts: scripts);
        await watched.Page.GotoAsync(report.Server.Url);
        return watched;
    }
}
