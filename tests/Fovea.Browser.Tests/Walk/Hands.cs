using System.Globalization;
using Microsoft.Playwright;
using Xunit;

namespace Fovea.Browser.Tests.Walk;

/// <summary>A reader's hand on a page: the same deeds by mouse, or by keys alone.</summary>
internal abstract class Hand(IPage page)
{
    protected IPage Page => page;

    /// <summary>A link or a button.</summary>
    public abstract Task PressAsync(ILocator target);

    /// <summary>An entry of a list.</summary>
    public abstract Task ChooseAsync(ILocator list, string value);

    /// <summary>Words in a field, in the place of what is there.</summary>
    public abstract Task TypeAsync(ILocator field, string text);

    /// <summary>A position of the image, from 0: points at it and chooses it.</summary>
    public abstract Task PointAsync(int row, int column);

    /// <summary>A slider, to about this value.</summary>
    public abstract Task SlideAsync(ILocator slider, double value);

    /// <summary>A file, chosen in the browser's own window.</summary>
    public async Task BringAsync(ILocator input, FilePayload file)
    {
        IFileChooser chooser = await page.RunAndWaitForFileChooserAsync(() => PressAsync(input));
        await chooser.SetFilesAsync(file);
    }

    /// <summary>Takes the last change back.</summary>
    public abstract Task UndoAsync();

    /// <summary>Until the page has answered to the last deed.</summary>
    public async Task SettleAsync() => await Assertions.Expect(page.Locator("#live:not(.busy)")).ToHaveCountAsync(1);

    protected static async Task<double> NumberAsync(ILocator slider, string what) => double.Parse(
        await slider.EvaluateAsync<string>($"element => String(element.{what})"), CultureInfo.InvariantCulture);
}

/// <summary>The mouse, and the keyboard for words alone.</summary>
internal sealed class MouseHand(IPage page) : Hand(page)
{
    public override Task PressAsync(ILocator target) => target.ClickAsync();

    public override async Task ChooseAsync(ILocator list, string value)
    {
        if (await list.InputValueAsync() != value) await list.SelectOptionAsync(value);
        await SettleAsync();
    }

    public override async Task TypeAsync(ILocator field, string text)
    {
        await field.ClickAsync();
        await field.FillAsync(text);
    }

    public override async Task PointAsync(int row, int column)
    {
        ILocator picture = Page.Locator("[data-live-picture][tabindex]");
        LocatorBoundingBoxResult box = (await picture.BoundingBoxAsync())!;
        ILocator root = Page.Locator("#live");
        double rows = double.Parse((await root.GetAttributeAsync("data-rows"))!, CultureInfo.InvariantCulture),
            columns = double.Parse((await root.GetAttributeAsync("data-columns"))!, CultureInfo.InvariantCulture);
        var at = new Position { X = (float)(box.Width * (column + 0.5) / columns), Y = (float)(box.Height * (row + 0.5) / rows) };
        await picture.HoverAsync(new LocatorHoverOptions { Position = at });
        await Assertions.Expect(Page.Locator(".live-cell h3")).ToHaveTextAsync($"Row {row + 1}, column {column + 1}");
        await picture.ClickAsync(new LocatorClickOptions { Position = at });
    }

    public override async Task SlideAsync(ILocator slider, double value)
    {
        await slider.ScrollIntoViewIfNeededAsync();
        LocatorBoundingBoxResult box = (await slider.BoundingBoxAsync())!;
        double least = await NumberAsync(slider, "min"), most = await NumberAsync(slider, "max"), now = await NumberAsync(slider, "value");
        // The knob's middle never reaches the ends.
        const float Knob = 16;
        float At(double number) => box.X + Knob / 2 + (box.Width - Knob) * (float)((number - least) / (most - least));
        await Page.Mouse.MoveAsync(At(now), box.Y + box.Height / 2);
        await Page.Mouse.DownAsync();
        await Page.Mouse.MoveAsync(At(value), box.Y + box.Height / 2, new MouseMoveOptions { Steps = 12 });
        await Page.Mouse.UpAsync();
        await SettleAsync();
    }

    public override Task UndoAsync() => Page.Locator("[data-undo]").ClickAsync();
}

/// <summary>The keyboard alone: Tab until the place is reached.</summary>
internal sealed class KeyHand(IPage page) : Hand(page)
{
    private const int MostTabs = 800;

    public override async Task PressAsync(ILocator target)
    {
        await ReachAsync(target);
        await Page.Keyboard.PressAsync("Enter");
    }

