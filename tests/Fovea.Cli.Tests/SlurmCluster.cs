using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>A Slurm cluster of four nodes on this machine, and the shared run as jobs on it.</summary>
internal sealed class SlurmCluster(SharedRuns runs) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private bool _started;

    public void Dispose()
    {
        if (_started) Script("stop");
    }

    /// <summary>Processors that each node says it has.</summary>
    public int Processors { get; init; } = 2;

    /// <summary>The cluster's own folder.</summary>
    public string Folder => Path.Combine(runs.Folder, "cluster");

    /// <summary>The scripts of the run.</summary>
    public string Scripts => Path.Combine(runs.Folder, "scripts");

    /// <summary>Writes them; more options may follow.</summary>
    public string[] ScriptCommand => ["slurm", SharedRuns.Recipe, "--out", runs.RunFolder, "--threads", "1", "--scripts", Scripts, "--json", .. SharedRuns.Sets];

    private string LogFolder => Path.Combine(Scripts, "logs");

    /// <summary>Programs that a cluster needs and that are not here.</summary>
    public static string[] Missing { get; } = [.. ((string[])["sbatch", "slurmctld", "slurmd", "munged", "setsid"]).Where(
        program => !Path_.Split(':').Any(folder => File.Exists(Path.Combine(folder, program))))];

    /// <summary>Where programs are looked for; daemons too.</summary>
    private static string Path_ => Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin";

    /// <summary>Starts it; the test is skipped where Slurm is not installed.</summary>
    public void Start()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Slurm runs on Linux");
        Assert.SkipUnless(Missing.Length == 0, $"needs slurm-wlm and munge ({string.Join(", ", Missing)} missing)");
        _started = true;
        var (code, text) = Script("start");
        Assert.True(code == 0, text);
    }

    /// <summary>Writes the scripts of the shared run, submits them, and gives what the command said.</summary>
    public JsonNode Submit(params string[] more) => JsonNode.Parse(SharedRuns.Run(
        [.. ScriptCommand, "--submit", .. more], Variables))!;

    /// <summary>Submits them again.</summary>
    public JsonNode Resubmit()
    {
        var (code, text) = Command(Path.Combine(Scripts, "submit"));
        Assert.True(code == 0, text);
        return new JsonObject { ["submitted"] = new JsonArray([.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonValue.Create(line))]) };
    }

    /// <summary>Slurm's numbers of the jobs, by their names.</summary>
    public static Dictionary<string, string> Numbers(JsonNode slurm) =>
        slurm["submitted"]!.AsArray().Select(line => line!.GetValue<string>().Split(' ')).ToDictionary(words => words[0], words => words[1]);

    /// <summary>Waits until no job is left.</summary>
    public void WaitForJobs() => WaitFor("the end of all jobs", () => Command("squeue", "-h").Output.Trim().Length == 0);

    /// <summary>Looks again and again until something is so.</summary>
    public void WaitFor(string what, Func<bool> condition, int milliseconds = 100)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < Patience, $"{what} did not come: {Command("squeue").Output}\n{Logs()}");
            Thread.Sleep(milliseconds);
        }
    }

    /// <summary>Sends a signal to processes, all of which must be there.</summary>
    public static void Signal(string signal, params IEnumerable<int> processes)
    {
        foreach (int process in processes) ProcessSignal.Send(process, signal);
    }

    /// <summary>
    /// Kills (-9) the daemons of a node and tells Slurm, which would notice by itself after half a minute; the worker on it lives on, and
    /// so does its script.
    /// </summary>
    public void LoseNode(string node, int worker)
    {
        int step = StepOf(worker)[1];
        Signal("KILL", int.Parse(File.ReadAllText(Path.Combine(Folder, $"slurmd-{node}.pid")).Trim(), CultureInfo.InvariantCulture), step);
        var (code, text) = Command("scontrol", "update", $"nodename={node}", "state=down", "reason=lost");
        Assert.True(code == 0, text);
    }

    /// <summary>
    /// Starts a task that was put back into the queue soon, not after Slurm's two minutes. Slurm 22.05 counts whole seconds: a turn that
    /// begins in the second in which the last one ended is "already killed", and the job is over.
    /// </summary>
    public void StartRequeued(string job)
    {
        WaitFor("the task in the queue again", () => Command("squeue", "-h", "-j", job, "-o", "%T").Output.Trim() == "PENDING");
        var (code, text) = Command("scontrol", "update", $"JobId={job}_1", "StartTime=now+3");
        Assert.True(code == 0, text);
    }

    /// <summary>The script that started a worker, and Slurm's process that runs it.</summary>
    public static int[] StepOf(int worker)
    {
        int script = Parent(worker), step = Parent(script);
        Assert.Contains("slurmstepd", File.ReadAllText($"/proc/{step}/cmdline"), StringComparison.Ordinal);
        return [script, step];
    }

    private static int Parent(int process) => int.Parse(
        File.ReadAllText($"/proc/{process}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    /// <summary>Processes of the program, not of a shell, that work on a kind of stage of this run.</summary>
    public int[] Processes(string stage) => [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => name!.All(char.IsAsciiDigit))
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

    /// <summary>What all tasks said.</summary>
    public string Logs() => string.Join('\n', Directory.Exists(LogFolder)
        ? Directory.EnumerateFiles(LogFolder).Order().Select(file => $"{Path.GetFileName(file)}: {File.ReadAllText(file)}")
        : []);

    /// <summary>What Slurm's commands need.</summary>
    public Dictionary<string, string> Variables => new()
    {
        ["SLURM_CONF"] = Path.Combine(Folder, "slurm.conf"),
        ["SLURM_TEST_DIR"] = Folder,
        ["SLURM_TEST_CPUS"] = Processors.ToString(CultureInfo.InvariantCulture),
        ["PATH"] = Path_,
    };

    /// <summary>Runs a command with these.</summary>
    public (int Code, string Output) Command(string program, params string[] arguments)
    {
        // Daemons keep the streams that they are started with: they go to a file, which nobody has to wait for.
        string file = Path.Combine(runs.Folder, "output");
        var start = new ProcessStartInfo("bash", ["-c", "\"$@\" >\"$0\" 2>&1 </dev/null", file, program, .. arguments]);
        foreach (var (name, value) in Variables) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.WaitForExit();
        return (process.ExitCode, File.ReadAllText(file));
    }

    private (int Code, string Output) Script(string word) => Command(Path.Combine(Checkout.Root, "tests", "cluster", "slurm-cluster"), word);
}
