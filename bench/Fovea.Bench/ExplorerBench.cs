using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Fovea.Explorer.Server;

namespace Fovea.Bench;

/// <summary>The explorer over a run of 20,000 latents and 5,000 images, asked by a client in the same process.</summary>
internal static partial class ExplorerBench
{
    private const int Pages = 200;

    /// <param name="folder">Where the run is written and kept; null: a temporary one.</param>
    public static void Run(string? folder)
    {
        string run = folder ?? Directory.CreateTempSubdirectory("fovea-large-run-").FullName;
        try
        {
            LargeRun.Write(run);
            MeasureAsync(run).GetAwaiter().GetResult();
        }
        finally
        {
            if (folder is null) Directory.Delete(run, recursive: true);
        }
    }

    private static async Task MeasureAsync(string run)
    {
        GC.Collect();
        long before = Environment.WorkingSet;
        long start = Stopwatch.GetTimestamp();
        await using ExplorerServer server = await ExplorerServer.StartAsync(new ExplorerOptions { Run = run });
        Say("start", [Stopwatch.GetElapsedTime(start).TotalMilliseconds], "target 2000 ms");
        using var client = new HttpClient { BaseAddress = new Uri(server.Address) };
        client.DefaultRequestHeaders.Add("Authorization", "Bearer " + server.Url.Split('=')[1]);
        Say("first page", [await TimeAsync(client, "/")], "target 300 ms");

        string units = $"/l/{LargeRun.Layer}/s/{LargeRun.Dictionary}";
        string next = $"{units}/f/0?sort=selectivity&desc=1";
        var times = new List<double>();
        for (int i = 0; i < Pages; i++)
        {
            times.Add(await TimeAsync(client, next));
            string html = await client.GetStringAsync(next);
            next = Next().Match(html) is { Success: true } match ? match.Groups[1].Value.Replace("&amp;", "&", StringComparison.Ordinal)
                : $"{units}/f/{i * 97 % LargeRun.Units}?sort=selectivity&desc=1";
        }
        Say("next unit in an order", times, "target 60 ms");
        times.Clear();
        for (int i = 0; i < Pages; i++) times.Add(await TimeAsync(client, $"{units}/f/{i * 7919L % LargeRun.Units}"));
        Say("a unit anywhere", times, "");
        times.Clear();
        string[] orders = ["max", "density", "purity", "selectivity", "uniqueness", "mean", "p999", "unit"];
        for (int i = 0; i < Pages; i++)
            times.Add(await TimeAsync(client, $"{units}/g?sort={orders[i % orders.Length]}&desc=1&min.density={i % 5}&page={1 + i * 13 % 300}"));
        Say("a gallery's page", times, "");
        times.Clear();
        for (int i = 0; i < Pages; i++) times.Add(await TimeAsync(client, $"/api{units}/f/{i * 7919L % LargeRun.Units}"));
        Say("a unit as JSON", times, "");
        GC.Collect();
        Console.WriteLine(FormattableString.Invariant(
            $"memory: {(Environment.WorkingSet - before) / 1e6:0} MB more than before the start, {GC.GetTotalMemory(true) / 1e6:0} MB of it managed and in use (target 400 MB)"));
    }

    private static async Task<double> TimeAsync(HttpClient client, string path)
    {
        long start = Stopwatch.GetTimestamp();
        byte[] body = await client.GetByteArrayAsync(path);
        if (body.Length < 1000) throw new InvalidOperationException($"{path} is {body.Length} bytes.");
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static void Say(string what, IReadOnlyList<double> times, string target)
    {
        double[] sorted = [.. times.Order()];
        string text = sorted.Length == 1 ? string.Create(CultureInfo.InvariantCulture, $"{sorted[0]:0} ms")
            : string.Create(CultureInfo.InvariantCulture, $"median {sorted[sorted.Length / 2]:0.0} ms, p95 {sorted[(int)(sorted.Length * 0.95)]:0.0} ms of {sorted.Length}");
        Console.WriteLine($"{what}: {text}{(target.Length > 0 ? $" ({target})" : "")}");
    }

    [GeneratedRegex("rel=\"next\" href=\"([^\"]*)\"")]
    private static partial Regex Next();
}
