using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Fovea.Explorer.Tests.Server;
using Xunit;

namespace Fovea.Explorer.Tests.Live;

/// <summary>The accuracy under changes, measured in the background; a small program stands in the place of <c>fovea steer</c>.</summary>
public sealed class AccuracyTests
{
    private const string State = "?layer=block4&source=topk&steer=3:0";

    private const string Effect = """
        {"images": 60, "lost": 9, "won": 3, "top1Before": 0.7, "top1After": 0.6, "top5Before": 1, "top5After": 1, "top1Change": {"mean": -0.1, "lower": -0.2, "upper": -0.02}, "lossChange": {"mean": 0.25, "lower": 0.1, "upper": 0.4}, "logitChange": {"mean": -1.5, "lower": -2, "upper": -1}, "kl": 0.3, "classes": [{"class": 2, "name": "<img src=x onerror=alert(1)>", "images": 12, "lost": 9, "won": 0, "top1Before": 0.75, "top1After": 0, "top1Change": {"mean": -0.75, "lower": -1, "upper": -0.5}}]}
        """;

    // Says what it was asked and how nice it is, waits for the file "go" or the end of its input, and prints what the command would.
    private const string Program = """
        for word in "$@"; do case "$word" in --run=*) run="${word#--run=}";; esac; done
        echo "$@" >> "$run/asked.txt"; nice > "$run/nice.txt"
        exec 3<&0; echo "steer: 24 of 60 images (40 %), 9 images/s" >&2
        (while read -r line; do :; done; touch "$run/ended.txt"; kill $$) <&3 2>/dev/null &
        until [ -e "$run/go" ]; do sleep 0.05; done
        kill $! 2>/dev/null; if [ -e "$run/fail" ]; then echo "error: The images of $run are not there." >&2; exit 3; fi
        cat "$run/effect.json"; exit 0
        """;

