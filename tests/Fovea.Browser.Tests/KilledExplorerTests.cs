using System.Globalization;
using System.Text.Json.Nodes;
using Fovea.Browser.Tests.Walk;
using Fovea.Explorer.Tests;
using Fovea.Imaging;
using Fovea.IO;
using Fovea.Numerics;
using Fovea.Runs.Notes;
using Xunit;

namespace Fovea.Browser.Tests;

/// <summary>
/// The command <c>fovea explore</c> killed (SIGKILL) in the middle of its work, at moments drawn from a seed
/// (<c>FOVEA_INTERRUPTION_SEED</c>).
/// </summary>
[Collection(BrowserTests.Name)]
public sealed class KilledExplorerTests(WalkRun walk, ITestOutputHelper output)
{
    private const int Steps = 50;

    // So many in the tests of every day; FOVEA_EXPLORER_KILLS times as many where somebody looks closer.
    private static readonly int More = int.TryParse(
        Environment.GetEnvironmentVariable("FOVEA_EXPLORER_KILLS"), CultureInfo.InvariantCulture, out int asked) ? asked : 1;

    private static readonly int NoteKills = 8 * More, PictureKills = 2 * More;

    private static readonly ulong Seed = ulong.TryParse(
        Environment.GetEnvironmentVariable("FOVEA_INTERRUPTION_SEED"), CultureInfo.InvariantCulture, out ulong given) ? given : 1;

    private readonly CounterRandom _random = new(Seed, "explorer/kills", 0);

