using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Xunit;

namespace Fovea.Browser.Tests.Walk;

/// <summary>
/// <c>docs/tutorial/explorer.md</c> step by step as it is written, by mouse and by keys alone, through the real command on a run that the
/// project draws: from a picture to the latent that decides its class, steered away, and back. What pages show is compared with what the
/// server answers to programs.
/// </summary>
[Collection(BrowserTests.Name)]
public sealed class WalkTests(Browser browser, WalkRun run)
{
    private const string Unit = "#units tbody tr";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task From_a_picture_to_the_latent_that_decides_its_class_and_back(bool keysAlone)
    {
        await using WatchedPage first = await browser.OpenAsync(420, 400, ColorScheme.Light); // skips before the run is made
        Assert.SkipWhen(Screens.Wanted && keysAlone, "the screens are those of a run that nobody has walked through");
        ExplorerProcess explorer = await run.ExplorerAsync();
        WalkPlan plan = await run.PlanAsync();
        await using WatchedPage watched =
            await browser.OpenAsync(Screens.Width, Screens.Height, ColorScheme.Light, own: explorer.Address);
        IPage page = watched.Page;
        page.SetDefaultTimeout(60_000);
        Hand hand = keysAlone ? new KeyHand(page) : new MouseHand(page);
        var screens = new Keeper(page, !keysAlone);

        // 1. Open the run.
        await page.GotoAsync(explorer.Url);
        await Assertions.Expect(page.Locator("#tour")).ToBeVisibleAsync();
        await screens.KeepAsync("walk-1-open");
        await hand.PressAsync(page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "End the tour" }));

        // 2. Bring a picture.
        await hand.PressAsync(page.Locator(".bar nav a", new PageLocatorOptions { HasText = "Images" }));
        await page.ArriveAsync("/x");
        await hand.BringAsync(
            page.Locator("#live-file"), new FilePayload { Name = "picture.png", MimeType = "image/png", Buffer = plan.Picture });
        await hand.PressAsync(page.Locator(".live-drop button"));
        await page.ArriveAsync(url => new Uri(url).AbsolutePath.StartsWith("/x/", StringComparison.Ordinal));
        string id = page.Url.Split("/x/")[1];
        JsonNode said = await explorer.JsonAsync($"/api/x/{id}");
        Assert.Equal(plan.Before, (string?)said["predictions"]![0]!["name"]);
        await CheckAsync(page, explorer, id);
        Assert.StartsWith(plan.Before, await LikeliestAsync(page), StringComparison.Ordinal);
        string asItWas = await TableAsync(page);
        await screens.KeepAsync("walk-2-picture");

        // 3. Look at the latents of a dictionary.
        await hand.ChooseAsync(page.Locator("#live-at"), $"{WalkPlan.Layer}/{WalkPlan.Source}");
        await Assertions.Expect(page.Locator("#units h2")).ToContainTextAsync($"Latents of {WalkPlan.Source}");
        JsonNode units = await explorer.JsonAsync($"/api/x/{id}/units?{WalkPlan.Where}");
        await Assertions.Expect(page.Locator("#units > p")).ToContainTextAsync($"{(int)units["active"]!} of {(int)units["units"]!} answer");
        await screens.KeepAsync("walk-3-latents", "#units");

        // 4. Ask what each adds to the class.
        await hand.ChooseAsync(page.Locator("#live-by"), "share");
        await Assertions.Expect(page.Locator(Unit).First.Locator("th")).ToHaveTextAsync(Text(plan.Unit));
        await Assertions.Expect(page.Locator("#units tfoot tr").Last).ToContainTextAsync($"the score of {plan.Before}");
        await screens.KeepAsync("walk-4-share", "#units");

        // 5. See where it is.
        await hand.PressAsync(Do(page, $"Show the heat of unit {plan.Unit}"));
        await page.ArriveAsync(url => url.Contains($"unit={plan.Unit}", StringComparison.Ordinal));
        await hand.SettleAsync();
        await hand.PointAsync(plan.Row, plan.Column);
        await page.ArriveAsync(url => url.Contains($"cell={plan.Row}.{plan.Column}", StringComparison.Ordinal));
        await hand.SettleAsync();
        await Assertions.Expect(page.Locator($".live-cell li a[href*='unit={plan.Unit}&'], .live-cell li a[href$='unit={plan.Unit}']").First)
            .ToBeVisibleAsync();
        await screens.KeepAsync("walk-5-where", ".live-images");

        // 6. Read what it is, and give it a name.
        await hand.PressAsync(page.Locator(Unit).First.Locator("th a"));
        await page.ArriveAsync(url => new Uri(url).AbsolutePath == plan.Page);
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync($"Latent {plan.Unit}");
        await screens.KeepAsync("walk-6-unit");
        string name = keysAlone ? "decides, found by keys" : $"decides for {plan.Before}";
        if (keysAlone)
        {
            await page.Keyboard.PressAsync("n");
            Assert.Equal("note-name", await page.EvaluateAsync<string>("document.activeElement.id"));
        }
        await hand.TypeAsync(page.Locator("#note-name"), name);
        await hand.PressAsync(page.Locator(".note-form button", new PageLocatorOptions { HasText = "Save" }));
        await Assertions.Expect(page.Locator(".note-form output")).ToContainTextAsync("saved, revision");
        JsonNode note = (await explorer.JsonAsync("/api/notes"))["notes"]!.AsArray().Single(one => (int)one!["unit"]! == plan.Unit)!;
        Assert.Equal(name, (string)note["name"]!);

        // 7. Have it drawn.
        await hand.TypeAsync(page.Locator("#steps"), "64");
        await hand.PressAsync(page.Locator("form.order button"));
        await Assertions.Expect(page.Locator(".orders .order-done img")).ToBeVisibleAsync(
            new LocatorAssertionsToBeVisibleOptions { Timeout = 180_000 });
        await Assertions.Expect(page.Locator(".preset-name", new PageLocatorOptions { HasText = "asked for" })).ToBeVisibleAsync();
        ILocator drawn = page.Locator(".preset img[src^='data:image/png']").Last;
        Assert.True(await drawn.EvaluateAsync<int>("image => image.naturalWidth") > 1);
        await screens.KeepAsync("walk-7-drawn", "#pictures");

        // 8. Switch it off.
        await hand.PressAsync(page.Locator("#own-images .live-thumbs a", new PageLocatorOptions { HasText = "picture.png" }));
        await page.ArriveAsync(url => url.Contains($"/x/{id}", StringComparison.Ordinal));
        await hand.PressAsync(Do(page, $"Switch unit {plan.Unit} off"));
        await page.ArriveAsync(url => url.Contains($"steer={plan.Unit}:0", StringComparison.Ordinal));
        await CheckAsync(page, explorer, id);
        Assert.StartsWith(plan.After, await LikeliestAsync(page), StringComparison.Ordinal);
        Assert.NotEqual(plan.Before, plan.After);
        await screens.KeepAsync("walk-8-off", ".live-images");

        // 9. Turn it up by degrees.
        await hand.SlideAsync(page.Locator("li[data-edit] input[type=range]"), 2);
        await Assertions.Expect(page).Not.ToHaveURLAsync(new System.Text.RegularExpressions.Regex($"steer={plan.Unit}:0(&|$)"));
        await CheckAsync(page, explorer, id);
        Assert.StartsWith(plan.Before, await LikeliestAsync(page), StringComparison.Ordinal);
        await screens.KeepAsync("walk-9-slider", ".live-images");

        // 10. And back.
        for (int i = 0; i < 20 && page.Url.Contains("steer=", StringComparison.Ordinal); i++)
        {
            string before = page.Url;
            await hand.UndoAsync();
            await page.ArriveAsync(url => url != before);
            await hand.SettleAsync();
        }
        await Assertions.Expect(page.Locator("li[data-edit]")).ToHaveCountAsync(0);
        Assert.Equal(asItWas, await TableAsync(page));
        await CheckAsync(page, explorer, id);
        await screens.KeepAsync("walk-10-back", ".live-images");
        Assert.DoesNotContain(watched.Complaints, one => !one.Contains("asked the network for blob:", StringComparison.Ordinal));

        if (!keysAlone) await InTheReportAsync(plan, name);
    }

    /// <summary>What was drawn and written on the way is in the report that is made next.</summary>
    private async Task InTheReportAsync(WalkPlan plan, string name)
    {
        await ExplorerProcess.CommandAsync("report", "--run", run.Folder, "--quiet");
        string page = await File.ReadAllTextAsync(
            Path.Combine(run.Folder, "report", plan.Page.TrimStart('/'), "index.html"), TestContext.Current.CancellationToken);
        Assert.Contains("paper, asked for", page, StringComparison.Ordinal);
        Assert.Contains(name, page, StringComparison.Ordinal);
    }

    private static ILocator Do(IPage page, string name) => page.Locator($"a[aria-label='{name}']").First;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static Task<string> TableAsync(IPage page) => page.Locator("[data-live-classes]").First.InnerTextAsync();

    private static Task<string> LikeliestAsync(IPage page) => page.Locator("[data-live-classes] tbody th").First.InnerTextAsync();

    /// <summary>The table says, class by class, what the server answers to the state of the address.</summary>
    private static async Task CheckAsync(IPage page, ExplorerProcess explorer, string id)
    {
        await Assertions.Expect(page.Locator("#live:not(.busy)")).ToHaveCountAsync(1);
        bool changed = page.Url.Contains("steer=", StringComparison.Ordinal);
        JsonNode answer = await explorer.JsonAsync($"/api/x/{id}{(changed ? $"/steer{new Uri(page.Url).Query}" : "")}");
        var expected = answer[changed ? "classes" : "predictions"]!.AsArray().ToDictionary(one => (string)one!["name"]!, one => one!);
        foreach (ILocator row in await page.Locator("[data-live-classes] tbody tr").AllAsync())
        {
            JsonNode one = expected[(await row.Locator("th").InnerTextAsync()).Trim()];
            IReadOnlyList<string> cells = await row.Locator("td").AllInnerTextsAsync();
            Assert.Equal(100 * (double)one[changed ? "before" : "probability"]!, Percent(cells[0]), 0.051);
            if (changed) Assert.Equal(100 * (double)one["after"]!, Percent(cells[1]), 0.051);
        }
    }

    private static double Percent(string shown) => double.Parse(shown.TrimEnd('%', '\u00a0', ' '), CultureInfo.InvariantCulture);

    /// <summary>Keeps screens of one of the walks.</summary>
    private sealed class Keeper(IPage page, bool keeps)
    {
        public async Task KeepAsync(string name, string? from = null)
        {
            if (keeps) await Screens.KeepAsync(page, name, from);
        }
    }
}
