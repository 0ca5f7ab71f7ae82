using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fovea.Explorer.Jobs;
using Xunit;

namespace Fovea.Explorer.Tests.Server;

/// <summary>Pictures on demand, with a small program in the place of <c>fovea visualize</c> that does as it is told by files.</summary>
public sealed partial class PictureOrderTests
{
    // Waits for the file "go" in the run folder, or for the end of its input; then writes what the command would.
    private const string Program = """
        for word in "$@"; do case "$word" in --run=*) run="${word#--run=}";; --features=*) unit="${word#--features=}";; --preset=*) preset="${word#--preset=}";; --source=*) source="${word#--source=}";; esac; done
        echo "$@" >> "$run/asked.txt"; nice > "$run/nice.txt"; echo $$ > "$run/pid.txt"
        exec 3<&0; echo "visualize: 64 of 1,512 steps (4 %), 9 steps/s" >&2
        (while read -r line; do :; done; touch "$run/ended.txt"; kill $$) <&3 2>/dev/null &
        until [ -e "$run/go" ]; do sleep 0.05; done
        if [ -e "$run/fail" ]; then kill $! 2>/dev/null; echo "error: Nothing works in $run." >&2; exit 4; fi
        mkdir -p "$run/pictures/block3/$source"; cp "$run/cams/block3/0.png" "$run/pictures/block3/$source/$preset-$unit.png"
        kill $! 2>/dev/null; exit 0
        """;

    [Fact]
    public async Task An_order_is_made_in_the_background_at_the_lowest_priority_and_its_picture_is_shown()
    {
        await using ServedRun served = await StartAsync();
        Answer ordered = await FormAsync(served, "/pictures", ("layer", "block3"), ("source", "topk"), ("unit", "48"), ("preset", "lucid"),
            ("size", "64"), ("steps", ""), ("seed", "18446744073709551615"), ("replicas", ""), ("state", "?sort=max"));
        Assert.Equal((303, "/l/block3/s/topk/f/48?sort=max#pictures"), (ordered.Status, ordered.Header("Location")));

        JsonElement job = await WaitAsync(served, job => job.GetProperty("state").GetString() == "running" && job.GetProperty("done").GetInt64() > 0);
        Assert.Equal((64, 1512), (job.GetProperty("done").GetInt64(), job.GetProperty("total").GetInt64()));
        string page = await served.PageAsync("/l/block3/s/topk/f/48");
        Html.Check("with an order", page);
        Assert.Contains("Step 64 of 1,512", page);
        Assert.Equal("visualize --run=" + served.Run.Folder + " --layer=block3 --source=topk --features=48 --preset=lucid --size=64 --seed=18446744073709551615",
            (await File.ReadAllTextAsync(served.Run.PathOf("asked.txt"), TestContext.Current.CancellationToken)).Trim());
        Assert.Equal("19", (await File.ReadAllTextAsync(served.Run.PathOf("nice.txt"), TestContext.Current.CancellationToken)).Trim());

        served.Run.WriteText("go", "");
        await WaitAsync(served, job => job.GetProperty("state").GetString() == "done");
        page = await served.PageAsync("/l/block3/s/topk/f/48");
        Html.Check("with a picture", page);
        string picture = Picture().Match(page).Groups[1].Value;
        Assert.Equal("/media/pictures/block3/topk/lucid-48.png", picture);
        Assert.Equal("image/png", (await served.GetAsync(picture)).Header("Content-Type"));
        Html.Check("orders", await served.PageAsync("/pictures"));
    }

    [Fact]
    public async Task Equal_orders_are_one_others_wait_behind_it_and_only_so_many()
    {
        await using ServedRun served = await StartAsync();
        JsonElement first = await OrderAsync(served, 0), again = await OrderAsync(served, 0);
        Assert.Equal(first.GetProperty("id").GetString(), again.GetProperty("id").GetString());
        await WaitAsync(served, job => job.GetProperty("state").GetString() == "running");

        for (int unit = 1; unit <= PictureQueue.Most; unit++)
            Assert.Equal(unit, (await OrderAsync(served, 48, size: 16 + unit)).GetProperty("before").GetInt32());
        Answer full = await PostAsync(served, new { layer = "block3", source = "topk", unit = 96 });
        Assert.Equal(503, full.Status);
        Assert.Contains("wait already", full.Text);
        // One that is open already is no further one.
        await OrderAsync(served, 48, size: 17);
    }

    [Fact]
    public async Task An_order_is_cancelled_while_it_waits_and_while_it_is_made()
    {
        await using ServedRun served = await StartAsync();
        string running = (await OrderAsync(served, 0)).GetProperty("id").GetString()!, waiting = (await OrderAsync(served, 48)).GetProperty("id").GetString()!;
        await WaitAsync(served, job => job.GetProperty("id").GetString() == running && job.GetProperty("done").GetInt64() > 0);

        Answer cancelled = await served.SendAsync(HttpMethod.Delete, $"/api/pictures/{waiting}");
        Assert.Equal("cancelled", Job(cancelled).GetProperty("state").GetString());
        Assert.Equal(303, (await FormAsync(served, $"/pictures/{running}/cancel")).Status);
        await WaitAsync(served, job => job.GetProperty("id").GetString() == running && job.GetProperty("state").GetString() == "cancelled");
        Assert.True(File.Exists(served.Run.PathOf("ended.txt")));
        Assert.Equal(404, (await served.SendAsync(HttpMethod.Delete, "/api/pictures/none")).Status);
        // The queue goes on.
        served.Run.WriteText("go", "");
        string next = (await OrderAsync(served, 96)).GetProperty("id").GetString()!;
        await WaitAsync(served, job => job.GetProperty("id").GetString() == next && job.GetProperty("state").GetString() == "done");
    }

