using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>A run as arrays of jobs on a Slurm cluster of four nodes, which this test starts on this machine.</summary>
[Collection(SharedRuns.Name)]
public sealed class SlurmTests(SharedRuns runs, ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly string _cluster = Path.Combine(runs.Folder, "cluster");
    private bool _started;

    public void Dispose()
    {
        if (_started) Script("stop");
    }

    [Fact]
    public void A_recipe_as_arrays_gives_the_bytes_of_one_process()
    {
        Start();
        string reference = runs.Reference;
        JsonNode slurm = Submit("--parts", "harvest=3,sweep=2,dictionary=2");
        WaitForJobs(slurm);
        Compare(reference);
        output.WriteLine($"{FolderCopies.Files(reference).Length} files alike");
        Directory.Delete(runs.RunFolder, recursive: true);
    }

    [Fact]
    public void Tasks_that_are_killed_or_cancelled_lose_nothing()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("FOVEA_CLUSTER") == "1", "takes a minute: FOVEA_CLUSTER=1");
        Start();
        string reference = runs.Reference;
        JsonNode slurm = Submit("--parts", "harvest=2,sweep=2,dictionary=2");
        // One process of the harvest is killed as soon as it is there: its task fails, and what waits for it is cancelled.
        Kill("harvest", "-KILL");
        WaitForJobs(slurm);
        string status = SharedRuns.Run(["status", runs.RunFolder]);
        Assert.DoesNotContain("running", status, StringComparison.Ordinal);
        Assert.Matches("(interrupted|complete) +harvest", status);
        // The same scripts again, and this time all sweeps are cancelled in the middle; then a third time.
        slurm = Resubmit();
        WaitFor("a sweep", () => Processes("sweep").Length > 0);
        Command("scancel", Numbers(slurm)["sweep"]);
        WaitForJobs(slurm);
        WaitForJobs(Resubmit());
        Compare(reference);
        Directory.Delete(runs.RunFolder, recursive: true);
    }

    /// <summary>The first page of the report shows the last command line: the one of the other run is given once more.</summary>
    private void Compare(string reference)
    {
        string status = SharedRuns.Run(["status", runs.RunFolder, "--json"]);
        Assert.True(JsonNode.Parse(status)!["complete"]!.GetValue<bool>(), $"{status}\n{Logs()}");
        Assert.True(File.Exists(Path.Combine(runs.RunFolder, "report", "index.html")), Logs());
        SharedRuns.Run(runs.Command());
        var different = FolderCopies.Differences(reference, runs.RunFolder);
        Assert.True(different.Count == 0, $"{string.Join(", ", different)}\n{Logs()}");
    }

    private void Start()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Slurm runs on Linux");
        string[] missing = [.. ((string[])["sbatch", "slurmctld", "slurmd", "munged", "setsid"]).Where(
            program => !Variables["PATH"].Split(':').Any(folder => File.Exists(Path.Combine(folder, program))))];
        Assert.SkipUnless(missing.Length == 0, $"needs slurm-wlm and munge ({string.Join(", ", missing)} missing)");
        _started = true;
        var (code, text) = Script("start");
        Assert.True(code == 0, text);
    }

    private JsonNode Submit(params string[] more) => JsonNode.Parse(SharedRuns.Run(
        ["slurm", SharedRuns.Recipe, "--out", runs.RunFolder, "--threads", "1", "--scripts", Path.Combine(runs.Folder, "scripts"), "--submit",
            "--json", .. SharedRuns.Sets, .. more], Variables))!;

    private JsonNode Resubmit()
    {
        var (code, text) = Command(Path.Combine(runs.Folder, "scripts", "submit"));
        Assert.True(code == 0, text);
        return new JsonObject { ["submitted"] = new JsonArray([.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonValue.Create(line))]) };
    }

    private static Dictionary<string, string> Numbers(JsonNode slurm) =>
        slurm["submitted"]!.AsArray().Select(line => line!.GetValue<string>().Split(' ')).ToDictionary(words => words[0], words => words[1]);

    private void WaitForJobs(JsonNode slurm)
    {
        Assert.Equal(["train", "harvest", "dictionary", "sweep", "features", "report"], Numbers(slurm).Keys);
        WaitFor("the end of all jobs", () => Command("squeue", "-h").Output.Trim().Length == 0);
    }

    private void WaitFor(string what, Func<bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < Patience, $"{what} did not come: {Command("squeue").Output}\n{Logs()}");
            Thread.Sleep(100);
        }
    }

    private void Kill(string stage, string signal)
    {
        WaitFor($"a process of {stage}", () => Processes(stage).Length > 0);
        Command("kill", signal, Processes(stage)[0].ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Processes of the program, not of a shell, that work on a kind of stage of this run.</summary>
    private int[] Processes(string stage) => [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => name!.All(char.IsAsciiDigit))
        .Select(int.Parse!).Where(process =>
        {
            try
            {
                string[] words = File.ReadAllText($"/proc/{process}/cmdline").Split('\0');
                return words[0].EndsWith("/fovea", StringComparison.Ordinal) && words.Contains(runs.RunFolder)
                    && words.SkipWhile(word => word != "--until").Skip(1).FirstOrDefault() == stage;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        })];

    private string Logs() => string.Join('\n', Directory.Exists(Path.Combine(runs.Folder, "scripts", "logs"))
        ? Directory.EnumerateFiles(Path.Combine(runs.Folder, "scripts", "logs")).Order().Select(file => $"{Path.GetFileName(file)}: {File.ReadAllText(file)}")
        : []);

    private Dictionary<string, string> Variables => new()
    {
        ["SLURM_CONF"] = Path.Combine(_cluster, "slurm.conf"),
        ["SLURM_TEST_DIR"] = _cluster,
        ["PATH"] = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin",
    };

    private (int Code, string Output) Script(string word) => Command(Path.Combine(Checkout.Root, "tests", "cluster", "slurm-cluster"), word);

    private (int Code, string Output) Command(string program, params string[] arguments)
    {
        // Daemons keep the streams that they are started with: they go to a file, which nobody has to wait for.
        string file = Path.Combine(runs.Folder, "output");
        var start = new ProcessStartInfo("bash", ["-c", "\"$@\" >\"$0\" 2>&1 </dev/null", file, program, .. arguments]);
        foreach (var (name, value) in Variables) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.WaitForExit();
        return (process.ExitCode, File.ReadAllText(file));
    }
}
