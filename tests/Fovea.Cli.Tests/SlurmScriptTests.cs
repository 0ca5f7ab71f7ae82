using System.Diagnostics;
using System.Text.Json.Nodes;
using Fovea.Cli.Recipes;
using Fovea.Cli.Slurm;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>The scripts for a cluster where there is none: what is refused, that a shell can read them, and what they submit.</summary>
[Collection(SharedRuns.Name)]
public sealed class SlurmScriptTests(SharedRuns runs) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-slurm-").FullName;

    public static TheoryData<string> Recipes { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(Checkout.Root, "recipes"), "*.toml").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("harvest", "it must be a stage and a number of workers")]
    [InlineData("harvest=0", "it must be a stage and a number of workers")]
    [InlineData("harvest=-1", "it must be a stage and a number of workers")]
    [InlineData("harvest=2,harvest=3", "each stage once")]
    [InlineData("harvest=99999999999", "it must be a stage and a number of workers")]
    [InlineData("harvets=2", "there is no such stage. There are: train, harvest, dictionary, sweep, features.")]
    [InlineData("proof=2", "the recipe asks for no such stage. There are: train, harvest, dictionary, sweep, features.")]
    [InlineData("report=2", "there is no such stage")]
    public void Wrong_numbers_of_workers_are_refused(string parts, string sentence)
    {
        string error = Refused("--parts", parts);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.Contains("--parts", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--sbatch=--account=a\nrm -rf /")]
    [InlineData("--sbatch=--account=a\r")]
    [InlineData("--time= \t")]
    [InlineData("--time=1:00\n")]
    [InlineData("--partition=a\n#SBATCH --exclusive")]
    public void An_option_of_sbatch_is_one_line(string option) =>
        Assert.Contains("An option for sbatch is empty or has a line break in it.", Refused(option), StringComparison.Ordinal);

    [Fact]
    public void Without_sbatch_the_scripts_are_written_and_the_sentence_says_so()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "runs a shell");
        // A path with the shell's own programs and no Slurm.
        string bin = Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName;
        foreach (string program in (string[])["bash", "dirname", "mkdir"]) File.CreateSymbolicLink(Path.Combine(bin, program), Which(program));
        var (code, _, error) = SharedRuns.End(SharedRuns.Start(
            Command("demo.toml", "run", "--submit"), new Dictionary<string, string> { ["PATH"] = bin }));
        Assert.Equal((int)FailureKind.Resource, code);
        Assert.Contains("The jobs could not be submitted:", error, StringComparison.Ordinal);
        Assert.Contains("sbatch: command not found", error, StringComparison.Ordinal);
        Assert.Contains("The scripts are written: submit them where Slurm is installed", error, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder, "run.slurm", "submit")));
    }

    /// <summary>The name of the run folder has what a shell would take for itself.</summary>
    [Theory]
    [MemberData(nameof(Recipes))]
    public void A_shell_reads_every_script(string recipe)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "runs a shell");
        const string Name = "it's $HOME `id` \"a\" (b) & ; #";
        JsonNode slurm = JsonNode.Parse(SharedRuns.Run(Command(recipe, Name, "--json", "--time", "1:00", "--sbatch=--account=a b", "--sbatch=--exclusive")))!;
        string[] scripts = [.. slurm["jobs"]!.AsArray().Select(job => job!["script"]!.GetValue<string>()), slurm["submit"]!.GetValue<string>()];
        Assert.True(scripts.Length >= 2);
        foreach (string script in scripts)
        {
            var (code, text) = Shell("bash", ["-n", script]);
            Assert.True(code == 0 && text.Length == 0, $"{script}: {text}");
        }
        // The words of the command are those that were given, and the shell changes none of them.
        string[] lines = File.ReadAllLines(scripts[0]);
        Assert.Contains("#SBATCH --account=a b", lines);
        Assert.Contains("#SBATCH --exclusive", lines);
        string command = lines.Single(line => line.StartsWith("command=(", StringComparison.Ordinal));
        var (_, words) = Shell("bash", ["-c", command + "; printf '%s\\n' \"${command[@]}\""]);
        Assert.Contains(Path.Combine(_folder, Name), words.Split('\n'));
    }

    /// <summary>A program in the place of <c>sbatch</c> notes what it is given.</summary>
    [Fact]
    public void Submitting_lets_each_job_wait_for_those_it_is_made_from()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "runs a shell");
        string bin = Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName, sbatch = Path.Combine(bin, "sbatch"), said = Path.Combine(_folder, "said");
        File.WriteAllText(sbatch, $"#!/bin/bash\necho \"$*\" >> {said}\nwc -l < {said}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(sbatch, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        JsonNode slurm = JsonNode.Parse(SharedRuns.Run(
            Command("demo.toml", "run", "--json", "--submit", "--parts", "harvest=3"),
            new Dictionary<string, string> { ["PATH"] = $"{bin}:{Environment.GetEnvironmentVariable("PATH")}" }))!;
        Assert.Equal(
            ["train 1", "harvest 2", "dictionary 3", "sweep 4", "features 5", "report 6"],
            slurm["submitted"]!.AsArray().Select(line => line!.GetValue<string>()));
        Assert.Equal(
            [
                "--parsable 1-train.sbatch", After("1", "2-harvest"), After("2", "3-dictionary"), After("2", "4-sweep"), After("3", "5-features"),
                After("4:5", "6-report"),
            ],
            File.ReadAllLines(said));
        string harvest = File.ReadAllText(Path.Combine(_folder, "run.slurm", "2-harvest.sbatch"));
        Assert.Contains("#SBATCH --array=1-3\n", harvest, StringComparison.Ordinal);
        Assert.Contains("--part \"$SLURM_ARRAY_TASK_ID/3\"", harvest, StringComparison.Ordinal);

        static string After(string jobs, string script) => $"--parsable --kill-on-invalid-dep=yes --dependency=afterok:{jobs} {script}.sbatch";
    }

    /// <summary>As many workers as parts, where the recipe says how many these are: compared with what a run counted.</summary>
    [Fact]
    public void As_many_workers_are_asked_for_as_there_are_parts()
    {
        Recipe recipe = Recipe.Read(SharedRuns.Recipe, SharedRuns.Settings.Select(setting => new RecipeOverride(setting)));
        var jobs = SlurmJobs.Of(recipe.Settings, new Dictionary<string, int>());
        JsonNode status = JsonNode.Parse(SharedRuns.Run(["status", runs.Reference, "--json"]))!;
        foreach (SlurmJob job in jobs.Where(job => job.Name is "train" or "dictionary"))
        {
            int parts = status["stages"]!.AsArray().Where(stage => stage!["name"]!.GetValue<string>().Split(' ')[0] == job.Name)
                .Sum(stage => stage!["parts"]!.GetValue<int>());
            Assert.True(parts > 0 && parts == job.Workers, $"{job.Name}: {parts} parts, {job.Workers} workers");
        }
    }

    /// <summary>What the command says where it refuses; it writes nothing then.</summary>
    private string Refused(params string[] options)
    {
        var (code, _, error) = SharedRuns.End(SharedRuns.Start(Command("demo.toml", "run", options)));
        Assert.NotEqual(0, code);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
        return error;
    }

    private string[] Command(string recipe, string run, params string[] more) =>
        ["slurm", Path.Combine(Checkout.Root, "recipes", recipe), "--out", Path.Combine(_folder, run), .. more];

    private static string Which(string program) => Environment.GetEnvironmentVariable("PATH")!.Split(':')
        .Select(folder => Path.Combine(folder, program)).First(File.Exists);

    private static (int Code, string Output) Shell(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.GetAwaiter().GetResult());
    }
}