    [Fact]
    public async Task An_explorer_that_ends_takes_its_program_with_it()
    {
        ServedRun served = await StartAsync();
        using RunFolderFixture run = served.Run;
        await OrderAsync(served, 0);
        await WaitAsync(served, job => job.GetProperty("done").GetInt64() > 0);
        string id = (await File.ReadAllTextAsync(run.PathOf("pid.txt"), TestContext.Current.CancellationToken)).Trim();

        await served.Server.DisposeAsync();

        Assert.True(File.Exists(run.PathOf("ended.txt")));
        Assert.False(OperatingSystem.IsLinux() && Directory.Exists($"/proc/{id}"), "it still runs");
    }

    [Fact]
    public async Task What_the_program_says_of_a_failure_is_told_without_the_run_s_place()
    {
        await using ServedRun served = await StartAsync();
        served.Run.WriteText("fail", "");
        served.Run.WriteText("go", "");
        await OrderAsync(served, 0);

        JsonElement job = await WaitAsync(served, job => job.GetProperty("state").GetString() == "failed");

        Assert.Equal("Nothing works in RUN.", job.GetProperty("message").GetString());
        Assert.Contains("Nothing works in RUN.", await served.PageAsync("/l/block3/s/topk/f/0"));
    }

    [Theory]
    [InlineData("{\"layer\":\"block3\",\"source\":\"topk\",\"unit\":100000}", "no such unit")]
    [InlineData("{\"layer\":\"--out\",\"source\":\"topk\",\"unit\":0}", "no such unit")]
    [InlineData("{\"layer\":\"block3\",\"source\":\"topk\",\"unit\":48,\"preset\":\"--out=/tmp\"}", "preset must be one of")]
    [InlineData("{\"layer\":\"block3\",\"source\":\"topk\",\"unit\":48,\"size\":100000}", "size is 100000")]
    [InlineData("{\"layer\":\"block3\",\"source\":\"topk\",\"unit\":48,\"steps\":0}", "steps is 0")]
    [InlineData("{\"layer\":\"block3\",\"source\":\"topk\",\"unit\":48,\"replicas\":99}", "replicas is 99")]
    [InlineData("{\"layer\":\"block3\",\"source\":\"topk\",\"unit\":48,\"seed\":-1}", "no order")]
    [InlineData("{\"layer\":null}", "no order")]
    [InlineData("[]", "no order")]
    [InlineData("", "no order")]
    public async Task An_order_that_cannot_be_made_is_refused(string body, string said)
    {
        await using ServedRun served = await StartAsync();
        Answer answer = await served.SendAsync(HttpMethod.Post, "/api/pictures", new StringContent(body, null, "application/json"));
        Assert.Equal(400, answer.Status);
        Assert.Contains(said, answer.Text);
        Assert.False(File.Exists(served.Run.PathOf("asked.txt")));
    }

    [Theory]
    [InlineData(true, "read-only")]
    [InlineData(false, "without the program")]
    public async Task Where_nothing_may_be_made_that_is_said(bool readOnly, string said)
    {
        await using ServedRun served = await ServedRun.EvidencedAsync(options => options with { ReadOnly = readOnly, Program = readOnly ? ["/bin/true"] : [] });
        Answer answer = await PostAsync(served, new { layer = "block3", source = "topk", unit = 48 });
        Assert.Equal(403, answer.Status);
        Assert.Contains(said, answer.Text);
        Assert.Equal(403, (await FormAsync(served, "/pictures", ("layer", "block3"), ("source", "topk"), ("unit", "48"))).Status);
        Assert.Equal(403, (await served.SendAsync(HttpMethod.Delete, "/api/pictures/0")).Status);
        string page = await served.PageAsync("/l/block3/s/topk/f/48");
        Assert.Contains(said, page);
        Assert.DoesNotContain("Make it", page);
    }

    private static async Task<ServedRun> StartAsync()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the program of these tests is a shell's");
        return await ServedRun.EvidencedAsync(options => options with { Program = ["/bin/sh", "-c", Program, "fovea"] });
    }

    private static Task<Answer> PostAsync(ServedRun served, object order) => served.SendAsync(HttpMethod.Post, "/api/pictures", JsonContent.Create(order));

    private static async Task<JsonElement> OrderAsync(ServedRun served, int unit, int? size = null)
    {
        Answer answer = await PostAsync(served, new { layer = "block3", source = "topk", unit, size });
        Assert.True(answer.Status == 202, answer.Text);
        return Job(answer);
    }

    private static JsonElement Job(Answer answer) => JsonDocument.Parse(answer.Body).RootElement.GetProperty("job");

    private static Task<Answer> FormAsync(ServedRun served, string path, params (string Name, string Value)[] fields) => served.SendAsync(
        HttpMethod.Post, path, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));

    /// <summary>Looks until an order is as it should be.</summary>
    private static async Task<JsonElement> WaitAsync(ServedRun served, Func<JsonElement, bool> ready)
    {
        string last = "";
        for (int i = 0; i < 400; i++)
        {
            last = (await served.GetAsync("/api/pictures")).Text;
            foreach (JsonElement one in JsonDocument.Parse(last).RootElement.GetProperty("pictures").EnumerateArray())
                if (ready(one.GetProperty("job"))) return one.GetProperty("job");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        Assert.Fail(last);
        return default;
    }

    [GeneratedRegex("<a href=\"(/media/pictures/[^\"]*)\"")]
    private static partial Regex Picture();
}
