using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Fovea.Runs.Notes;
using Xunit;

namespace Fovea.Explorer.Tests.Server;

/// <summary>Notes through the explorer: kept, shown, never lost between two tabs, never run as code.</summary>
public sealed class NotesTests : IAsyncLifetime
{
    private const string Unit = "/l/block3/s/topk/f/0", Hostile = "<script>alert(1)</script>\"'&";

    private ServedRun _run = null!;

    public async ValueTask InitializeAsync() => _run = await ServedRun.EvidencedAsync();

    public ValueTask DisposeAsync() => _run.DisposeAsync();

    [Fact]
    public async Task A_note_is_on_the_unit_its_gallery_the_list_and_in_the_report()
    {
        Answer saved = await PutAsync(Unit, $$"""{"revision": 0, "name": "wheel {{Hostile.Replace("\"", "\\\"", StringComparison.Ordinal)}}", "tags": ["round", "car"], "rating": 4, "text": "a\nb"}""");
        Assert.Equal((200, 1), (saved.Status, (int)Json(saved)["note"]!["revision"]!));
        string name = "wheel &lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;";
        foreach (string page in (string[])[Unit, "/notes"])
        {
            string html = await _run.PageAsync(page);
            Assert.Contains(name, html, StringComparison.Ordinal);
            Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        }
        Assert.Contains("1 note", await _run.PageAsync("/notes"), StringComparison.Ordinal);
        string index = await ReportBuilder.BuildAsync(_run.Run.Folder, TestContext.Current.CancellationToken);
        string report = File.ReadAllText(Path.Combine(Path.GetDirectoryName(index)!, "l", "block3", "s", "topk", "f", "0", "index.html"));
        Assert.Contains(name, report, StringComparison.Ordinal);
        Assert.DoesNotContain("note-form", report, StringComparison.Ordinal);
        Answer csv = await _run.GetAsync("/notes/notes.csv");
        Assert.Contains("block3,topk,0,\"wheel <script>", csv.Text, StringComparison.Ordinal);
        Assert.Equal("attachment; filename=\"notes.csv\"", csv.Header("Content-Disposition"));
    }

    [Fact]
    public async Task A_gallerys_words_are_looked_for_in_names_and_tags_as_they_are_now()
    {
        int[] before = await ListedAsync("");
        Assert.Empty(await ListedAsync("?words=bicycle"));
        Assert.Equal(200, (await PutAsync($"/l/block3/s/topk/f/{before[1]}", """{"revision": 0, "name": "Bicycle wheel", "tags": ["round", "vehicle"], "text": "spokes"}""")).Status);
        Assert.Equal([before[1]], await ListedAsync("?words=bicycle"));
        Assert.Equal([before[1]], await ListedAsync("?words=VEHICLE+wheel"));
        Assert.Empty(await ListedAsync("?words=vehicle+square"));
        Assert.Equal(200, (await PutAsync($"/l/block3/s/topk/f/{before[2]}", """{"revision": 0, "name": "another bicycle"}""")).Status);
        Assert.Equal([before[1], before[2]], (await ListedAsync("?words=bicycle")).Order().OrderBy(unit => Array.IndexOf(before, unit)));
        Assert.Equal(200, (await PutAsync($"/l/block3/s/topk/f/{before[1]}", """{"revision": 1, "name": "a ring"}""")).Status);
        Assert.Equal([before[2]], await ListedAsync("?words=bicycle"));
    }

