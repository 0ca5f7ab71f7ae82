using Fovea.Explorer;
using Fovea.Explorer.Tests;
using Fovea.Imaging;
using Microsoft.Playwright;
using Xunit;

namespace Fovea.Browser.Tests;

/// <summary>Pictures are windows onto sheets: at no size of the window may a neighbour look in.</summary>
[Collection(BrowserTests.Name)]
public sealed class SheetDisplayTests(Browser browser)
{
    private static readonly string Units = RunLayout.Units("block3", "topk");

    [Theory]
    [InlineData(500, 1f)]
    [InlineData(500, 2f)]
    [InlineData(1200, 1f)]
    [InlineData(1200, 1.25f)]
    [InlineData(390, 1.5f)]
    public async Task No_picture_shows_a_pixel_of_its_neighbours(int width, float scale)
    {
        var (windows, wrong) = await WrongPixelsAsync(width, scale, bare: false);
        Assert.True(windows >= 12, $"{windows} windows");
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Without_the_repeated_edge_something_else_would_show()
    {
        var (_, wrong) = await WrongPixelsAsync(1200, 1.25f, bare: true);
        Assert.NotEmpty(wrong);
        TestContext.Current.SendDiagnosticMessage($"{wrong.Count} pixels, the first {wrong[0]}");
    }

    /// <summary>Shows pictures of one colour, in a sheet like a chessboard, and looks for pixels of another.</summary>
    /// <param name="width">Of the page.</param>
    /// <param name="scale">Screen pixels a pixel.</param>
    /// <param name="bare">Whether what lies round the pictures is black in place of their edge.</param>
    private async Task<(int Windows, List<string> Wrong)> WrongPixelsAsync(int width, float scale, bool bare)
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();
        StoredPicture[] places =
            [.. new SheetLayout("pictures", Enumerable.Repeat((RunFolderFixture.FeatureSide, RunFolderFixture.FeatureSide), 16)).Pictures];
        SheetFiles.Write(
            run.PathOf(Units), "pictures",
                [.. places.Select(place => Plain((place.Left / place.Width + place.Top / place.Height) % 2 == 0))]);
        if (bare) Blacken(run.PathOf($"{Units}/pictures-0.png"), places);
        string report = Path.GetDirectoryName(await ReportBuilder.BuildAsync(run.Folder))!;
        await using WatchedPage watched = await browser.OpenAsync(width, 800, ColorScheme.Light, scale);
        int windows = 0;
        List<string> wrong = [];
        foreach (string page in (string[])["l/block3/s/topk/g/index.html", "l/block3/s/topk/index.html", "index.html"])
        {
            await watched.GoToAsync(Path.Combine(report, page));
            await watched.Page.AddStyleTagAsync(new PageAddStyleTagOptions { Content = "* { border-radius: 0 !important }" });
            Window[] shown = await watched.Page.EvaluateAsync<Window[]>("""
                async () => {
                  const pictures = [...document.querySelectorAll('.picture')].filter(one => one.firstChild.src.includes('/topk/pictures-0.png'));
                  for (const one of pictures) one.firstChild.loading = 'eager';
                  await Promise.all(pictures.map(one => one.firstChild.decode()));
                  return pictures.map(one => { const box = one.getBoundingClientRect(); return { left: box.left + scrollX, top: box.top + scrollY, width: box.width, height: box.height }; });
                }
                """);
            RgbImage screen = ImageCodec.Decode(await watched.Page.ScreenshotAsync(new PageScreenshotOptions { FullPage = true }), page);
            foreach (Window window in shown)
            {
                windows++;
                Assert.Equal(window.Width, window.Height, 0.1);
                Look(screen, window, scale, page, wrong);
            }
        }
        Assert.Empty(watched.Complaints);
        return (windows, wrong);
    }

    /// <summary>Every pixel that lies in the window has the colour of its middle.</summary>
    private static void Look(RgbImage screen, Window window, float scale, string page, List<string> wrong)
    {
        int left = (int)Math.Ceiling(window.Left * scale), right = (int)Math.Floor((window.Left + window.Width) * scale);
        int top = (int)Math.Ceiling(window.Top * scale), bottom = (int)Math.Floor((window.Top + window.Height) * scale);
        bool red = screen.Pixels[((top + bottom) / 2 * screen.Width + (left + right) / 2) * 3] > 128;
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                int at = (y * screen.Width + x) * 3;
                int own = screen.Pixels[red ? at : at + 1], other = screen.Pixels[red ? at + 1 : at], blue = screen.Pixels[at + 2];
                // At its border a window may be mixed with the white page: that raises the other two channels alike. A neighbour, or black,
                // lowers the picture's own.
                if (own >= 245 && Math.Abs(other - blue) <= 6) continue;
                wrong.Add($"{page}: ({screen.Pixels[at]}, {screen.Pixels[at + 1]}, {screen.Pixels[at + 2]}) at {x - left}, {y - top} of {right - left} × {bottom - top}");
            }
        }
    }

    private static void Blacken(string file, StoredPicture[] places)
    {
        RgbImage sheet = ImageCodec.Decode(File.ReadAllBytes(file), file);
        var kept = new byte[sheet.Pixels.Length];
        foreach (StoredPicture place in places)
        {
            for (int y = place.Top; y < place.Top + place.Height; y++)
                sheet.Pixels.AsSpan((y * sheet.Width + place.Left) * 3, place.Width * 3)
                    .CopyTo(kept.AsSpan((y * sheet.Width + place.Left) * 3));
        }
        File.WriteAllBytes(file, ImageCodec.EncodePng(new RgbImage(sheet.Width, sheet.Height, kept)));
    }

    private static RgbImage Plain(bool red) => new(RunFolderFixture.FeatureSide, RunFolderFixture.FeatureSide,
        [.. Enumerable.Range(0, RunFolderFixture.FeatureSide * RunFolderFixture.FeatureSide)
            .SelectMany(_ => new byte[] { red ? (byte)250 : (byte)0, red ? (byte)0 : (byte)250, 0 })]);

    private sealed record Window
    {
        public double Left { get; set; }

        public double Top { get; set; }

        public double Width { get; set; }

        public double Height { get; set; }
    }
}
