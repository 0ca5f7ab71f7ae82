using System.Globalization;
using Microsoft.Playwright;
using Xunit;

namespace Fovea.Browser.Tests;

/// <summary>The slider on a unit's page of the static report, opened as a file.</summary>
[Collection(BrowserTests.Name)]
public sealed class SteeringTests(Browser browser, EvidencedReport report) : IClassFixture<EvidencedReport>
{
    private const string Unit = "l/block3/s/topk/f/48/index.html";

    [Theory]
    [InlineData(1280)]
    [InlineData(420)]
    public async Task Scores_move_by_the_factor_less_one_times_what_the_unit_adds(int width)
    {
        await using WatchedPage watched = await browser.OpenAsync(width, 900, ColorScheme.Light);
        await watched.GoToAsync(report.File(Unit));
        ILocator slider = watched.Page.Locator("[data-steering] input"), cells = watched.Page.Locator("[data-effect]");
        Assert.True(await cells.CountAsync() >= 12);
        foreach (double factor in (double[])[0, 1, 2.5, -1])
        {
            await slider.FillAsync(factor.ToString(CultureInfo.InvariantCulture));
            foreach (ILocator cell in await cells.AllAsync())
            {
                double effect = double.Parse((await cell.GetAttributeAsync("data-effect"))!, CultureInfo.InvariantCulture);
                double said = double.Parse((await cell.InnerTextAsync()).Replace('−', '-'), CultureInfo.InvariantCulture);
                Assert.Equal((factor - 1) * effect, said, 6e-4 * Math.Max(1, Math.Abs(said)));
            }
        }
        // The address keeps it, and keys move it.
        await slider.FocusAsync();
        await watched.Page.Keyboard.PressAsync("End");
        Assert.EndsWith("#steering=4", watched.Page.Url, StringComparison.Ordinal);
        await watched.Page.ReloadAsync();
        Assert.Equal("4", await slider.InputValueAsync());
        Assert.Equal(
            0, await watched.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        await ReportTests.ScreenshotAsync(watched.Page, $"steering-{width}");
        Assert.Empty(watched.Complaints);
    }
}