    [Fact]
    public async Task Hidden_units_are_left_out_of_galleries_tables_and_the_walk_until_they_are_asked_for()
    {
        int[] before = await ListedAsync("");
        Assert.Equal(200, (await PutAsync($"/l/block3/s/topk/f/{before[1]}", """{"revision": 0, "hidden": true}""")).Status);
        int[] left = [before[0], .. before[2..]];
        Assert.Equal(left, await ListedAsync(""));
        Assert.Equal(before, await ListedAsync("?hidden=1"));
        Assert.Equal(left, (await _run.GetAsync("/l/block3/s/topk/g/units.csv")).Text.Split('\n')[1..^1].Select(line => int.Parse(line.Split(',')[2])));
        // A unit that is named is asked for.
        Assert.Equal($"{before[1]}", (await _run.GetAsync($"/l/block3/s/topk/g/units.csv?units={before[1]}")).Text.Split('\n')[1].Split(',')[2]);
        string page = await _run.PageAsync("/l/block3/s/topk/g");
        Assert.Contains("1 latent hidden by notes", page, StringComparison.Ordinal);
        Assert.Contains($"href=\"/l/block3/s/topk/f/{before[2]}", await _run.PageAsync($"/l/block3/s/topk/f/{before[0]}"), StringComparison.Ordinal);
        // Its own page is still there.
        Assert.Contains("Left out of galleries", await _run.PageAsync($"/l/block3/s/topk/f/{before[1]}"), StringComparison.Ordinal);
        string index = await ReportBuilder.BuildAsync(_run.Run.Folder, TestContext.Current.CancellationToken);
        string gallery = File.ReadAllText(Path.Combine(Path.GetDirectoryName(index)!, "l", "block3", "s", "topk", "g", "index.html"));
        Assert.Contains("notes hide 1", gallery, StringComparison.Ordinal);
        Assert.DoesNotContain($"/f/{before[1]}/index.html", gallery, StringComparison.Ordinal);
        Assert.Contains($"/f/{before[2]}/index.html", gallery, StringComparison.Ordinal);
    }

    private async Task<int[]> ListedAsync(string query) =>
        [.. Json(await _run.GetAsync("/api/l/block3/s/topk/g" + query))["units"]!.AsArray().Select(unit => (int)unit!["unit"]!)];

    [Fact]
    public async Task Of_two_tabs_the_second_is_shown_the_note_of_the_first()
    {
        Assert.Equal(200, (await PutAsync(Unit, """{"revision": 0, "name": "first tab"}""")).Status);
        Answer late = await PutAsync(Unit, """{"revision": 0, "name": "second tab"}""");
        Assert.Equal((409, "first tab", 1), (late.Status, (string)Json(late)["note"]!["name"]!, (int)Json(late)["note"]!["revision"]!));
        Assert.Contains("newer one stayed", (string)Json(late)["error"]!, StringComparison.Ordinal);
        // Without a script: both notes on a page, and one's own can be saved over it.
        Answer form = await FormAsync(Unit, ("revision", "0"), ("name", "third tab"), ("tags", "a; b"), ("rating", "3"));
        Assert.Equal(200, form.Status);
        Assert.Contains("first tab", form.Text, StringComparison.Ordinal);
        Assert.Contains("third tab", form.Text, StringComparison.Ordinal);
        Assert.Contains("name=\"revision\" value=\"1\"", form.Text, StringComparison.Ordinal);
        Answer again = await FormAsync(Unit, ("revision", "1"), ("name", "third tab"), ("tags", "a; b"), ("rating", "3"));
        Assert.Equal((303, Unit + "#note"), (again.Status, again.Header("Location")));
        JsonNode all = Json(await _run.GetAsync("/api/notes"));
        Assert.Equal(("third tab", 2), ((string)all["notes"]![0]!["name"]!, (int)all["notes"]![0]!["revision"]!));
    }

