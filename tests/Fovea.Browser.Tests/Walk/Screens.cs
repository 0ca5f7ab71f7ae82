using Fovea.Imaging;
using Fovea.Tests.Shared;
using Microsoft.Playwright;

namespace Fovea.Browser.Tests.Walk;

/// <summary>The screens of the documents, made anew where <c>FOVEA_UPDATE_SCREENS</c> is 1.</summary>
internal static class Screens
{
    public const int Width = 1280, Height = 800, MostBytes = 120 << 10;

    public static bool Wanted => Environment.GetEnvironmentVariable("FOVEA_UPDATE_SCREENS") == "1";

    /// <summary>Where they are kept.</summary>
    public static string Folder { get; } = Path.Combine(Checkout.Root, "docs", "images", "explorer");

    /// <summary>Keeps what the window shows.</summary>
    /// <param name="page">The page.</param>
    /// <param name="name">Of the file, without its ending.</param>
    /// <param name="from">What stands at the window's top; null: the page's own top.</param>
    public static async Task KeepAsync(IPage page, string name, string? from = null)
    {
        if (!Wanted) return;
        await ShowAsync(page, from);
        await WriteAsync(name, ImageCodec.Decode(await page.ScreenshotAsync(), name));
    }

    /// <summary>Keeps a picture that a page gives away.</summary>
    public static async Task WriteAsync(string name, RgbImage picture)
    {
        if (!Wanted) return;
        Directory.CreateDirectory(Folder);
        await File.WriteAllBytesAsync(Path.Combine(Folder, name + ".png"), PalettePng.Encode(picture, MostBytes));
    }

    private static async Task ShowAsync(IPage page, string? from)
    {
        await ReportTests.LoadPicturesAsync(page);
        await page.EvaluateAsync("""
            from => {
              const bar = document.querySelector('.bar').getBoundingClientRect().height;
              const top = from ? document.querySelector(from).getBoundingClientRect().top + scrollY - bar - 16 : 0;
              scrollTo({ top, behavior: 'instant' });
            }
            """, from);
        // A frame with what came into view.
        await page.EvaluateAsync("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
        await ReportTests.LoadPicturesAsync(page);
    }
}
