using System.Text.Json.Nodes;
using Fovea.Explorer.Tests.Server;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Explorer.Tests.Live;

/// <summary>The picture of a class in the changed network, ordered from the page of an image; a small program draws it.</summary>
public sealed class ChangePictureTests
{
    private const string State = "?layer=block4&source=topk&class=2&steer=3:0";

    // Puts a picture where the command would: its name holds a hash of the changes, which the test knows.
    private const string Program = """
        changed=""; for word in "$@"; do case "$word" in --run=*) run="${word#--run=}";; --changes=*) changed="-changed-$(cat "${run}/hash.txt")";; esac; done
        echo "$@" >> "$run/asked.txt"; mkdir -p "$run/pictures/fc/logits"; cp "$run/picture.png" "$run/pictures/fc/logits/paper$changed-logit-2.png"
        """;

    [Fact]
    public async Task Both_pictures_are_ordered_from_the_page_and_shown_side_by_side()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the program of these tests is a shell's");
        await using LiveRun live = await LiveRun.StartAsync(options => options with { Program = ["/bin/sh", "-c", Program, "fovea"] });
        await File.WriteAllBytesAsync(Path.Combine(live.Folder, "picture.png"), StudiedRun.Png(0), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(live.Folder, "hash.txt"), Fovea.Explorer.Live.SteeredNetwork.NameOf("block4/topk/3:0", "kept"), TestContext.Current.CancellationToken);
        string page = (await live.GetAsync("/x/run-3" + State)).Text;
        Html.Check("before", page);
        Assert.Contains("with the changes and without", page, StringComparison.Ordinal);
        Assert.DoesNotContain("with the changes and without", (await live.GetAsync("/x/run-3")).Text, StringComparison.Ordinal);

        var (status, _, message) = await live.SendAsync(HttpMethod.Post, "/pictures/change", new FormUrlEncodedContent([
            new("class", "2"), new("changes", "block4/topk/3:0"), new("error", "kept"), new("image", "run-3"), new("state", State)]));
        Assert.Equal((303, "/x/run-3?layer=block4&source=topk&class=2&steer=3%3A0#change-picture"), (status, message.Headers.Location!.ToString()));
        for (int i = 0; i < 200; i++)
        {
            JsonNode all = await live.JsonAsync("/api/pictures");
            if (all["pictures"]!.AsArray().All(one => (string)one!["job"]!["state"]! == "done")) break;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        Assert.Equal(
            [$"visualize --run={live.Folder} --logits=2 --preset=paper", $"visualize --run={live.Folder} --logits=2 --preset=paper --changes=block4/topk/3:0 --error=kept"],
            await File.ReadAllLinesAsync(Path.Combine(live.Folder, "asked.txt"), TestContext.Current.CancellationToken));

        page = (await live.GetAsync("/x/run-3" + State)).Text;
        Html.Check("after", page);
        string changed = $"/media/pictures/fc/logits/paper-changed-{Fovea.Explorer.Live.SteeredNetwork.NameOf("block4/topk/3:0", "kept")}-logit-2.png";
        Assert.Contains("src=\"/media/pictures/fc/logits/paper-logit-2.png\"", page, StringComparison.Ordinal);
        Assert.Contains($"src=\"{changed}\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
        Assert.Equal(200, (await live.GetAsync(changed)).Status);
        Html.Check("orders", (await live.GetAsync("/pictures")).Text);
        // Other changes have another picture, and none yet.
        Assert.DoesNotContain(changed, (await live.GetAsync("/x/run-3?layer=block4&source=topk&class=2&steer=3:2")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"class\": 5}", "no such class")]
    [InlineData("{\"class\": -1}", "no such class")]
    [InlineData("{\"class\": 2, \"changes\": \"x\"}", "cannot be read")]
    [InlineData("{\"class\": 2, \"changes\": \"block4/topk/3:0\", \"error\": \"--out=/tmp\"}", "kept or dropped")]
    public async Task What_cannot_be_drawn_is_refused(string body, string said)
    {
        await using LiveRun live = await LiveRun.StartAsync(options => options with { Program = ["/bin/true"] });
        var (status, text, _) = await live.SendAsync(HttpMethod.Post, "/api/pictures", LiveRun.Json(body));
        Assert.Equal(400, status);
        Assert.Contains(said, text, StringComparison.Ordinal);
    }
}
