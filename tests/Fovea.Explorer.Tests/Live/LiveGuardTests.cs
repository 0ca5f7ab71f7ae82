using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Fovea.Explorer.Live;
using Fovea.Imaging;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Explorer.Tests.Live;

/// <summary>Files and addresses that nobody should send.</summary>
public sealed class LiveGuardTests(LiveAnswersTests.Shared shared) : IClassFixture<LiveAnswersTests.Shared>
{
    [Fact]
    public async Task Files_that_are_no_pictures_or_too_large_are_refused_by_a_sentence_and_nothing_is_written()
    {
        await using LiveRun live = await LiveRun.StartAsync();
        string[] before = Files(live);
        byte[] png = StudiedRun.Png(0), cut = png[..(png.Length / 2)];
        // A header that claims 30,000 × 30,000 pixels.
        byte[] huge = [.. png];
        (huge[18], huge[19], huge[22], huge[23]) = (0x75, 0x30, 0x75, 0x30);
        // Real pixels, but too many of them: one colour, so that the file is small.
        byte[] large = Encoding.ASCII.GetBytes("P5 6000 5000 255\n");
        byte[] much = new byte[30_000_000 + large.Length];
        large.CopyTo(much, 0);
        (byte[] File, string Words)[] cases =
        [
            ([], "empty"), (Encoding.UTF8.GetBytes("<svg onload=alert(1)>"), "cannot be decoded"), (cut, "cannot be decoded"),
            (huge, "cannot be decoded"), (much, "too large"), (new byte[(20 << 20) + 1], "too large"), (new byte[100 << 20], "too large"),
            (Encoding.ASCII.GetBytes("P5 6000 5000 255\n"), "cut short"),
            (ImageCodec.EncodePng(new RgbImage(6000, 5000, new byte[90_000_000])), "6000 × 5000"),
        ];
        foreach (var (file, words) in cases)
        {
            var (status, text, _) = await live.SendAsync(HttpMethod.Post, "/api/images?name=x.png", new ByteArrayContent(file));
            Assert.True(status == 422, $"{words}: {status} {text}");
            string said = JsonNode.Parse(text)!["error"]!.GetValue<string>();
            Assert.Contains(words, said, StringComparison.Ordinal);
            Assert.DoesNotContain(live.Folder, said, StringComparison.Ordinal);
        }
        Assert.Empty((await live.JsonAsync("/api/x"))["images"]!.AsArray());
        // Without script a browser shows the answer: a page to go on from, not a line of text.
        using (var wrong = new MultipartFormDataContent("------boundary"))
        {
            wrong.Add(new ByteArrayContent(cut), "file", "cut.png");
            var (refused, page422, answer) = await live.SendAsync(HttpMethod.Post, "/x", wrong);
            Assert.Equal((422, "text/html"), (refused, answer.Content.Headers.ContentType!.MediaType));
            Fovea.Explorer.Tests.Server.Html.Check("/x", page422);
            Assert.Contains("cannot be decoded", page422, StringComparison.Ordinal);
            Assert.Contains("href=\"/x\"", page422, StringComparison.Ordinal);
        }
        // The next good one is taken, in a form as well.
        await live.BringAsync(png);
        using var form = new MultipartFormDataContent("------boundary");
        var part = new ByteArrayContent(StudiedRun.Png(1));
        part.Headers.ContentType = new MediaTypeHeaderValue("image/png");
        form.Add(part, "file", "../../etc/x <b>.png");
        var (posted, _, message) = await live.SendAsync(HttpMethod.Post, "/x", form);
        Assert.Equal(303, posted);
        var (shown, page, _) = await live.GetAsync(message.Headers.Location!.ToString());
        Assert.Equal(200, shown);
        Assert.DoesNotContain("<b>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("../..", page, StringComparison.Ordinal);
        Assert.Equal(before, Files(live));
    }

    [Fact]
    public async Task Names_of_classes_and_files_are_escaped_everywhere()
    {
        await using LiveRun live = await LiveRun.StartAsync();
        string id = await live.BringAsync(StudiedRun.Png(2), "</script><script>alert(1)</script>.png");
        foreach (string path in new[] { "/x", $"/x/{id}", $"/x/{id}?steer=1:0", "/x/run-2" })
        {
            var (status, page, message) = await live.GetAsync(path);
            Assert.True(status == 200, $"{path}: {status} {page}");
            Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
            Assert.Contains("script-src 'self'", message.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("steer?layer=block3&source=topk&steer=9999:0", "9999")]
    [InlineData("steer?layer=block3&source=topk&steer=1:NaN", "NaN")]
    [InlineData("steer?layer=block3&source=topk&steer=1:1e999", "1e999")]
    [InlineData("steer?layer=block3&source=topk&steer=1", "'1'")]
    [InlineData("steer?layer=block3&source=topk&steer=1:2@x.y", "x.y")]
    [InlineData("steer?layer=block3&source=topk&steer=1:2@99.99", "(99, 99)")]
    [InlineData("steer?layer=block3&source=topk&steer=1:2max", "2max")]
    [InlineData("steer?layer=blok3&source=topk", "block3")]
    [InlineData("steer?layer=block3&source=topkk", "topk")]
    [InlineData("steer?layer=block3&source=topk&steer=nowhere/topk/1:0", "nowhere")]
    [InlineData("steer?layer=block3&source=topk&steer=block3/..%252F..%252Ftopk/1:0", "no units called")]
    [InlineData("units?layer=block3&source=topk&class=77", "77")]
    [InlineData("units?layer=block3&source=topk&most=1000000", "most")]
    [InlineData("heat?layer=block3&source=topk", "Which unit")]
    [InlineData("heat?layer=block3&source=topk&unit=40", "40")]
    [InlineData("heat.png?layer=block3&source=topk&unit=-1", "-1")]
    public async Task Addresses_that_cannot_be_answered_are_refused_by_a_sentence(string question, string words)
    {
        LiveRun live = shared.Live;
        string id = await live.BringAsync(StudiedRun.Png(0));
        var (status, text, _) = await live.GetAsync($"/api/x/{id}/{question}");
        Assert.Equal(400, status);
        Assert.Contains(words, JsonNode.Parse(text)!["error"]!.GetValue<string>(), StringComparison.Ordinal);
        // As a page too: a sentence, no stack.
        var (shown, page, _) = await live.GetAsync($"/x/{id}?{question.Split('?')[1]}");
        Assert.True(shown is 200 or 400, page);
        Fovea.Explorer.Tests.Server.Html.Check(question, page);
        Assert.DoesNotContain("   at ", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_million_changes_and_broken_lists_are_refused()
    {
        LiveRun live = shared.Live;
        string id = await live.BringAsync(StudiedRun.Png(0));
        // Far more than a body may have: the connection may be closed before all is sent.
        string million = "[" + string.Join(',', Enumerable.Repeat("{\"unit\":1,\"scale\":0}", 1_000_000)) + "]";
        try
        {
            Assert.Equal(413, (await live.SendAsync(HttpMethod.Post, $"/api/x/{id}/steer", LiveRun.Json(million))).Status);
        }
        catch (HttpRequestException)
        {
        }
        foreach (string body in new[]
        {
            "[", "{}", "null", "[{\"unit\":1}]",
            "[{\"unit\":1,\"scale\":0,\"set\":1}]", "[{\"unit\":1,\"scale\":\"x\"}]", "[{\"unit\":1,\"set\":1,\"of\":\"moon\"}]",
            "[{\"unit\":1,\"scale\":0,\"positions\":[[1]]}]", "[{\"unit\":-1,\"scale\":0}]", "[null]",
            "[" + string.Join(',', Enumerable.Repeat("{\"unit\":1,\"scale\":0}", 300)) + "]",
        })
        {
            var (status, text, _) = await live.SendAsync(
                HttpMethod.Post, $"/api/x/{id}/steer?layer=block3&source=topk", LiveRun.Json(body));
            Assert.True(status is 400 or 413, $"{body[..Math.Min(60, body.Length)]}: {status} {text}");
        }
        Assert.Equal(200, (await live.GetAsync($"/api/x/{id}/steer?layer=block3&source=topk&steer=1:0")).Status);
    }

    [Fact]
    public async Task Only_the_last_images_are_kept_and_memory_does_not_grow()
    {
        var own = new OwnImages(new LiveLimits { Images = 3, Pixels = 100_000, FileBytes = 1 << 20 });
        for (int i = 0; i < 5; i++) await own.AddAsync(StudiedRun.Png(i), $"{i}.png", StudiedRun.Input, TestContext.Current.CancellationToken);
        Assert.Equal(["4.png", "3.png", "2.png"], own.All.Select(image => image.Name));
        await own.AddAsync(StudiedRun.Png(2), "again.png", StudiedRun.Input, TestContext.Current.CancellationToken);
        await own.AddAsync(StudiedRun.Png(7), "7.png", StudiedRun.Input, TestContext.Current.CancellationToken);
        Assert.Equal(["7.png", "2.png", "4.png"], own.All.Select(image => image.Name));
        Assert.Contains("20 × 6000", (await Assert.ThrowsAsync<FoveaException>(
            () => own.AddAsync(StudiedRun.Png(0, 20, 6000), "tall.png", StudiedRun.Input, TestContext.Current.CancellationToken))).Message,
            StringComparison.Ordinal);
    }

    private static string[] Files(LiveRun live) =>
        [.. Directory.EnumerateFiles(live.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
