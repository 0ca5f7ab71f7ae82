using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fovea.Explorer.Server;
using Fovea.Imaging;
using Fovea.Numerics;

namespace Fovea.Bench;

/// <summary>
/// The explorer over a run of 20,000 latents and 5,000 images, asked by a client in the same process and by Chromium: each row of its table
/// of targets. The rows of images of one's own and of sliders are those of <see cref="ExplorerLiveBench"/>.
/// </summary>
internal static partial class ExplorerBench
{
    private const int Pages = 200;

    private static readonly string Units = $"/l/{LargeRun.Layer}/s/{LargeRun.Dictionary}";

    /// <param name="folder">Where the run is written and kept; null: a temporary one.</param>
    /// <param name="paintedOnly">Whether only the next unit's page in Chromium is measured.</param>
    public static void Run(string? folder, bool paintedOnly = false)
    {
        string run = folder ?? Directory.CreateTempSubdirectory("fovea-large-run-").FullName;
        try
        {
            LargeRun.Write(run);
            (paintedOnly ? MeasurePaintedAsync(run) : MeasureAsync(run)).GetAwaiter().GetResult();
        }
        finally
        {
            if (folder is null) Directory.Delete(run, recursive: true);
        }
        if (!paintedOnly) ExplorerLiveBench.Run();
    }

    private static async Task MeasurePaintedAsync(string run)
    {
        await using ExplorerServer server = await ExplorerServer.StartAsync(new ExplorerOptions { Run = run });
        using var client = new HttpClient { BaseAddress = new Uri(server.Address) };
        client.DefaultRequestHeaders.Add("Authorization", "Bearer " + server.Url.Split('=')[1]);
        Say("activity of 20,000 latents counted", [await TimeAsync(client, $"/api/near{Units}/f/0")], "");
        await PaintAsync(server);
    }

    private static async Task MeasureAsync(string run)
    {
        GC.Collect();
        (long before, long alone) = (Environment.WorkingSet, NativeHeap.ResidentAnonymous() ?? 0);
        long start = Stopwatch.GetTimestamp();
        await using ExplorerServer server = await ExplorerServer.StartAsync(new ExplorerOptions { Run = run, Program = [.. Own(), PictureLoad.Name] });
        Say("start", [Stopwatch.GetElapsedTime(start).TotalMilliseconds], "2000 ms");
        using var client = new HttpClient { BaseAddress = new Uri(server.Address) };
        client.DefaultRequestHeaders.Add("Authorization", "Bearer " + server.Url.Split('=')[1]);
        Say("first page", [await TimeAsync(client, "/")], "300 ms");

        Say("next unit while activity is counted", await WalkAsync(client, Pages / 4), "");
        Say("activity of 20,000 latents counted", [await TimeAsync(client, $"/api/near{Units}/f/0")], "");
        Say("next unit in an order, at the server", await WalkAsync(client, Pages), "60 ms");
        Say("units near one, none of them asked for before", await EachAsync(client, Pages, i => $"/api/near{Units}/f/{(i * 7907L + 11) % LargeRun.Units}"), "");
        List<double> quiet = await EachAsync(client, Pages, i => $"{Units}/f/{i * 7919L % LargeRun.Units}");
        Say("a unit anywhere", quiet, "");
        string[] orders = ["max", "density", "purity", "selectivity", "uniqueness", "mean", "p999", "unit"];
        Say("a gallery's page", await EachAsync(client, Pages,
            i => $"{Units}/g?sort={orders[i % orders.Length]}&desc=1&min.density={i % 5}&page={1 + i * 13 % 300}"), "");
        Say("a unit as JSON", await EachAsync(client, Pages, i => $"/api{Units}/f/{i * 7919L % LargeRun.Units}"), "");
        string[] queries = ["{0}", "topk {0}", "class number {0}", "number", "layer4", "like topk {0}"];
        Say("search", await EachAsync(client, Pages, i => "/search?q=" + Uri.EscapeDataString(
            string.Format(CultureInfo.InvariantCulture, queries[i % queries.Length], i * 97 % LargeRun.Units))), "50 ms");

        await PaintAsync(server);

        await BesideAPictureAsync(client, quiet);
        Say("the first page after a new picture", [await AfterAPictureAsync(client, run)], "");
        GC.Collect();
        Console.WriteLine(FormattableString.Invariant(
            $"memory: {((NativeHeap.ResidentAnonymous() ?? 0) - alone) / 1e6:0} MB of the process's own more than before the start (with files that are mapped {(Environment.WorkingSet - before) / 1e6:0}), {GC.GetTotalMemory(true) / 1e6:0} MB of it managed and in use, the client of this bench in it (target 400 MB)"));
    }

    /// <summary>
    /// Who holds the key down goes on at once; who looks at units, after half a second at least. Beside it the same without the script.
    /// </summary>
    private static async Task PaintAsync(ExplorerServer server)
    {
        foreach ((int look, bool plainly) in ((int, bool)[])[(0, false), (500, false), (0, true), (500, true)])
        {
            string how = (look == 0 ? "at once" : "looked at for 500 ms") + (plainly ? ", each a document of its own" : "");
            IReadOnlyList<double>? painted = await PaintedPages.MeasureAsync(
                server.Url, $"{Units}/f/19999?sort=unit&desc=1", Pages, TimeSpan.FromMilliseconds(look), plainly);
            if (painted is null) Console.WriteLine("next unit, from the click to painted: no Chromium on this machine");
            else Say($"next unit, from the click to painted in Chromium, {how}", painted, plainly ? "" : "100 ms");
        }
    }

