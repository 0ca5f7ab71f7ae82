using Fovea.Explorer.Server;
using Fovea.Explorer.Tests;
using Microsoft.Playwright;
using Xunit;

namespace Fovea.Browser.Tests;

/// <summary>The next unit comes into the page that is open: all that a page of its own would have is right, and without the script it is one.</summary>
[Collection(BrowserTests.Name)]
public sealed class NextUnitTests(Browser browser, ServedExplorer explorer) : IClassFixture<ServedExplorer>
{
    private const string Order = "?sort=unit&desc=1", First = "/l/block3/f/47" + Order, Second = "/l/block3/f/46" + Order, Third = "/l/block3/f/45" + Order;

    // What the page shows beside what the server says stands at its address.
    private const string AsServed = """
        async () => {
          const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
          const all = one => [one.title, one.getElementById('content').textContent, one.querySelectorAll('main *').length, one.querySelectorAll('body > *').length].join('|');
          return all(page) === all(document);
        }
        """;

    [Fact]
    public async Task Address_title_focus_and_contents_are_those_of_the_next_unit_in_the_same_document()
    {
        await using WatchedPage watched = await EnterAsync(First);
        IPage page = watched.Page;
        await page.EvaluateAsync("() => { window.stays = true; scrollTo({ top: 300, behavior: 'instant' }); }");

        await ClickAsync(page, "Next");
        await ShowsAsync(page, 46, Second);
        Assert.Equal("H1 Neuron 46", await page.EvaluateAsync<string>("document.activeElement.tagName + ' ' + document.activeElement.textContent"));
        Assert.Equal(0, await page.EvaluateAsync<int>("scrollY"));
        await page.Keyboard.PressAsync("j");
        await ShowsAsync(page, 45, Third);
        await ClickAsync(page, "Previous");
        await ShowsAsync(page, 46, Second);

        Assert.True(await page.EvaluateAsync<bool>("window.stays"));
        Assert.True(await page.EvaluateAsync<bool>(AsServed));
        Assert.Equal(0, await page.Locator("[aria-busy]").CountAsync());
        // What is put off comes by itself.
        await Assertions.Expect(page.Locator(".arriving")).ToHaveCountAsync(0);
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task Back_and_forward_lead_to_the_units_and_to_where_one_had_read()
    {
        await using WatchedPage watched = await EnterAsync(First);
        IPage page = watched.Page;
        await page.EvaluateAsync("() => { window.stays = true; scrollTo({ top: 250, behavior: 'instant' }); }");
        // By key: a click would first scroll to the link.
        await page.Keyboard.PressAsync("j");
        await ShowsAsync(page, 46, Second);
        await ClickAsync(page, "Next");
        await ShowsAsync(page, 45, Third);

        await page.EvaluateAsync("history.back()");
        await ShowsAsync(page, 46, Second);
        await page.EvaluateAsync("history.back()");
        await ShowsAsync(page, 47, First);
        Assert.Equal(250, await page.EvaluateAsync<int>("scrollY"));
        await page.EvaluateAsync("history.forward()");
        await ShowsAsync(page, 46, Second);
        Assert.True(await page.EvaluateAsync<bool>("window.stays"));

        // Out to a page of another kind, and back to the unit that was left; from there, in a new document, to the one before.
        await ClickAsync(page, "Gallery");
        await page.Locator(".feature-tile").First.WaitForAsync();
        await page.GoBackAsync();
        await ShowsAsync(page, 46, Second);
        await page.ReloadAsync();
        await ShowsAsync(page, 46, Second);
        await page.EvaluateAsync("history.back()");
        await ShowsAsync(page, 47, First);
        Assert.True(await page.EvaluateAsync<bool>(AsServed));
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task What_scripts_do_on_a_page_they_do_on_the_next()
    {
        await using WatchedPage watched = await EnterAsync(First);
        IPage page = watched.Page;
        await page.EvaluateAsync("window.stays = true");
        await page.Keyboard.PressAsync("j");
        await ShowsAsync(page, 46, Second);

        await page.Keyboard.PressAsync("n");
        await page.Keyboard.TypeAsync("comes after");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".note-form output")).ToHaveTextAsync("saved, revision 1");
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("k");
        await ShowsAsync(page, 47, First);
        await page.Keyboard.PressAsync("j");
        await ShowsAsync(page, 46, Second);

        Assert.Equal("comes after", await page.Locator("#note-name").InputValueAsync());
        Assert.True(await page.EvaluateAsync<bool>("window.stays"));
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task A_slider_that_came_with_the_next_unit_moves_its_numbers()
    {
        const string Steered = "/l/block3/s/topk/f/48" + Order;
        await using WatchedPage watched = await EnterAsync(Steered);
        IPage page = watched.Page;
        await page.EvaluateAsync("window.stays = true");
        await ClickAsync(page, "Next");
        // The next that the run has: its latents are 0, 48, 96 and 144.
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Latent 0");
        await ClickAsync(page, "Previous");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Latent 48");

        string before = await page.Locator("[data-effect]").First.InnerTextAsync();
        await page.Locator("[data-steering] input").FocusAsync();
        await page.Keyboard.PressAsync("End");
        Assert.NotEqual(before, await page.Locator("[data-effect]").First.InnerTextAsync());
        Assert.StartsWith(explorer.Address + Steered + "#steering=", page.Url);
        Assert.True(await page.EvaluateAsync<bool>("window.stays"));
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task A_note_that_was_written_meanwhile_is_on_the_next_page()
    {
        await using WatchedPage watched = await EnterAsync("/l/block3/f/44" + Order);
        IPage page = watched.Page;
        // The next page has been asked for, and answered.
        await page.HoldsAsync(
            "performance.getEntriesByType('resource').some(one => one.name.includes('/l/block3/f/43?') && one.responseEnd > 0)");
        Assert.Equal(200, await page.EvaluateAsync<int>("""
            async () => (await fetch('/api/notes/l/block3/f/44', { method: 'PUT', headers: { 'Content-Type': 'application/json' },
              body: JSON.stringify({ revision: 0, name: 'by hand' }) })).status
            """));
        await ClickAsync(page, "Next");
        await ShowsAsync(page, 43, "/l/block3/f/43" + Order);
        await page.EvaluateAsync("history.back()");
        await ShowsAsync(page, 44, "/l/block3/f/44" + Order);
        Assert.Equal("by hand", await page.Locator(".note-text .note-name").TextContentAsync());
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task What_the_server_refuses_is_shown_as_the_page_that_it_is()
    {
        await using WatchedPage watched = await EnterAsync("/l/block3/f/40" + Order);
        IPage page = watched.Page;
        await page.RouteAsync("**/l/block3/f/38?*", route => route.FulfillAsync(
            new RouteFulfillOptions { Status = 503, ContentType = "text/html", Body = "<!DOCTYPE html><title>x</title><h1>Busy</h1>" }));
        await ClickAsync(page, "Next");
        await ShowsAsync(page, 39, "/l/block3/f/39" + Order);
        await ClickAsync(page, "Next");

        await page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Busy" }).WaitForAsync();
        Assert.Equal(explorer.Address + "/l/block3/f/38" + Order, page.Url);
    }

    [Fact]
    public async Task A_click_for_another_tab_leaves_this_one_as_it_is()
    {
        await using WatchedPage watched = await EnterAsync(First);
        IPage page = watched.Page;
        IPage other = await page.Context.RunAndWaitForPageAsync(() => page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Next" })
            .ClickAsync(new LocatorClickOptions { Modifiers = [KeyboardModifier.Control] }));
        await ShowsAsync(other, 46, Second);
        await ShowsAsync(page, 47, First);
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task A_key_that_is_held_down_leads_on_by_one_unit_and_asks_once()
    {
        await using WatchedPage watched = await explorer.EnterAsync(browser, 1280, ColorScheme.Light);
        IPage page = watched.Page;
        int asked = 0;
        var pressed = new TaskCompletionSource();
        await page.RouteAsync("**/l/block3/f/46?*", async route =>
        {
            Interlocked.Increment(ref asked);
            await pressed.Task;
            await route.ContinueAsync();
        });
        await page.GotoAsync(explorer.Address + First);
        for (int i = 0; i < 4; i++) await page.Keyboard.PressAsync("j");
        Assert.Equal("true", await page.Locator("#content").GetAttributeAsync("aria-busy"));
        pressed.SetResult();
        await ShowsAsync(page, 46, Second);
        Assert.Equal(1, asked);
        Assert.Equal(0, await page.Locator("[aria-busy]").CountAsync());
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task Where_one_had_read_is_found_again_after_a_page_of_another_kind()
    {
        await using WatchedPage watched = await EnterAsync(First);
        IPage page = watched.Page;
        await page.EvaluateAsync("scrollTo({ top: 250, behavior: 'instant' })");
        await page.Keyboard.PressAsync("j");
        await ShowsAsync(page, 46, Second);
        await page.EvaluateAsync("scrollTo({ top: 120, behavior: 'instant' })");
        await page.GotoAsync(explorer.Address + "/glossary");
        await page.GoBackAsync();
        await ShowsAsync(page, 46, Second);
        Assert.Equal(120, await page.EvaluateAsync<int>("scrollY"));
        await page.ReloadAsync();
        Assert.Equal(120, await page.EvaluateAsync<int>("scrollY"));
        await page.EvaluateAsync("history.back()");
        await ShowsAsync(page, 47, First);
        Assert.Equal(250, await page.EvaluateAsync<int>("scrollY"));
        await page.EvaluateAsync("history.forward()");
        await ShowsAsync(page, 46, Second);
        Assert.Equal(120, await page.EvaluateAsync<int>("scrollY"));
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task What_lay_open_over_a_unit_does_not_lie_over_the_next()
    {
        await using WatchedPage watched = await EnterAsync(First);
        IPage page = watched.Page;
        await page.Keyboard.PressAsync("j");
        await ShowsAsync(page, 46, Second);
        await page.Keyboard.PressAsync("Control+k");
        await page.Keyboard.TypeAsync("neurons 46");
        await page.Locator(".hits li").Filter(new LocatorFilterOptions { HasText = "46" }).First.WaitForAsync();
        await page.EvaluateAsync("history.back()");
        await ShowsAsync(page, 47, First);
        Assert.Equal(0, await page.Locator("dialog[open]").CountAsync());
        Assert.Equal("H1", await page.EvaluateAsync<string>("document.activeElement.tagName"));
        // What was typed was asked of another unit.
        await page.Keyboard.PressAsync("Control+k");
        Assert.Equal("", await page.GetByRole(AriaRole.Combobox, new PageGetByRoleOptions { Name = "Search" }).InputValueAsync());
        await page.Keyboard.PressAsync("Escape");

        await page.Keyboard.PressAsync("?");
        Assert.Equal(1, await page.Locator("dialog[open]").CountAsync());
        await page.EvaluateAsync("history.forward()");
        await ShowsAsync(page, 46, Second);
        Assert.Equal(0, await page.Locator("dialog[open]").CountAsync());
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task What_was_typed_and_not_saved_is_there_when_one_comes_back()
    {
        await using WatchedPage watched = await EnterAsync("/l/block3/f/41" + Order);
        IPage page = watched.Page;
        await page.Keyboard.PressAsync("n");
        await page.Keyboard.TypeAsync("half a wor");
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("j");
        await ShowsAsync(page, 40, "/l/block3/f/40" + Order);
        Assert.Equal("", await page.Locator("#note-name").InputValueAsync());
        await page.Keyboard.PressAsync("k");
        await ShowsAsync(page, 41, "/l/block3/f/41" + Order);
        Assert.Equal("half a wor", await page.Locator("#note-name").InputValueAsync());
        await Assertions.Expect(page.Locator(".note-form output")).ToHaveTextAsync("not saved yet: kept from your last visit");
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task A_picture_that_ends_after_one_has_gone_on_leaves_the_next_unit_in_peace()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the program of this test is /bin/sh");
        using RunFolderFixture run = RunFolderFixture.Evidenced();
        await using ExplorerServer server = await ExplorerServer.StartAsync(
            new ExplorerOptions { Run = run.Folder, Program = ["/bin/sh", "-c", "sleep 2; exit 1"] });
        await using WatchedPage watched = await browser.OpenAsync(1280, 900, ColorScheme.Light, own: server.Address);
        IPage page = watched.Page;
        await page.GotoAsync(server.Url);
        await page.GotoAsync(server.Address + "/l/block3/s/topk/f/96");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Make it" }).ClickAsync();
        await page.Locator("[data-order]").WaitForAsync();
        await page.EvaluateAsync("window.stays = true");
        await page.Keyboard.PressAsync("k");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Latent 48");
        await page.WaitForTimeoutAsync(3500);

        Assert.Equal("Latent 48", await page.Locator("h1").TextContentAsync());
        Assert.True(await page.EvaluateAsync<bool>("window.stays"));
        await page.EvaluateAsync("history.back()");
        await page.GetByText("The program that does this ended with 1.").WaitForAsync();
        Assert.Equal("Latent 96", await page.Locator("h1").TextContentAsync());
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task Where_nothing_may_be_written_units_follow_each_other_as_well()
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();
        await using ExplorerServer server = await ExplorerServer.StartAsync(new ExplorerOptions { Run = run.Folder, ReadOnly = true });
        await using WatchedPage watched = await browser.OpenAsync(1280, 900, ColorScheme.Light, own: server.Address);
        IPage page = watched.Page;
        await page.GotoAsync(server.Url);
        await page.GotoAsync(server.Address + First);
        await page.EvaluateAsync("window.stays = true");
        await page.Keyboard.PressAsync("j");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Neuron 46");
        Assert.Equal(0, await page.Locator(".note-form").CountAsync());
        Assert.True(await page.EvaluateAsync<bool>("window.stays"));
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task Without_script_the_next_unit_is_a_page_of_its_own()
    {
        await using WatchedPage scripted = await EnterAsync(First);
        await using WatchedPage plain = await browser.OpenAsync(1280, 900, ColorScheme.Light, own: explorer.Address, scripts: false);
        IReadOnlyList<BrowserContextCookiesResult> cookies = await scripted.Page.Context.CookiesAsync();
        await plain.Page.Context.AddCookiesAsync(cookies.Select(one => new Cookie { Name = one.Name, Value = one.Value, Url = explorer.Address }));
        IPage page = plain.Page;
        await page.GotoAsync(explorer.Address + First);
        await ClickAsync(page, "Next");
        await ShowsAsync(page, 46, Second);
        await page.GoBackAsync();
        await ShowsAsync(page, 47, First);
        Assert.Empty(plain.Complaints);
    }

    private async Task<WatchedPage> EnterAsync(string path)
    {
        WatchedPage watched = await explorer.EnterAsync(browser, 1280, ColorScheme.Light);
        await watched.Page.GotoAsync(explorer.Address + path);
        return watched;
    }

    private static Task ClickAsync(IPage page, string name) =>
        page.Locator("nav.walk").GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = name }).ClickAsync();

    private async Task ShowsAsync(IPage page, int unit, string path)
    {
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync($"Neuron {unit}");
        await Assertions.Expect(page).ToHaveURLAsync(explorer.Address + path);
        await Assertions.Expect(page).ToHaveTitleAsync(new System.Text.RegularExpressions.Regex($"^Neuron {unit} · block3 · "));
        await Assertions.Expect(page.Locator(".trail [aria-current]")).ToHaveTextAsync($"Neuron {unit}");
    }
}
