using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fovea.Explorer.Server;
using Fovea.Interpretation;
using Xunit;

namespace Fovea.Explorer.Tests.Server;

/// <summary>Every page there is, the units without pictures among them, and pages that come as stages end.</summary>
public sealed partial class ServedPageTests
{
    [Fact]
    public async Task Every_address_that_a_page_names_answers_with_a_whole_page_or_picture()
    {
        await using ServedRun served = await ServedRun.EvidencedAsync();
        AllUnits.Write(served.Run, "block3", "topk", pictured: 4);
        var seen = new HashSet<string>(StringComparer.Ordinal) { "/" };
        var left = new Queue<string>(seen);
        int pages = 0;
        while (left.TryDequeue(out string? path))
        {
            Answer answer = await served.GetAsync(path);
            if (path == "/pictures" && answer.Status == 405) continue;
            if (path.EndsWith("/card.png", StringComparison.Ordinal) && !Fonts.AreHere)
            {
                Assert.Equal(503, answer.Status);
                Assert.Contains("fonts-dejavu-core", answer.Text, StringComparison.Ordinal);
                continue;
            }
            Assert.True(answer.Status == 200, $"{path}: {answer.Status}");
            if (!answer.Header("Content-Type").StartsWith("text/html", StringComparison.Ordinal)) continue;
            // One file to be taken away: it carries its style inside.
            if (path.EndsWith("/card.html", StringComparison.Ordinal)) continue;
            Html.Check(path, answer.Text);
            pages++;
            foreach (string link in Html.Links(answer.Text).Where(link => !link.EndsWith("/cancel", StringComparison.Ordinal)))
                if (seen.Add(link)) left.Enqueue(link);
        }
        // The run, the layer, a dictionary and one more that has units only, their galleries, each unit, an image, the orders.
        Assert.True(pages > RunFolderFixture.Neurons + RunFolderFixture.Latents + 10, $"{pages} pages");
        for (int unit = 0; unit < RunFolderFixture.Neurons; unit++) Assert.Contains($"/l/block3/f/{unit}", seen);
        for (int unit = 0; unit < RunFolderFixture.Latents; unit++) Assert.Contains($"/l/block3/s/topk/f/{unit}", seen);
        Assert.Empty(served.Log);
    }

    [Fact]
    public async Task A_unit_without_a_picture_has_all_that_was_measured_of_it_and_an_offer()
    {
        await using ServedRun served = await ServedRun.EvidencedAsync(options => options with { Program = ["/bin/true"] });
        AllUnits.Write(served.Run, "block3", "topk", pictured: 4);

        string html = await served.PageAsync("/l/block3/s/topk/f/101");
        Html.Check("a unit without pictures", html);
        string text = Text(html);

        Assert.Contains("Latent 101", text);
        Assert.Contains("How strongly it fires.", text);
        Assert.Contains("Where it fires.", text);
        Assert.Contains("The classes that drive it.", text);
        Assert.Contains("Near misses", text);
        Assert.Contains("val/101-0", text);
        Assert.Contains("Make a picture", text);
        Assert.DoesNotContain("By optimisation How", text);
        Assert.Equal(404, (await served.GetAsync($"/l/block3/s/topk/f/{RunFolderFixture.Latents}")).Status);
    }

    [Fact]
    public async Task Names_of_a_hostile_run_stay_words()
    {
        RunFolderFixture run = RunFolderFixture.Evidenced();
        const string Bad = "\"><img src=x onerror=alert(1)>&amp;'";
        // The worst that can name a folder of a run: what cannot is no dictionary (SafeName).
        const string Name = "&amp;' onerror=alert(1)";
        foreach (string folder in (string[])["dictionaries/block3", "features/block3"]) Copy(run.PathOf($"{folder}/topk"), run.PathOf($"{folder}/{Name}"));
        ModelDocument model = DocumentFile.Read<ModelDocument>(run.PathOf(RunLayout.Model));
        DocumentFile.Write(run.PathOf(RunLayout.Model), model with { Classes = [.. model.Classes.Select(one => one with { Name = Bad + one.Name })] });
        string table = run.PathOf($"features/block3/{Name}/{FeatureTables.ExamplesName}");
        TableFile.Write(table, [.. TableFile.Read<ExampleRow>(table).Select(row => row with { Image = Bad, Crop = null, CropLeft = null,
            CropTop = null, CropWidth = null, CropHeight = null, Heat = null, HeatLeft = null, HeatTop = null, HeatWidth = null, HeatHeight = null })]);
        await using ServedRun served = await ServedRun.StartAsync(run);

        foreach (string path in (string[])["/", "/l/block3", $"/l/block3/s/{Uri.EscapeDataString(Name)}",
            $"/l/block3/s/{Uri.EscapeDataString(Name)}/g?words=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", $"/l/block3/s/{Uri.EscapeDataString(Name)}/f/48",
            "/nowhere/%3Cscript%3Ealert(1)%3C/script%3E"])
        {
            Answer answer = await served.GetAsync(path);
            Html.Check(path, answer.Text);
            Assert.DoesNotContain("<img src=x", answer.Text);
            Assert.DoesNotContain("<script>", answer.Text);
        }
        Assert.Contains("onerror", (await served.GetAsync("/l/block3")).Text);
        Answer json = await served.GetAsync($"/api/l/block3/s/{Uri.EscapeDataString(Name)}/f/48");
        Assert.Equal((200, "application/json; charset=utf-8"), (json.Status, json.Header("Content-Type")));
        Assert.Equal(Name, JsonDocument.Parse(json.Body).RootElement.GetProperty("source").GetString());
    }

