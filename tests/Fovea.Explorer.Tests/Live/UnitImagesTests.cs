using System.Text.RegularExpressions;
using Fovea.Explorer.Tests.Server;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Explorer.Tests.Live;

/// <summary>A unit of which the run kept no pictures: its page and its card show the run's images themselves.</summary>
public sealed partial class UnitImagesTests
{
    private const string Page = "/l/block3/s/topk/f/7";

    private static readonly int[] Strongest = [11, 4, 19];

    [Fact]
    public async Task Its_examples_are_the_run_s_images_with_the_position_marked_and_a_way_to_their_heat()
    {
        await using LiveRun live = await LiveRun.StartAsync(Run());
        string html = await ShownAsync(live);

        Html.Check(Page, html);
        Assert.Equal(
            Strongest.Select(image => $"/api/x/run-{image}/picture"), Picture().Matches(html).Select(match => match.Groups[1].Value));
        foreach (int image in Strongest)
        {
            Assert.Contains($"href=\"/x/run-{image}?layer=block3&amp;source=topk&amp;unit=7\"", html, StringComparison.Ordinal);
            byte[] file = await (await live.GetAsync($"/api/x/run-{image}/picture")).Message.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
            RgbImage shown = ImageCodec.Decode(file, "shown"), expected = StudiedRun.Input.ApplyToPixels(StudiedRun.Picture(image));
            Assert.Equal((expected.Width, expected.Height), (shown.Width, shown.Height));
            Assert.Equal(expected.Pixels, shown.Pixels);
        }
        Assert.Contains("<rect x=\"2\" y=\"1\"", html, StringComparison.Ordinal);
        // Pages of units bring nothing to the images of this sitting, whose number is bounded.
        Assert.Empty((await live.JsonAsync("/api/x"))["images"]!.AsArray());
        Assert.Equal(404, (await live.GetAsync("/api/x/run-20/picture")).Status);
    }

    [Fact]
    public async Task Lists_of_units_show_the_image_that_drives_each_most()
    {
        await using LiveRun live = await LiveRun.StartAsync(Run());
        await ShownAsync(live);
        string gallery = (await live.GetAsync("/l/block3/s/topk/g")).Text;
        Html.Check("/g", gallery);
        Assert.Contains($"src=\"{Page}/strongest.png\"", gallery, StringComparison.Ordinal);
        Assert.Contains("the image that drives each most", gallery, StringComparison.Ordinal);

        var (status, _, message) = await live.GetAsync(Page + "/strongest.png");
        Assert.Equal(200, status);
        RgbImage shown = ImageCodec.Decode(await message.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), "strongest");
        Assert.Equal(StudiedRun.Input.ApplyToPixels(StudiedRun.Picture(Strongest[0])).Pixels, shown.Pixels);
        Assert.NotNull(message.Headers.ETag);
        foreach (string nowhere in (string[])["/l/block3/s/topk/f/8/strongest.png", "/l/block3/s/topk/f/99999/strongest.png", "/l/none/f/1/strongest.png"])
            Assert.Equal(404, (await live.GetAsync(nowhere)).Status);
        Assert.Empty((await live.JsonAsync("/api/x"))["images"]!.AsArray());
    }

    [Fact]
    public async Task Its_card_holds_them()
    {
        Fonts.Require();
        await using LiveRun live = await LiveRun.StartAsync(Run());
        await ShownAsync(live);
        RgbImage card = await CardAsync(live);
        RgbImage first = StudiedRun.Input.ApplyToPixels(StudiedRun.Picture(Strongest[0]));

        // In the place of the unit's own picture, and in the first window beside it: a pixel amid others of its colour.
        (int column, int row) = Enumerable.Range(8, 16).SelectMany(y => Enumerable.Range(8, 16).Select(x => (x, y))).First(one => IsPlain(first, one));
        int seen = (row * first.Width + column) * 3;
        foreach ((int left, int top, int side) in ((int, int, int)[])[(40, 128, 380), (40 + 380 + 24, 128, 122)])
        {
            int x = left + (int)((column + 0.5) * side / first.Width), y = top + (int)((row + 0.5) * side / first.Height);
            for (int i = 0; i < 3; i++) Assert.InRange(card.Pixels[(y * card.Width + x) * 3 + i] - first.Pixels[seen + i], -3, 3);
        }
    }

    [Fact]
    public async Task Where_the_images_cannot_be_reached_it_says_which_they_are()
    {
        await using LiveRun live = await LiveRun.StartAsync(
            Run(), options => options with { Images = () => throw FoveaException.BadData("The images are on another machine.") });
        for (int i = 0; i < 3; i++)
        {
            string html = (await live.GetAsync(Page)).Text;
            Html.Check(Page, html);
            Assert.Contains("val/00011", html, StringComparison.Ordinal);
            Assert.DoesNotContain("/picture\"", html, StringComparison.Ordinal);
        }
        if (!Fonts.AreHere) return;
        RgbImage card = await CardAsync(live);
        Assert.True(card.Width > card.Height);
    }

    private static StudiedRun Run()
    {
        var run = new StudiedRun();
        TableFile.Write(Path.Combine(run.Folder, "features", "block3", "topk", FeatureTables.ExamplesName), [.. Strongest.Select((image, i) => new ExampleRow
        {
            Unit = 7,
            Kind = ExampleKinds.Top,
            Rank = i,
            Image = $"val/{image:00000}",
            ImageIndex = image,
            Label = image % 5,
            Value = 9 - i,
            Y = 1,
            X = 2,
        })]);
        return run;
    }

    private static bool IsPlain(RgbImage image, (int X, int Y) at) => Enumerable.Range(-2, 5).All(dy => Enumerable.Range(-2, 5).All(dx =>
        image.Pixels.AsSpan(((at.Y + dy) * image.Width + at.X + dx) * 3, 3).SequenceEqual(image.Pixels.AsSpan((at.Y * image.Width + at.X) * 3, 3))));

    /// <summary>The page once the images are open: nobody waits for that.</summary>
    private static async Task<string> ShownAsync(LiveRun live)
    {
        string html = "";
        for (int i = 0; i < 100; i++)
        {
            html = (await live.GetAsync(Page)).Text;
            if (html.Contains("/picture\"", StringComparison.Ordinal)) break;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        return html;
    }

    private static async Task<RgbImage> CardAsync(LiveRun live)
    {
        var (status, _, message) = await live.GetAsync(Page + "/card.png");
        Assert.Equal(200, status);
        return ImageCodec.Decode(await message.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), "card");
    }

    [GeneratedRegex("<img src=\"(/api/x/run-[0-9]+/picture)\"")]
    private static partial Regex Picture();
}