    [Fact]
    public async Task What_changes_do_to_all_images_is_ordered_on_the_page_and_shown_there()
    {
        await using LiveRun live = await StartAsync();
        string page = (await live.GetAsync("/x/run-3" + State)).Text;
        Html.Check("before", page);
        Assert.Contains("Measure these changes on all validation images", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Measure these changes", (await live.GetAsync("/x/run-3")).Text, StringComparison.Ordinal);

        var (status, _, message) = await OrderAsync(live);
        Assert.Equal((303, "/x/run-3?layer=block4&source=topk&steer=3%3A0#accuracy"), (status, message.Headers.Location!.ToString()));
        JsonNode job = (await WaitAsync(live, one => (string)one["state"]! == "running" && (long)one["done"]! > 0))["job"]!;
        Assert.Equal((24, 60), ((long)job["done"]!, (long)job["total"]!));
        page = (await live.GetAsync("/x/run-3" + State)).Text;
        Html.Check("while", page);
        Assert.Contains("Image 24 of 60", page, StringComparison.Ordinal);
        Assert.Equal(
            $"steer --run={live.Folder} --layer=block4 --source=topk --changes=3:0 --error=kept --json",
            (await File.ReadAllTextAsync(Path.Combine(live.Folder, "asked.txt"), TestContext.Current.CancellationToken)).Trim());
        Assert.Equal("19", (await File.ReadAllTextAsync(Path.Combine(live.Folder, "nice.txt"), TestContext.Current.CancellationToken)).Trim());

        await File.WriteAllTextAsync(Path.Combine(live.Folder, "go"), "", TestContext.Current.CancellationToken);
        JsonNode done = await WaitAsync(live, one => (string)one["state"]! == "done");
        Assert.Equal((9, -0.1), ((int)done["effect"]!["lost"]!, (double)done["effect"]!["top1Change"]!["mean"]!));
        page = (await live.GetAsync("/x/run-3" + State)).Text;
        Html.Check("after", page);
        Assert.Contains("−10.0 (−20.0 to −2.0)", page, StringComparison.Ordinal);
        Assert.Contains("−75.0 (−100.0 to −50.0)", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
        // Other changes are another order; what was measured of another dictionary is not this one's.
        Assert.DoesNotContain("−10.0 (", (await live.GetAsync("/x/run-3?layer=block4&source=topk&steer=3:2")).Text, StringComparison.Ordinal);
        live.Run.WriteDictionary("block4", "topk", seed: 9);
        Assert.DoesNotContain("−10.0 (", (await live.GetAsync("/x/run-3" + State)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_order_ends_when_it_is_cancelled_and_a_failure_is_told_without_the_runs_place()
    {
        await using LiveRun live = await StartAsync();
        await OrderAsync(live);
        string id = (string)(await WaitAsync(live, one => (long)one["done"]! > 0))["job"]!["id"]!;
        var (status, text, _) = await live.SendAsync(HttpMethod.Delete, "/api/accuracy/" + id);
        Assert.Equal(200, status);
        await WaitAsync(live, one => (string)one["state"]! == "cancelled");
        Assert.True(File.Exists(Path.Combine(live.Folder, "ended.txt")), text);

        await File.WriteAllTextAsync(Path.Combine(live.Folder, "fail"), "", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(live.Folder, "go"), "", TestContext.Current.CancellationToken);
        await OrderAsync(live);
        JsonNode job = (await WaitAsync(live, one => (string)one["state"]! == "failed"))["job"]!;
        Assert.Equal("The images of RUN are not there.", (string)job["message"]!);
        Assert.Contains("The images of RUN are not there.", (await live.GetAsync("/x/run-3" + State)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"layer\":\"block4\",\"source\":\"topk\",\"steer\":\"3\"}", "cannot be read")]
    [InlineData("{\"layer\":\"block4\",\"source\":\"topk\",\"steer\":\"\"}", "Nothing is changed")]
    [InlineData("{\"layer\":\"--out=/tmp\",\"source\":\"topk\",\"steer\":\"3:0\"}", "no such layer")]
    [InlineData("{\"layer\":\"block4\",\"source\":\"none\",\"steer\":\"3:0\"}", "no such layer")]
    [InlineData("{\"layer\":\"block4\",\"source\":\"topk\",\"steer\":\"a/b/3:0\"}", "no such layer")]
    [InlineData("{\"layer\":\"block4\",\"source\":\"topk\",\"steer\":\"3:0\",\"error\":\"--json\"}", "kept or dropped")]
    [InlineData("{\"layer\":\"block4\",\"source\":\"topk\",\"steer\":\"3:0\",\"images\":0}", "at least 1")]
    [InlineData("{\"layer\":null}", "no order")]
    [InlineData("[]", "no order")]
    [InlineData("", "no order")]
    public async Task What_cannot_be_measured_is_refused(string body, string said)
    {
        await using LiveRun live = await StartAsync();
        var (status, text, _) = await live.SendAsync(HttpMethod.Post, "/api/accuracy", LiveRun.Json(body));
        Assert.Equal(400, status);
        Assert.Contains(said, text, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(live.Folder, "asked.txt")));
    }

    [Fact]
    public async Task Where_no_work_may_be_started_that_is_said()
    {
        await using LiveRun live = await LiveRun.StartAsync(options => options with { ReadOnly = true, Program = ["/bin/true"] });
        Assert.Equal(403, (await OrderAsync(live)).Status);
        Assert.Equal(403, (await live.SendAsync(HttpMethod.Post, "/api/accuracy", JsonContent.Create(new { steer = "3:0" }))).Status);
        string page = (await live.GetAsync("/x/run-3" + State)).Text;
        Assert.Contains("read-only", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Measure these changes", page, StringComparison.Ordinal);
        Assert.Equal(404, (await live.GetAsync("/api/accuracy/none")).Status);
    }

    private static async Task<LiveRun> StartAsync()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the program of these tests is a shell's");
        LiveRun live = await LiveRun.StartAsync(options => options with { Program = ["/bin/sh", "-c", Program, "fovea"] });
        await File.WriteAllTextAsync(
            Path.Combine(live.Folder, "effect.json"), $"{{\"schema\": 1, \"run\": \"x\", \"effect\": {Effect}}}", TestContext.Current.CancellationToken);
        return live;
    }

    private static Task<(int Status, string Text, HttpResponseMessage Message)> OrderAsync(LiveRun live) => live.SendAsync(
        HttpMethod.Post, "/accuracy", new FormUrlEncodedContent([
            new("layer", "block4"), new("source", "topk"), new("steer", "3:0"), new("error", "kept"), new("image", "run-3"), new("state", State)]));

    private static async Task<JsonNode> WaitAsync(LiveRun live, Func<JsonNode, bool> ready)
    {
        string last = "";
        for (int i = 0; i < 400; i++)
        {
            JsonNode all = await live.JsonAsync("/api/accuracy");
            last = all.ToJsonString();
            foreach (JsonNode? one in all["accuracies"]!.AsArray())
                if (ready(one!["job"]!)) return one;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        Assert.Fail(last);
        return default!;
    }
}