    public override async Task ChooseAsync(ILocator list, string value)
    {
        await ReachAsync(list);
        int count = await list.Locator("option").CountAsync();
        await Page.Keyboard.PressAsync("Home");
        for (int i = 0; ; i++)
        {
            await SettleAsync();
            if (await list.InputValueAsync() == value) return;
            Assert.True(i < count, $"{value} is not in the list");
            await ReachAsync(list);
            await Page.Keyboard.PressAsync("ArrowDown");
        }
    }

    public override async Task TypeAsync(ILocator field, string text)
    {
        await ReachAsync(field);
        await Page.Keyboard.PressAsync("Control+a");
        await Page.Keyboard.TypeAsync(text);
    }

    public override async Task PointAsync(int row, int column)
    {
        await ReachAsync(Page.Locator("[data-live-picture][tabindex]"));
        ILocator root = Page.Locator("#live");
        int y = int.Parse((await root.GetAttributeAsync("data-rows"))!, CultureInfo.InvariantCulture) / 2,
            x = int.Parse((await root.GetAttributeAsync("data-columns"))!, CultureInfo.InvariantCulture) / 2;
        // The first arrow leads to the middle.
        await StepAsync("ArrowUp", y, x);
        while (y != row || x != column)
        {
            string key = y < row ? "ArrowDown" : y > row ? "ArrowUp" : x < column ? "ArrowRight" : "ArrowLeft";
            (y, x) = (y + (key == "ArrowDown" ? 1 : key == "ArrowUp" ? -1 : 0), x + (key == "ArrowRight" ? 1 : key == "ArrowLeft" ? -1 : 0));
            await StepAsync(key, y, x);
        }
        await Page.Keyboard.PressAsync("Enter");
    }

    public override async Task SlideAsync(ILocator slider, double value)
    {
        await ReachAsync(slider);
        for (int i = 0; i < 200 && await NumberAsync(slider, "value") is var now && Math.Abs(now - value) > 0.5; i++)
        {
            await Page.Keyboard.PressAsync(now < value ? "PageUp" : "PageDown");
            await SettleAsync();
        }
    }

    public override Task UndoAsync() => Page.Keyboard.PressAsync("Control+z");

    private async Task StepAsync(string key, int row, int column)
    {
        await Page.Keyboard.PressAsync(key);
        await Assertions.Expect(Page.Locator(".live-cell h3")).ToHaveTextAsync($"Row {row + 1}, column {column + 1}");
    }

    /// <summary>By the key that the page's own list says leads nearest before it, where the way is long; then by Tab alone.</summary>
    private async Task ReachAsync(ILocator target)
    {
        await target.WaitForAsync();
        int far = await FarAsync(target);
        if (Math.Abs(far) > LongWay && await target.EvaluateAsync<string?>(Nearest) is { } key)
        {
            await Page.Keyboard.PressAsync("Escape"); // no key acts while somebody types
            await Page.Keyboard.PressAsync(key);
        }
        for (int i = 0; i < MostTabs; i++)
        {
            far = await FarAsync(target);
            if (far == 0) return;
            // Not beyond it: how many stops there are is the browser's to say.
            for (int press = 0; press < Math.Max(1, Math.Abs(far) - 4); press++) await Page.Keyboard.PressAsync(far < 0 ? "Shift+Tab" : "Tab");
        }
        Assert.Fail($"{target} is not reached by the key Tab.");
    }

    private const int LongWay = 12;

    private const string Stops = """
          const stops = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
            .filter(one => !one.disabled && one.checkVisibility({ visibilityProperty: true }) && one.tabIndex >= 0);
          const now = document.activeElement;

        """;

    // How many presses of Tab away, before (less than 0) or after; never 0 but where the focus is.
    private const string Far = "element => {" + Stops + """
          if (now === element) return 0;
          const at = stops.indexOf(element), from = now === document.body ? -1 : stops.indexOf(now);
          return at < 0 || from === at ? 1 : at - from;
        }
        """;

    // Of the keys that lead to a place of this page that one whose place is the nearest before the element, if it is nearer than the focus.
    private const string Nearest = "element => {" + Stops + """
          const at = stops.indexOf(element), from = now === document.body ? -1 : stops.indexOf(now);
          let best = null, most = from < at ? from : -1;
          for (const { dataset } of document.querySelectorAll('#keys [data-action=focus]')) {
            const place = dataset.target.split(', ').flatMap(one => [...document.querySelectorAll(one)]).find(one => stops.includes(one));
            const where = stops.indexOf(place);
            if (where > most && where <= at && dataset.keys.length === 1) [best, most] = [dataset.keys, where];
          }
          return best;
        }
        """;

    private static Task<int> FarAsync(ILocator target) => target.EvaluateAsync<int>(Far);
}
