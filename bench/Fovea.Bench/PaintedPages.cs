using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Fovea.Bench;

/// <summary>How long a reader waits in Chromium until the next unit's page is painted, from the click on.</summary>
internal static partial class PaintedPages
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    // By the clock of the machine, since the next unit may come in a document of its own. Each heading is watched until it is on the screen:
    // the same for a new document and for a new part of this one.
    private const string Watch = """
        (() => {
          window.headings = [];
          const watch = () => { for (const one of document.querySelectorAll('h1')) one.setAttribute('elementtiming', 'heading'); };
          new MutationObserver(watch).observe(document, { childList: true, subtree: true });
          new PerformanceObserver(list => {
            for (const one of list.getEntries())
              window.headings.push({ text: one.element?.textContent, at: performance.timeOrigin + one.renderTime });
          }).observe({ type: 'element', buffered: true });
        })();
        """;

    private const string Click = """
        link => {
          sessionStorage.setItem('clicked', performance.timeOrigin + performance.now());
          sessionStorage.setItem('before', document.querySelector('h1').textContent);
          link.click();
        }
        """;

    // As soon as another heading is painted.
    private const string Painted = """
        () => new Promise(done => {
          const look = () => {
            const found = window.headings.find(one => one.text && one.text !== sessionStorage.getItem('before')
              && one.at >= Number(sessionStorage.getItem('clicked')) && one.text === document.querySelector('h1')?.textContent);
            if (found) done(found.at - Number(sessionStorage.getItem('clicked'))); else setTimeout(look, 5);
          };
          look();
        })
        """;

    /// <summary>Milliseconds of each page; null where this machine has no Chromium.</summary>
    /// <param name="firstAddress">With the token.</param>
    /// <param name="unit">The page to start from.</param>
    /// <param name="pages">How many times "next" is clicked.</param>
    /// <param name="look">How long each page is looked at before the click.</param>
    /// <param name="plainly">Whether every page is opened as a document of its own, as without the script that walks.</param>
    public static async Task<IReadOnlyList<double>?> MeasureAsync(string firstAddress, string unit, int pages, TimeSpan look, bool plainly = false)
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
        await page.AddInitScriptAsync(Watch);
        if (plainly) await page.RouteAsync("**/assets/walk.js*", route => route.AbortAsync());
        await page.GotoAsync(firstAddress);
        await page.GotoAsync(Token().Replace(firstAddress, "").TrimEnd('/') + unit);
        var times = new List<double>();
        for (int i = 0; i < pages; i++)
        {
            await Task.Delay(look);
            await page.EvalOnSelectorAsync("nav.walk a[rel=next]", Click);
            times.Add(await PaintedAsync(page));
        }
        return times;
    }

    /// <summary>Asked again where the document that was asked gave way to the next.</summary>
    private static async Task<double> PaintedAsync(IPage page)
    {
        for (long start = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                return await page.EvaluateAsync<double>(Painted);
            }
            catch (PlaywrightException) when (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30) && !page.IsClosed)
            {
                await Task.Delay(5);
            }
        }
    }

    [GeneratedRegex("\\?token=.*$")]
    private static partial Regex Token();
}
