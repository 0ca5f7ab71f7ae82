using Microsoft.Playwright;
using Xunit;

namespace Fovea.Browser.Tests;

[Collection(BrowserTests.Name)]
public sealed class KeysTests(Browser browser, ServedExplorer explorer) : IClassFixture<ServedExplorer>
{
    [Fact]
    public async Task The_whole_story_is_walked_from_the_keyboard()
    {
        await using WatchedPage watched = await explorer.EnterAsync(browser, 1280, ColorScheme.Light);
        IPage page = watched.Page;

        await TabToAsync(page, "a.tile");
        await PressAsync(page, "/l/block3", "Enter");
        await TabToAsync(page, "tbody a");
        await PressAsync(page, "/l/block3/s/topk", "Enter");
        await PressAsync(page, "/l/block3/s/topk/g", "g", "g");
        await TabToAsync(page, ".feature-tile a");
        await PressAsync(page, "/l/block3/s/topk/f/0", "Enter");
        await PressAsync(page, "/l/block3/s/topk/f/48", "j");
        await PressAsync(page, "/l/block3/s/topk/f/0", "k");
        await page.Keyboard.PressAsync("o");
        Assert.True(await page.Locator(".heat-toggle").First.IsCheckedAsync());
        await PressAsync(page, "/l/block3/s/topk", "g", "d");
        await PressAsync(page, "/l/block3", "g", "l");
        await PressAsync(page, "/compare", "g", "c");
        await PressAsync(page, "/glossary", "g", "w");
        await PressAsync(page, "/", "g", "h");
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task All_keys_are_listed_by_a_key_and_the_list_closes_by_one()
    {
        await using WatchedPage watched = await explorer.EnterAsync(browser, 1280, ColorScheme.Light);
        IPage page = watched.Page;
        ILocator dialog = page.GetByRole(AriaRole.Dialog, new PageGetByRoleOptions { Name = "Keys" });

        await page.Keyboard.PressAsync("?");
        await dialog.WaitForAsync();
        Assert.True(await dialog.Locator("li").CountAsync() > 10);
        // A list that is open takes the keys.
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("w");
        Assert.Equal(explorer.Address + "/", page.Url);
        await page.Keyboard.PressAsync("Escape");

        Assert.False(await dialog.IsVisibleAsync());
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task A_key_leads_to_the_note_and_what_is_typed_there_is_kept()
    {
        await using WatchedPage watched = await explorer.EnterAsync(browser, 1280, ColorScheme.Light);
        IPage page = watched.Page;
        Assert.Equal(0, await page.Locator("#keys [data-keys=n]").CountAsync());
        await page.GotoAsync(explorer.Address + "/l/block3/s/topk/f/48");
        Assert.Equal(1, await page.Locator("#keys [data-keys=n]").CountAsync());

        await page.Keyboard.PressAsync("n");
        Assert.Equal("note-name", await page.EvaluateAsync<string>("document.activeElement.id"));
        await page.Keyboard.TypeAsync("jk/o?");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".note-form output")).ToHaveTextAsync("saved, revision 1");
        await page.ReloadAsync();

        Assert.Equal("jk/o?", await page.Locator("#note-name").InputValueAsync());
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task Keys_of_the_search_are_in_the_list_and_open_it()
    {
        await using WatchedPage watched = await explorer.EnterAsync(browser, 1280, ColorScheme.Light);
        Assert.Equal("Ctrl+K", await watched.Page.Locator("#keys [data-keys='Control+k'] kbd").TextContentAsync());
        await watched.Page.Keyboard.PressAsync("Control+k");
        await watched.Page.GetByRole(AriaRole.Dialog, new PageGetByRoleOptions { Name = "Search" }).WaitForAsync();
        await watched.Page.Keyboard.TypeAsync("topk 48");
        await watched.Page.Locator(".hits li").First.Filter(new LocatorFilterOptions { HasText = "48" }).WaitForAsync();
        await watched.Page.Keyboard.PressAsync("Enter");
        await watched.Page.ArriveAsync("/l/block3/s/topk/f/48");
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task No_key_acts_while_somebody_types()
    {
        await using WatchedPage watched = await explorer.EnterAsync(browser, 1280, ColorScheme.Light);
        IPage page = watched.Page;
        await page.GotoAsync(explorer.Address + "/l/block3/s/topk/g");

        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("gh?jk");

        Assert.Equal("gh?jk", await page.EvaluateAsync<string>("document.activeElement.value"));
        Assert.StartsWith(explorer.Address + "/l/block3/s/topk/g", page.Url);
        await page.Keyboard.PressAsync("Escape");
        Assert.Equal("BODY", await page.EvaluateAsync<string>("document.activeElement.tagName"));
    }

    [Fact]
    public async Task Light_or_dark_is_remembered_and_comes_before_the_systems_choice()
    {
        await using WatchedPage watched = await explorer.EnterAsync(browser, 1280, ColorScheme.Light);
        IPage page = watched.Page;
        const string Ground = "getComputedStyle(document.body).backgroundColor";
        Assert.Equal("rgb(250, 249, 246)", await page.EvaluateAsync<string>(Ground));

        await page.Keyboard.PressAsync("t");
        Assert.Equal("rgb(18, 20, 24)", await page.EvaluateAsync<string>(Ground));
        await page.GotoAsync(explorer.Address + "/glossary");

        Assert.Equal("rgb(18, 20, 24)", await page.EvaluateAsync<string>(Ground));
        Assert.Equal("true", await page.Locator("[data-theme-switch]").GetAttributeAsync("aria-pressed"));
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task The_tour_comes_once_and_again_when_asked_for()
    {
        await using WatchedPage watched = await explorer.EnterFirstAsync(browser);
        IPage page = watched.Page;
        ILocator tour = page.Locator("#tour");
        Assert.True(await tour.IsVisibleAsync());
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Next" }).ClickAsync();
        Assert.Equal("2 of 5", await page.Locator("[data-tour-place]").TextContentAsync());

        await page.Keyboard.PressAsync("Escape");
        Assert.False(await tour.IsVisibleAsync());
        await page.ReloadAsync();
        Assert.False(await tour.IsVisibleAsync());
        await page.GotoAsync(explorer.Address + "/?tour=1");

        Assert.True(await tour.IsVisibleAsync());
        Assert.Empty(watched.Complaints);
    }

    private static async Task TabToAsync(IPage page, string selector)
    {
        for (int i = 0; i < 200; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<bool>("selector => document.activeElement.matches(selector)", selector)) return;
        }
        Assert.Fail($"{selector} is not reached by the key Tab.");
    }

    private async Task PressAsync(IPage page, string path, params string[] keys)
    {
        bool IsThere(string url) => url.Split('?')[0] == explorer.Address + path;
        foreach (string key in keys) await page.Keyboard.PressAsync(key);
        // Two keys that a busy machine brings more than two seconds apart are no pair: as a reader would, they are pressed again.
        for (int i = 0; i < 100 && !IsThere(page.Url); i++) await Task.Delay(50, TestContext.Current.CancellationToken);
        if (keys.Length > 1 && !IsThere(page.Url))
            foreach (string key in keys) await page.Keyboard.PressAsync(key);
        await page.ArriveAsync(IsThere);
    }
}
