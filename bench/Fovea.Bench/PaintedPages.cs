using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Fovea.Bench;

/// <summary>How long a reader waits in Chromium until the next unit's page is painted, from the click on.</summary>
internal static partial class PaintedPages
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    // By the clock of the machine, since a page that was made ahead has begun long before the click.
    private const string Click = """
        link => { sessionStorage.setItem('clicked', performance.timeOrigin + performance.now()); link.click(); }
        """;

    // As soon as the new page has painted something.
    private const string Painted = """
        () => new Promise(done => {
          const look = () => {
            const paint = performance.getEntriesByName('first-contentful-paint')[0];
            if (paint) done(performance.timeOrigin + paint.startTime - Number(sessionStorage.getItem('clicked'))); else requestAnimationFrame(look);
          };
          look();
        })
        """;

    /// <summary>Milliseconds of each page; null where this machine has no Chromium.</summary>
    /// <param name="firstAddress">With the token.</param>
    /// <param name="unit">The page to start from.</param>
    /// <param name="pages">How many times "next" is clicked.</param>
    /// <param name="look">How long each page is looked at before the click.</param>
    public static async Task<IReadOnlyList<double>?> MeasureAsync(string firstAddress, string unit, int pages, TimeSpan look)
    {
        string? program = Environment.GetEnvironmentVariable("FOVEA_CHROMIUM") is { Length: > 0 } named ? named : Places.FirstOrDefault(File.Exists);
        if (program is null) return null;
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        IPage page = await browser.NewPageAsync();
        await page.GotoAsync(firstAddress);
        await page.GotoAsync(Token().Replace(firstAddress, "").TrimEnd('/') + unit);
        var times = new List<double>();
        for (int i = 0; i < pages; i++)
        {
            string before = page.Url;
            await Task.Delay(look);
            await page.EvalOnSelectorAsync("a[rel=next]", Click);
            await page.WaitForURLAsync(url => url != before);
            times.Add(await page.EvaluateAsync<double>(Painted));
        }
        return times;
    }

    [GeneratedRegex("\\?token=.*$")]
    private static partial Regex Token();
}