    [Fact]
    public async Task A_note_that_was_acknowledged_is_there_whenever_the_explorer_is_killed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "kills by signal");
        using RunFolderFixture run = RunFolderFixture.Small();
        var notes = new RunNotes(run.Folder);
        // So many words that a file takes a while to write: a kill comes in the middle of one.
        notes.Import([.. Enumerable.Range(0, RunFolderFixture.Latents).Select(unit =>
            new UnitNote("block3", "topk", unit) { Name = "as before", Text = new string('x', UnitNote.LongestText) })], replace: false);
        int written = 0, inBetween = 0;
        for (int kill = 0; kill < NoteKills; kill++)
        {
            Dictionary<int, UnitNote> before = notes.All().ToDictionary(note => note.Unit);
            var (acknowledged, asked) = await WriteUntilKilledAsync(run.Folder, kill, before, TimeSpan.FromMilliseconds(2 + _random.NextInt(150)));
            // A damaged file cannot be read at all.
            Dictionary<int, UnitNote> after = notes.All().ToDictionary(note => note.Unit);
            Assert.Equal(before.Keys.Order(), after.Keys.Order());
            foreach (int unit in before.Keys)
            {
                string last = acknowledged.GetValueOrDefault(unit) ?? before[unit].Name!;
                bool open = asked is { } note && note.Unit == unit && after[unit].Name == note.Name;
                Assert.True(after[unit].Name == last || open, $"kill {kill}: the note on {unit} says '{after[unit].Name}', not '{last}'");
                Assert.Equal(before[unit].Text, after[unit].Text);
                if (open) inBetween++;
            }
            written += acknowledged.Count;
        }
        Assert.True(written >= NoteKills, $"{written} notes were written");
        Assert.Equal(
            [NotesDocument.FileName],
            Directory.EnumerateFiles(Path.Combine(run.Folder, RunLayout.NotesFolder)).Select(file => Path.GetFileName(file))
                .Where(name => name != FolderLock.FileName && !name.EndsWith(AtomicFile.TemporarySuffix, StringComparison.Ordinal)));
        output.WriteLine(
            $"seed {Seed}: {NoteKills} kills, {written} notes acknowledged, all there; {inBetween} more written before their answer");
    }

    [Fact]
    public async Task A_picture_is_whole_or_not_there_and_the_next_explorer_makes_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "looks for the process that makes pictures in /proc");
        string folder = await walk.CopyAsync("killed"), undisturbed = await walk.CopyAsync("undisturbed");
        for (int kill = 0; kill < PictureKills; kill++)
        {
            ExplorerProcess explorer = await ExplorerProcess.StartAsync(folder);
            await OrderAsync(explorer, kill);
            int maker = await MakerAsync(folder);
            await Task.Delay(_random.NextInt(2500), TestContext.Current.CancellationToken);
            explorer.Kill();
            // Every second time who makes the picture is killed as well; else it ends by itself, whatever it was at.
            if (kill % 2 == 1) Signal(maker);
            await EndedAsync(maker);
            await explorer.DisposeAsync();
            CheckWhole(Path.Combine(folder, "pictures"));
        }
        await using ExplorerProcess next = await ExplorerProcess.StartAsync(folder);
        for (int unit = 0; unit < PictureKills; unit++)
        {
            await OrderAsync(next, unit);
            await DoneAsync(next, unit);
            await ExplorerProcess.CommandAsync(
                "visualize", $"--run={undisturbed}", $"--layer={WalkPlan.Layer}", $"--source={WalkPlan.Source}", $"--features={unit}",
                "--preset=paper", $"--steps={Steps}", "--quiet");
            string picture = Path.Combine("pictures", WalkPlan.Layer, WalkPlan.Source, $"paper-{unit}.png");
            Assert.Equal(
                await File.ReadAllBytesAsync(Path.Combine(undisturbed, picture)), await File.ReadAllBytesAsync(Path.Combine(folder, picture)));
            Assert.Contains("paper, asked for", await next.PageAsync($"/l/{WalkPlan.Layer}/s/{WalkPlan.Source}/f/{unit}"), StringComparison.Ordinal);
        }
        CheckWhole(Path.Combine(folder, "pictures"));
        output.WriteLine($"seed {Seed}: {PictureKills} kills");
    }

    /// <summary>Writes notes one after the other until the explorer is no more.</summary>
    /// <returns>What was acknowledged of each unit, and what was asked for last and not answered.</returns>
    private async Task<(Dictionary<int, string> Acknowledged, (int Unit, string Name)? Asked)> WriteUntilKilledAsync(
        string folder, int round, Dictionary<int, UnitNote> notes, TimeSpan after)
    {
        await using ExplorerProcess explorer = await ExplorerProcess.StartAsync(folder);
        Dictionary<int, string> acknowledged = [];
        Dictionary<int, int> revisions = notes.ToDictionary(one => one.Key, one => one.Value.Revision);
        (int, string)? asked = null;
        Task? kill = null;
        for (int i = 0; ; i++)
        {
            int unit = _random.NextInt(RunFolderFixture.Latents);
            string name = string.Create(CultureInfo.InvariantCulture, $"note {i} of kill {round}");
            asked = (unit, name);
            try
            {
                var (status, answer) = await explorer.SendAsync(HttpMethod.Put, $"/api/notes/l/block3/s/topk/f/{unit}", new JsonObject
                {
                    ["revision"] = revisions[unit],
                    ["name"] = name,
                    ["text"] = notes[unit].Text,
                });
                Assert.True(status == 200, $"{status} {answer}");
                revisions[unit] = (int)answer["note"]!["revision"]!;
                acknowledged[unit] = name;
                asked = null;
            }
            catch (HttpRequestException)
            {
                await (kill ?? Task.CompletedTask);
                return (acknowledged, asked);
            }
            // The clock runs from the first note: how long the program takes to start says nothing.
            kill ??= Task.Run(async () =>
            {
                await Task.Delay(after);
                explorer.Kill();
            });
        }
    }

    private static async Task OrderAsync(ExplorerProcess explorer, int unit)
    {
        var (status, answer) = await explorer.SendAsync(HttpMethod.Post, "/api/pictures", new JsonObject
        {
            ["layer"] = WalkPlan.Layer,
            ["source"] = WalkPlan.Source,
            ["unit"] = unit,
            ["steps"] = Steps,
        });
        Assert.True(status == 202, answer.ToJsonString());
    }

    private static async Task DoneAsync(ExplorerProcess explorer, int unit)
    {
        for (int i = 0; i < 6000; i++)
        {
            JsonNode job = (await explorer.JsonAsync("/api/pictures"))["pictures"]!.AsArray()
                .Single(one => (int)one!["job"]!["order"]!["unit"]! == unit)!["job"]!;
            string state = (string)job["state"]!;
            if (state == "done") return;
            Assert.True(state is "waiting" or "running", job.ToJsonString());
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        Assert.Fail("the picture was not made in ten minutes");
    }

    /// <summary>The process that makes a picture in a run folder.</summary>
    private static async Task<int> MakerAsync(string folder)
    {
        for (int i = 0; i < 2400; i++)
        {
            foreach (string process in Directory.EnumerateDirectories("/proc"))
            {
                if (!int.TryParse(Path.GetFileName(process), out int id)) continue;
                try
                {
                    string[] words = (await File.ReadAllTextAsync(Path.Combine(process, "cmdline"))).Split('\0');
                    if (words.Contains("visualize") && words.Contains($"--run={folder}") && words[0] != "nice") return id;
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // It has ended meanwhile.
                }
            }
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        Assert.Fail("nobody makes a picture");
        return 0;
    }

    private static void Signal(int process)
    {
        try
        {
            using var maker = System.Diagnostics.Process.GetProcessById(process);
            maker.Kill();
        }
        catch (ArgumentException)
        {
            // It has ended by itself.
        }
    }

    private static async Task EndedAsync(int process)
    {
        for (int i = 0; i < 2400; i++)
        {
            string status = $"/proc/{process}/status";
            try
            {
                if (!File.Exists(status) || (await File.ReadAllTextAsync(status)).Contains("State:\tZ", StringComparison.Ordinal)) return;
            }
            catch (IOException)
            {
                return;
            }
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        Assert.Fail("who made the picture goes on two minutes after the explorer");
    }

    /// <summary>What has its own name is whole.</summary>
    private static void CheckWhole(string pictures)
    {
        if (!Directory.Exists(pictures)) return;
        foreach (string file in Directory.EnumerateFiles(pictures, "*", SearchOption.AllDirectories))
        {
            if (file.EndsWith(".png", StringComparison.Ordinal)) ImageCodec.Decode(File.ReadAllBytes(file), file);
            if (file.EndsWith(".json", StringComparison.Ordinal)) Assert.NotNull(JsonNode.Parse(File.ReadAllText(file)));
        }
    }
}
