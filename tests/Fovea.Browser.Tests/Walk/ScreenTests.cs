using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Fovea.Imaging;
using Fovea.Tests.Shared;
using Microsoft.Playwright;
using Xunit;

namespace Fovea.Browser.Tests.Walk;

/// <summary>Every page of the explorer of a real run, at the widths of a telephone, a desk and a wall; and the screens in the documents.</summary>
[Collection(BrowserTests.Name)]
public sealed partial class ScreenTests(Browser browser, WalkRun run)
{
    private const string Dictionary = $"/l/{WalkPlan.Layer}/s/{WalkPlan.Source}";

    [Theory]
    [InlineData(420, 900)]
    [InlineData(1280, 800)]
    [InlineData(3840, 2160)]
    public async Task Nothing_is_cut_broken_empty_or_over_something_else(int width, int height)
    {
        await using WatchedPage watched = await EnterAsync(width, height, ColorScheme.Light);
        List<string> faults = [];
        foreach (Screen screen in await AllAsync())
        {
            await OpenAsync(watched.Page, screen);
            faults.AddRange((await LayoutFaults.FindAsync(watched.Page)).Select(fault => $"{screen.Name}: {fault}"));
            if (ReportTests.KeepsScreens) await ReportTests.ScreenshotAsync(watched.Page, $"walk-{screen.Name}-{width}");
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task Screens_of_every_page_are_made_anew()
    {
        Assert.SkipUnless(Screens.Wanted, "FOVEA_UPDATE_SCREENS=1 makes the screens of the documents anew");
        await using WatchedPage watched = await EnterAsync(Screens.Width, Screens.Height, ColorScheme.Light);
        await DrawAsync();
        foreach (Screen screen in (await AllAsync()).Where(one => one.Kept))
        {
            await OpenAsync(watched.Page, screen);
            await Screens.KeepAsync(watched.Page, screen.Name, screen.From);
        }
        WalkPlan plan = await run.PlanAsync();
        await using (WatchedPage dark = await EnterAsync(Screens.Width, Screens.Height, ColorScheme.Dark))
        {
            await dark.Page.GotoAsync((await run.ExplorerAsync()).Address + plan.Page);
            Assert.Equal("rgb(18, 20, 24)", await dark.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
            await Screens.KeepAsync(dark.Page, "unit-dark");
        }
        RgbImage card = ImageCodec.Decode(await (await run.ExplorerAsync()).BytesAsync(plan.Page + "/card.png"), "card");
        Assert.True(card.Width > 400 && card.Height > 300, $"{card.Width} × {card.Height}");
        await Screens.WriteAsync("card", card);
        await File.WriteAllBytesAsync(Path.Combine(Screens.Folder, "picture.png"), plan.Picture);
    }

    [Fact]
    public void Each_screen_of_the_documents_is_there_small_and_named()
    {
        string docs = Path.Combine(Checkout.Root, "docs");
        HashSet<string> named = [];
        foreach (string page in Directory.EnumerateFiles(docs, "*.md", SearchOption.AllDirectories))
        {
            foreach (Match picture in Picture().Matches(File.ReadAllText(page)))
            {
                string file = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, picture.Groups["file"].Value));
                Assert.True(File.Exists(file), $"{page} shows {picture.Groups["file"].Value}, which is not there");
                Assert.True(picture.Groups["words"].Value.Length > 8, $"{page}: {file} has no words for who cannot see it");
                named.Add(file);
            }
            if (File.ReadAllText(page).Contains("docs/images/explorer/picture.png", StringComparison.Ordinal))
                named.Add(Path.Combine(Screens.Folder, "picture.png"));
        }
        string[] kept = [.. Directory.EnumerateFiles(Screens.Folder)];
        Assert.Empty(kept.Except(named));
        Assert.True(kept.Length >= 24, $"{kept.Length} screens");
        foreach (string file in kept)
        {
            byte[] bytes = File.ReadAllBytes(file);
            Assert.InRange(bytes.Length, 1, Screens.MostBytes);
            RgbImage screen = ImageCodec.Decode(bytes, file);
            string name = Path.GetFileNameWithoutExtension(file);
            if (name is not ("card" or "picture")) Assert.Equal((Screens.Width, Screens.Height), (screen.Width, screen.Height));
        }
    }

    private async Task<WatchedPage> EnterAsync(int width, int height, ColorScheme theme)
    {
        await using (await browser.OpenAsync(420, 400, theme)) { } // skips before the run is made
        ExplorerProcess explorer = await run.ExplorerAsync();
        WatchedPage watched = await browser.OpenAsync(width, height, theme, own: explorer.Address);
        await watched.Page.Context.AddInitScriptAsync("try { localStorage.setItem('fovea-tour', 'seen'); } catch { }");
        await watched.Page.GotoAsync(explorer.Url);
        return watched;
    }

    private async Task<IReadOnlyList<Screen>> AllAsync()
    {
        WalkPlan plan = await run.PlanAsync();
        ExplorerProcess explorer = await run.ExplorerAsync();
        await NoteAsync(explorer, plan.Unit, $"decides for {plan.Before}", 4);
        await NoteAsync(explorer, plan.Unit == 1 ? 2 : 1, "not clear yet", 2);
        string image = $"/x/run-{plan.Image}?{WalkPlan.Where}&unit={plan.Unit}";
        return
        [
            new("overview", "/"), new("layer", $"/l/{WalkPlan.Layer}"), new("dictionary", Dictionary),
            new("gallery", Dictionary + "/g"), new("gallery-sorted", Dictionary + "/g?sort=max&desc=1") { Kept = false },
            new("unit", plan.Page), new("images", "/x"), new("image", $"{image}&cell={plan.Row}.{plan.Column}&by=share"),
            new("steering", $"{image}&steer={plan.Unit}:0", ".live-images"),
            new("compare", $"/compare?a=l/{WalkPlan.Layer}/s/{WalkPlan.Source}&b=l/{WalkPlan.Layer}/s/l1&by=classes"),
            new("notes", "/notes"), new("search", "/search?q=" + Uri.EscapeDataString(plan.Before)), new("orders", "/pictures"),
            new("glossary", "/glossary"), new("keys", plan.Page) { Key = "?" },
        ];
    }

    /// <summary>Has the latent of the walk drawn.</summary>
    private async Task DrawAsync()
    {
        ExplorerProcess explorer = await run.ExplorerAsync();
        var (status, answer) = await explorer.SendAsync(HttpMethod.Post, "/api/pictures", new JsonObject
        {
            ["layer"] = WalkPlan.Layer,
            ["source"] = WalkPlan.Source,
            ["unit"] = (await run.PlanAsync()).Unit,
            ["steps"] = 64,
        });
        Assert.True(status == 202, answer.ToJsonString());
        string id = (string)answer["job"]!["id"]!, state = "waiting";
        for (int i = 0; i < 1200 && state is ("waiting" or "running"); i++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
            state = (string)(await explorer.JsonAsync($"/api/pictures/{id}"))["job"]!["state"]!;
        }
        Assert.Equal("done", state);
    }

    private static async Task NoteAsync(ExplorerProcess explorer, int unit, string name, int rating)
    {
        string at = $"/api/notes/l/{WalkPlan.Layer}/s/{WalkPlan.Source}/f/{unit}";
        JsonNode? there = (await explorer.JsonAsync("/api/notes"))["notes"]!.AsArray()
            .FirstOrDefault(one => (string)one!["source"]! == WalkPlan.Source && (int)one["unit"]! == unit);
        var (status, answer) = await explorer.SendAsync(HttpMethod.Put, at, new JsonObject
        {
            ["revision"] = (int?)there?["revision"] ?? 0,
            ["name"] = name,
            ["tags"] = new JsonArray("seen"),
            ["rating"] = rating,
        });
        Assert.True(status == 200, answer.ToJsonString());
    }

    private async Task OpenAsync(IPage page, Screen screen)
    {
        await page.GotoAsync((await run.ExplorerAsync()).Address + screen.Path);
        // What is counted in the background comes into the page by itself.
        await Assertions.Expect(page.Locator("section.near[data-waiting]")).ToHaveCountAsync(
            0, new LocatorAssertionsToHaveCountOptions { Timeout = 180_000 });
        if (screen.Key is not null) await page.Keyboard.PressAsync(screen.Key);
    }

    private sealed record Screen(string Name, string Path, string? From = null)
    {
        /// <summary>Whether the documents show it.</summary>
        public bool Kept { get; init; } = true;

        /// <summary>What is pressed first.</summary>
        public string? Key { get; init; }
    }

    [GeneratedRegex(@"!\[(?<words>[^\]]*)\]\((?<file>[^)#?]*images/explorer/[^)]*)\)")]
    private static partial Regex Picture();
}