    [Fact]
    public async Task A_dictionary_s_pages_appear_when_its_stage_ends()
    {
        var run = RunFolderFixture.Small();
        await using ServedRun served = await ServedRun.StartAsync(run);
        Assert.Equal(404, (await served.GetAsync("/l/block3/s/l1")).Status);

        run.WriteDictionary("block3", "l1");
        run.WriteFeatures("block3", "l1", RunFolderFixture.Latents);
        StageRecord.Create("dictionary block3/l1", new MadeUp(3)).Write(run.PathOf("dictionaries/block3/l1"));
        await Task.Delay(400, TestContext.Current.CancellationToken);

        Assert.Contains("L1 on", Text(await served.PageAsync("/l/block3/s/l1")));
        Assert.Equal(200, (await served.GetAsync("/l/block3/s/l1/f/7")).Status);
        // Between its ends a run that changes is not read anew.
        string version = JsonDocument.Parse((await served.GetAsync("/api")).Body).RootElement.GetProperty("version").GetString()!;
        run.WriteText("model/errors.json", "{");
        await Task.Delay(400, TestContext.Current.CancellationToken);
        Assert.Equal(version, JsonDocument.Parse((await served.GetAsync("/api")).Body).RootElement.GetProperty("version").GetString());
    }

    [Fact]
    public async Task Two_explorers_of_one_run_stand_side_by_side_and_a_port_that_is_taken_is_refused()
    {
        var run = RunFolderFixture.Small();
        await using ServedRun first = await ServedRun.StartAsync(run);
        await using ExplorerServer second = await ExplorerServer.StartAsync(
            new ExplorerOptions { Run = run.Folder }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.NotEqual(first.Server.Address, second.Address);
        Assert.Matches(@"^http://127\.0\.0\.1:\d+/\?token=[0-9a-f]{40}$", second.Url);
        FoveaException taken = await Assert.ThrowsAsync<FoveaException>(() => ExplorerServer.StartAsync(
            new ExplorerOptions { Run = run.Folder, Port = first.Port }, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(FailureKind.Resource, taken.Kind);
        Assert.Contains($"Port {first.Port} is taken", taken.Message);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(65536, null)]
    [InlineData(null, "short")]
    [InlineData(null, "0123456789abcdef;path=/")]
    public async Task What_cannot_be_served_is_refused(int? port, string? token)
    {
        using var run = RunFolderFixture.Small();
        FoveaException refused = await Assert.ThrowsAsync<FoveaException>(() => ExplorerServer.StartAsync(
            new ExplorerOptions { Run = run.Folder, Port = port, Token = token }, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(FailureKind.Configuration, refused.Kind);
    }

    [Fact]
    public async Task What_pages_show_is_there_as_JSON_at_the_same_address()
    {
        await using ServedRun served = await ServedRun.EvidencedAsync();

        JsonElement run = await JsonAsync(served, "/api"), layer = await JsonAsync(served, "/api/l/block3"),
            dictionary = await JsonAsync(served, "/api/l/block3/s/topk"), unit = await JsonAsync(served, "/api/l/block3/s/topk/f/48");

        Assert.Equal("demo", run.GetProperty("title").GetString());
        Assert.Equal("/api/l/block3", run.GetProperty("layers")[0].GetProperty("address").GetString());
        Assert.Equal(RunFolderFixture.Neurons, layer.GetProperty("neurons").GetProperty("count").GetInt32());
        Assert.Equal(RunFolderFixture.Latents, dictionary.GetProperty("configuration").GetProperty("d_sae").GetInt32());
        Assert.Equal(12 - 1, unit.GetProperty("numbers").GetProperty("max").GetDouble());
        Assert.Equal(1.5, unit.GetProperty("evidence").GetProperty("classMeans")[0].GetDouble());
        Assert.Equal(22, unit.GetProperty("examples").GetArrayLength());
        Assert.Equal(RunFolderFixture.Presets, unit.GetProperty("pictures").EnumerateArray().Select(one => one.GetProperty("preset").GetString()!));
        Assert.Equal(200, (await served.GetAsync(unit.GetProperty("pictures")[0].GetProperty("place").GetProperty("address").GetString()!)).Status);
        foreach (string path in (string[])["/api/l/block3/i/0", "/api/l/block3/g", "/api/l/block3/f/3"]) await JsonAsync(served, path);
        foreach (string path in (string[])["/api/l/none", "/api/l/block3/f/99999", "/api/l/block3/s/none/g", "/api/nothing"])
            Assert.Equal(404, (await served.GetAsync(path)).Status);
    }

    private static async Task<JsonElement> JsonAsync(ServedRun served, string path)
    {
        Answer answer = await served.GetAsync(path);
        Assert.True(answer.Status == 200, $"{path}: {answer.Status} {answer.Text}");
        JsonElement root = JsonDocument.Parse(answer.Body).RootElement;
        Assert.Equal(1, root.GetProperty("schema").GetInt32());
        return root;
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private static string Text(string html) =>
        Spaces().Replace(WebUtility.HtmlDecode(Markup().Replace(html, " ")), " ").Trim();

    private sealed record MadeUp(int Number) : StageInputs(1, 0);

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Markup();

    [GeneratedRegex("[\\s\u00a0]+")]
    private static partial Regex Spaces();
}
