using Microsoft.Playwright;
using Xunit;

namespace Fovea.Browser.Tests;

[Collection(BrowserTests.Name)]
public sealed class ReportTests(Browser browser, ReportFixture report) : IClassFixture<ReportFixture>
{
    [Theory]
    [InlineData(1280, 900, ColorScheme.Light)]
    [InlineData(1280, 900, ColorScheme.Dark)]
    [InlineData(390, 844, ColorScheme.Light)]
    [InlineData(390, 844, ColorScheme.Dark)]
    public async Task Pages_open_from_files_without_errors_requests_or_sideways_scrolling(int width, int height, ColorScheme theme)
    {
        await using WatchedPage watched = await browser.OpenAsync(width, height, theme);
        foreach (string kind in ReportFixture.Kinds)
        {
            await watched.GoToAsync(report.File(kind));

            Assert.Equal(
                0, await watched.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
            Assert.Equal(1, await watched.Page.Locator("h1").CountAsync());
            await ScreenshotAsync(
                watched.Page, $"{kind.Replace("/index.html", "", StringComparison.Ordinal).Replace('/', '-')}-{width}-{theme}");
        }
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task Every_picture_of_every_kind_of_page_is_there()
    {
        await using WatchedPage watched = await browser.OpenAsync(1280, 900, ColorScheme.Light);
        foreach (string kind in ReportFixture.Kinds)
        {
            await watched.GoToAsync(report.File(kind));
            Assert.Empty(await LoadPicturesAsync(watched.Page));
        }
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task The_story_can_be_walked_by_its_links()
    {
        await using WatchedPage watched = await browser.OpenAsync(390, 844, ColorScheme.Light);
        await watched.GoToAsync(report.File("index.html"));

        await watched.Page.Locator(".tile", new PageLocatorOptions { HasText = "features.18" }).First.ClickAsync();
        Assert.EndsWith("/l/features.18/index.html", watched.Page.Url);
        await watched.Page.Locator("table a", new PageLocatorOptions { HasText = "topk" }).First.ClickAsync();
        Assert.EndsWith("/l/features.18/s/topk/index.html", watched.Page.Url);
        await watched.Page.Locator(".card-main").First.ClickAsync();
        await watched.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Next" }).ClickAsync();
        await watched.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Previous" }).ClickAsync();
        await watched.Page.Locator(".trail a").First.ClickAsync();

        Assert.EndsWith("/report/index.html", watched.Page.Url);
        Assert.Empty(watched.Complaints);
    }

    [Fact]
    public async Task Heat_is_switched_on_from_the_keyboard()
    {
        await using WatchedPage watched = await browser.OpenAsync(1280, 900, ColorScheme.Dark);
        await watched.GoToAsync(report.File("l/features.18/s/topk/f/16/index.html"));
        ILocator heat = watched.Page.Locator(".heat").First;
        Assert.Equal("0", await heat.EvaluateAsync<string>("element => getComputedStyle(element).opacity"));

        await watched.Page.GetByLabel("Show whole images").FocusAsync();
        await watched.Page.Keyboard.PressAsync("Space");

        Assert.Equal("1", await heat.EvaluateAsync<string>("element => getComputedStyle(element).opacity"));
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Text_and_plots_stand_out_from_their_ground(ColorScheme theme)
    {
        await using WatchedPage watched = await browser.OpenAsync(1280, 900, theme);
        await watched.GoToAsync(report.File("index.html"));
        // WCAG contrast of a colour, as the browser computes it, against the ground it lies on.
        const string Contrast = """
            ([selector, property]) => {
              const canvas = document.createElement('canvas').getContext('2d');
              const rgb = colour => { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3); };
              const light = colour => { const [r, g, b] = rgb(colour).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
              const element = document.querySelector(selector);
              let ground = element;
              while (getComputedStyle(ground).backgroundColor === 'rgba(0, 0, 0, 0)') ground = ground.parentElement;
              const pair = [light(getComputedStyle(element)[property]), light(getComputedStyle(ground).backgroundColor)].sort((a, b) => b - a);
              return (pair[0] + 0.05) / (pair[1] + 0.05);
            }
            """;
        foreach (string selector in new[] { "h1", ".intro", "figcaption", "th", ".setting", ".recipe-name", ".eyebrow" })
            Assert.True(await watched.Page.EvaluateAsync<double>(Contrast, new[] { selector, "color" }) >= 4.5, selector);
        Assert.True(await watched.Page.EvaluateAsync<double>(Contrast, new[] { ".plot text", "fill" }) >= 4.5, "plot labels");
        Assert.True(await watched.Page.EvaluateAsync<double>(Contrast, new[] { ".plot path[style*='stroke:var(--series']", "stroke" }) >= 3,
            "curves");
    }

    /// <summary>Loads the pictures that wait until they are scrolled to; says which are broken.</summary>
    internal static Task<string[]> LoadPicturesAsync(IPage page) => page.EvaluateAsync<string[]>("""
        async () => {
          const images = [...document.images];
          for (const image of images) image.loading = 'eager';
          await Promise.allSettled(images.map(image => image.decode()));
          return images.filter(image => image.naturalWidth === 0).map(image => image.src);
        }
        """);

    /// <summary>Whether a person wants to look at the pages.</summary>
    internal static bool KeepsScreens => Environment.GetEnvironmentVariable("FOVEA_SCREENSHOTS") is { Length: > 0 };

    /// <summary>Keeps a picture of the page where <c>FOVEA_SCREENSHOTS</c> names a folder, for a person to look at.</summary>
    internal static async Task ScreenshotAsync(IPage page, string name)
    {
        // A picture of a whole page takes longer than all that is asked of it.
        if (Environment.GetEnvironmentVariable("FOVEA_SCREENSHOTS") is not { Length: > 0 } folder) return;
        await LoadPicturesAsync(page);
        byte[] picture = await page.ScreenshotAsync(new PageScreenshotOptions { FullPage = true });
        Assert.True(picture.Length > 10_000, $"{name} looks empty");
        Directory.CreateDirectory(folder);
        await File.WriteAllBytesAsync(Path.Combine(folder, name + ".png"), picture);
    }
}