    [Fact]
    public async Task Tables_go_out_come_in_and_a_bad_one_changes_nothing()
    {
        await PutAsync(Unit, """{"revision": 0, "name": "mine"}""");
        const string Table = "layer,source,unit,name\nblock3,topk,0,theirs\nblock3,neurons,2,\"a, b\"\n";
        Answer kept = await ImportAsync(Table);
        Assert.Contains("1 note added, 0 replaced, 0 unchanged; 1 of the run", kept.Text, StringComparison.Ordinal);
        Assert.Contains("0 notes added, 1 replaced, 1 unchanged", (await ImportAsync(Table, replace: true)).Text, StringComparison.Ordinal);
        Assert.Equal(422, (await ImportAsync("layer,source,unit,name\nblock3,topk,x,y\n")).Status);
        Answer far = await ImportAsync("layer,source,unit,name\nblock3,topk,1,one\nblock3,topk,99999,two\n");
        Assert.Equal(400, far.Status);
        Assert.Contains("no unit 99999", far.Text, StringComparison.Ordinal);
        Assert.Equal(2, Json(await _run.GetAsync("/api/notes"))["notes"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_table_that_is_taken_in_is_never_a_file_beside_the_run()
    {
        // Where the server's own reading of forms puts what is longer than 64 KiB.
        ConcurrentBag<string> made = [];
        using var watcher = new FileSystemWatcher(Path.GetTempPath(), "ASPNETCORE_*") { EnableRaisingEvents = true };
        watcher.Created += (_, e) => made.Add(e.FullPath);
        string rows = string.Concat(Enumerable.Range(0, 40).Select(unit => $"block3,topk,{unit},name,\"{new string('x', 4000)}\"\n"));

        Answer answer = await ImportAsync("layer,source,unit,name,text\n" + rows);

        Assert.Contains("40 notes added", answer.Text, StringComparison.Ordinal);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.Empty(made);
    }

    [Theory]
    [InlineData("/pictures", "{}")]
    [InlineData("/accuracy", "{}")]
    [InlineData("/notes", "{}")]
    [InlineData("/notes/l/block3/s/topk/f/0", "{}")]
    [InlineData("/pictures/nothing/cancel", "")]
    public async Task What_is_no_form_where_one_is_expected_is_said_in_a_sentence(string path, string json)
    {
        await using ServedRun run = await ServedRun.EvidencedAsync(options => options with { Program = ["/bin/false"] });
        using var body = new StringContent(json, Encoding.UTF8, "application/json");
        Answer answer = await run.SendAsync(HttpMethod.Post, path, body);
        Assert.InRange(answer.Status, 400, 499);
        Html.Check(path, answer.Text);
        // A form that ends in its middle.
        using var cut = new StringContent("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nabc", Encoding.UTF8);
        cut.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x");
        Answer half = await run.SendAsync(HttpMethod.Post, path, cut);
        Assert.InRange(half.Status, 400, 499);
        Assert.Empty(run.Log);
    }

    [Theory]
    [InlineData("{", 400, "JSON object")]
    [InlineData("[]", 400, "JSON object")]
    [InlineData("null", 400, "JSON object")]
    [InlineData("""{"revision": 0, "rating": 9}""", 400, "a rating is 1 to 5")]
    [InlineData("""{"revision": 0, "name": "a\u0001b"}""", 400, "control character")]
    [InlineData("""{"revision": -1, "name": "a"}""", 400, "revision")]
    public async Task What_cannot_be_kept_is_refused(string body, int status, string because)
    {
        Answer answer = await PutAsync(Unit, body);
        Assert.Equal(status, answer.Status);
        Assert.Contains(because, (string)Json(answer)["error"]!, StringComparison.Ordinal);
        Assert.False(File.Exists(_run.Run.PathOf(RunLayout.Notes)));
    }

    [Theory]
    [InlineData("/l/block3/s/topk/f/99999", 400)]
    [InlineData("/l/block9/s/topk/f/0", 400)]
    [InlineData("/l/block3/s/..%2f..%2fetc/f/0", 404)]
    [InlineData("/l/%2e%2e/f/0", 404)]
    [InlineData("/l/block3", 404)]
    public async Task Only_units_of_the_run_have_notes(string unit, int status) =>
        Assert.Equal(status, (await PutAsync(unit, """{"revision": 0, "name": "x"}""")).Status);

    [Fact]
    public async Task A_body_beyond_measure_is_cut_off()
    {
        Answer answer = await PutAsync(Unit, $$"""{"revision": 0, "text": "{{new string('x', 300_000)}}"}""");
        Assert.Equal(413, answer.Status);
        Assert.False(File.Exists(_run.Run.PathOf(RunLayout.Notes)));
    }

    [Fact]
    public async Task A_damaged_file_is_said_and_kept()
    {
        _run.Run.WriteText(RunLayout.Notes, "{ damaged");
        Assert.Equal(422, (await PutAsync(Unit, """{"revision": 0, "name": "x"}""")).Status);
        Assert.Contains("Cannot read", await _run.PageAsync("/notes"), StringComparison.Ordinal);
        Assert.Contains("Cannot read", await _run.PageAsync(Unit), StringComparison.Ordinal);
        Assert.Equal("{ damaged", File.ReadAllText(_run.Run.PathOf(RunLayout.Notes)));
    }

    [Fact]
    public async Task Read_only_shows_notes_and_takes_none()
    {
        await PutAsync(Unit, """{"revision": 0, "name": "kept"}""");
        await using ServedRun other = await ServedRun.EvidencedAsync(options => options with { ReadOnly = true, Run = _run.Run.Folder });
        Assert.Contains("kept", await other.PageAsync(Unit), StringComparison.Ordinal);
        Assert.DoesNotContain("note-form", await other.PageAsync(Unit), StringComparison.Ordinal);
        Assert.Equal(403, (await other.SendAsync(HttpMethod.Put, "/api/notes" + Unit, new StringContent("{}"))).Status);
        Assert.Equal(403, (await other.SendAsync(HttpMethod.Post, "/notes", new StringContent(""))).Status);
        // What another explorer, or the command, writes is seen at the next look.
        await PutAsync(Unit, """{"revision": 1, "name": "newer"}""");
        Assert.Contains("newer", await other.PageAsync(Unit), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_explorers_writing_at_once_lose_nothing()
    {
        await using ServedRun other = await ServedRun.EvidencedAsync(options => options with { Run = _run.Run.Folder });
        ServedRun[] both = [_run, other];
        await Parallel.ForEachAsync(Enumerable.Range(0, 40), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (unit, _) =>
        {
            using var body = new StringContent($$"""{"revision": 0, "name": "unit {{unit}}"}""");
            Assert.Equal(200, (await both[unit % 2].SendAsync(HttpMethod.Put, $"/api/notes/l/block3/f/{unit}", body)).Status);
        });
        Assert.Equal(40, Json(await _run.GetAsync("/api/notes"))["notes"]!.AsArray().Count);
        Assert.Equal(40, Json(await other.GetAsync("/api/notes"))["notes"]!.AsArray().Count);
    }

    [Fact]
    public async Task Who_reads_while_others_write_never_sees_a_part()
    {
        var notes = new RunNotes(_run.Run.Folder);
        // So long that a file takes a while to write.
        notes.Import([.. Enumerable.Range(0, 100).Select(unit =>
            new UnitNote("block3", "topk", unit) { Name = "x", Text = new string('x', UnitNote.LongestText) })], replace: false);
        using var written = new CancellationTokenSource();
        int read = 0;
        Task reader = Task.Run(
            () =>
            {
                for (; !written.IsCancellationRequested; read++)
                    Assert.Equal(100, DocumentFile.Read<NotesDocument>(notes.File).Notes.Count);
            }, TestContext.Current.CancellationToken);
        for (int unit = 0; unit < 60 && !reader.IsFaulted; unit++)
            Assert.Equal(200, (await PutAsync($"/l/block3/s/topk/f/{unit}", $$"""{"revision": 1, "name": "{{unit}}"}""")).Status);
        await written.CancelAsync();
        await reader;
        Assert.True(read > 5, $"{read} times read");
    }

    private async Task<Answer> PutAsync(string unit, string json)
    {
        using var body = new StringContent(json, Encoding.UTF8, "application/json");
        return await _run.SendAsync(HttpMethod.Put, "/api/notes" + unit, body);
    }

    private async Task<Answer> FormAsync(string unit, params (string Name, string Value)[] fields)
    {
        using var body = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return await _run.SendAsync(HttpMethod.Post, "/notes" + unit, body);
    }

    private async Task<Answer> ImportAsync(string table, bool replace = false)
    {
        using var body = new MultipartFormDataContent();
        using var file = new ByteArrayContent(Encoding.UTF8.GetBytes(table));
        file.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        body.Add(file, "file", "../../notes.csv");
        if (replace) body.Add(new StringContent("on"), "replace");
        return await _run.SendAsync(HttpMethod.Post, "/notes", body);
    }

    private static JsonNode Json(Answer answer) => JsonNode.Parse(answer.Text)!;
}