    /// <summary>Pages while the explorer's queue has a picture made by a process at the lowest priority, in turns with those without.</summary>
    private static async Task BesideAPictureAsync(HttpClient client, List<double> quiet)
    {
        List<double> beside = [], without = [.. quiet];
        for (int turn = 0; turn < 2; turn++)
        {
            int first = turn * Pages / 2;
            HttpResponseMessage ordered = await client.PostAsJsonAsync(
                "/api/pictures", new { layer = LargeRun.Layer, source = LargeRun.Dictionary, unit = turn + 1 });
            ordered.EnsureSuccessStatusCode();
            string id = (await ordered.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("job").GetProperty("id").GetString()!;
            for (int wait = 0; ; wait++)
            {
                JsonElement job = (await client.GetFromJsonAsync<JsonElement>($"/api/pictures/{id}")).GetProperty("job");
                if (job.GetProperty("state").GetString() is not ("running" or "waiting") || wait > 600) throw new InvalidOperationException(job.ToString());
                if (job.GetProperty("done").GetInt64() > 2) break;
                await Task.Delay(200);
            }
            beside.AddRange(await EachAsync(client, Pages / 2, i => $"{Units}/f/{(first + i) * 7927L % LargeRun.Units}"));
            (await client.DeleteAsync($"/api/pictures/{id}")).EnsureSuccessStatusCode();
            while ((await client.GetFromJsonAsync<JsonElement>($"/api/pictures/{id}")).GetProperty("job").GetProperty("state").GetString() == "running")
                await Task.Delay(200);
            without.AddRange(await EachAsync(client, Pages / 2, i => $"{Units}/f/{(first + i) * 7933L % LargeRun.Units}"));
        }
        Say("a unit anywhere while a picture is made", beside, "");
        Console.WriteLine(FormattableString.Invariant(
            $"p95 while a picture is made over p95 without: {At(beside, 0.95) / At(without, 0.95):0.00} (target 1.5)"));
    }

    /// <summary>The page of a unit once its picture is there, as an order leaves it.</summary>
    private static async Task<double> AfterAPictureAsync(HttpClient client, string run)
    {
        const int Unit = 4321;
        string folder = Path.Combine(run, "pictures", LargeRun.Layer, LargeRun.Dictionary), name = $"paper-{Unit}";
        Directory.CreateDirectory(folder);
        await Task.Delay(400);
        File.WriteAllBytes(Path.Combine(folder, name + ".png"), ImageCodec.EncodePng(new RgbImage(8, 8, new byte[192])));
        DocumentFile.Write(Path.Combine(folder, name + ".json"), LargeRun.Record(Unit));
        long start = Stopwatch.GetTimestamp();
        string page = await client.GetStringAsync($"{Units}/f/{Unit}");
        double took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        Directory.Delete(Path.Combine(run, "pictures"), recursive: true);
        return page.Contains("paper, asked for", StringComparison.Ordinal) ? took : throw new InvalidOperationException("The new picture is not shown.");
    }

    private static async Task<List<double>> WalkAsync(HttpClient client, int pages)
    {
        string next = $"{Units}/f/0?sort=selectivity&desc=1";
        var times = new List<double>();
        for (int i = 0; i < pages; i++)
        {
            times.Add(await TimeAsync(client, next));
            string html = await client.GetStringAsync(next);
            next = Next().Match(html) is { Success: true } match ? match.Groups[1].Value.Replace("&amp;", "&", StringComparison.Ordinal)
                : $"{Units}/f/{i * 97 % LargeRun.Units}?sort=selectivity&desc=1";
        }
        return times;
    }

    private static async Task<List<double>> EachAsync(HttpClient client, int count, Func<int, string> path)
    {
        var times = new List<double>();
        for (int i = 0; i < count; i++) times.Add(await TimeAsync(client, path(i)));
        return times;
    }

    private static async Task<double> TimeAsync(HttpClient client, string path)
    {
        long start = Stopwatch.GetTimestamp();
        byte[] body = await client.GetByteArrayAsync(path);
        if (body.Length < 100) throw new InvalidOperationException($"{path} is {body.Length} bytes.");
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static void Say(string what, IReadOnlyList<double> times, string target)
    {
        string text = times.Count == 1 ? string.Create(CultureInfo.InvariantCulture, $"{times[0]:0} ms")
            : string.Create(CultureInfo.InvariantCulture, $"median {At(times, 0.5):0.0} ms, p95 {At(times, 0.95):0.0} ms of {times.Count}");
        Console.WriteLine($"{what}: {text}{(target.Length > 0 ? $" (target {target})" : "")}");
    }

    private static double At(IReadOnlyList<double> times, double share) => times.Order().ElementAt(Math.Min(times.Count - 1, (int)(share * times.Count)));

    /// <summary>This program, to be started once more.</summary>
    private static string[] Own() => Environment.ProcessPath is { } program && !program.EndsWith("dotnet", StringComparison.Ordinal)
        ? [program] : [Environment.ProcessPath!, Environment.GetCommandLineArgs()[0]];

    [GeneratedRegex("rel=\"next\" href=\"([^\"]*)\"")]
    private static partial Regex Next();
}
