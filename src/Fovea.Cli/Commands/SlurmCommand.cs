using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Globalization;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Slurm;
using Fovea.Cli.Terminal;
using Fovea.IO;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea slurm RECIPE.toml</c>: scripts that carry out a run on a cluster.</summary>
internal sealed class SlurmCommand : FoveaCommand
{
    private readonly Argument<string> _recipe = new("RECIPE") { Description = "The recipe, a TOML file (docs/reference/recipes.md)." };
    private readonly Option<string> _out = new("--out", "-o")
    {
        Description = "The run folder, on a disk that all nodes see.",
        HelpName = "DIR",
        Required = true,
    };
    private readonly Option<string?> _scripts = new("--scripts") { Description = "Where the scripts go (DIR.slurm).", HelpName = "DIR" };
    private readonly Option<Dictionary<string, int>?> _parts = new("--parts")
    {
        Description = "How many workers on which kind of stage: harvest=64,features=16.",
        HelpName = "STAGE=N,…",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ParseParts,
    };
    private readonly Option<int?> _threads = SharedOptions.Positive(
        new Option<int?>("--threads") { Description = "Cores and threads of each worker (1).", HelpName = "N" });
    private readonly Option<string?> _time = new("--time") { Description = "Time limit of a worker, as sbatch takes it.", HelpName = "T" };
    private readonly Option<string?> _memory = new("--mem") { Description = "Memory of a worker, as sbatch takes it.", HelpName = "SIZE" };
    private readonly Option<string?> _partition = new("--partition") { Description = "The partition.", HelpName = "NAME" };
    private readonly Option<string[]> _lines = new("--sbatch")
    {
        Description = "A further option of sbatch for every job, such as --sbatch=--account=vision; may be repeated.",
        HelpName = "OPTION",
        DefaultValueFactory = _ => [],
    };
    private readonly Option<bool> _submit = new("--submit") { Description = "Submit them." };

    public SlurmCommand(AppEnvironment app)
        : base(app, "slurm", "Writes scripts that carry out a recipe on a Slurm cluster, in arrays of workers, and submits them if asked to.")
    {
        foreach (Option option in (Option[])[_out, _scripts, _parts, _threads, _time, _memory, _partition, _lines, _submit,
            SharedOptions.Set, SharedOptions.Seed]) Add(option);
        Add(_recipe);
        Examples =
        [
            "fovea slurm recipes/imagenet-resnet18.toml --out /shared/runs/imagenet --parts harvest=64,sweep=16 --threads 4 --time 4:00:00 --mem 16G",
            "fovea slurm recipes/imagenet-resnet18.toml --out /shared/runs/imagenet --partition cpu --submit",
        ];
    }

    protected override int Execute(CommandContext context)
    {
        string[] settings =
        [
            .. (context.Get(SharedOptions.Set) ?? []).SelectMany(assignment => new[] { "--set", assignment }),
            .. context.Get(SharedOptions.Seed) is { } seed ? (string[])["--seed", seed.ToString(CultureInfo.InvariantCulture)] : [],
        ];
        string path = Path.GetFullPath(context.Get(_recipe)), run = Path.GetFullPath(context.Get(_out)!);
        Recipe recipe = Recipe.Read(path, WorkflowCommand.Overrides(context));
        IReadOnlyList<SlurmJob> jobs = SlurmJobs.Of(recipe.Settings, context.Get(_parts) ?? []);
        var options = new SlurmOptions(
            context.Get(_threads) ?? 1, context.Get(_time), context.Get(_memory), context.Get(_partition), context.Get(_lines)!);
        RequireLines(options);
        string folder = Path.GetFullPath(context.Get(_scripts) ?? SlurmScripts.Folder(run));
        string[] command = [.. OwnProgram.Start, "run", path, "--out", run, .. settings];
        foreach (SlurmJob job in jobs)
            AtomicFile.WriteText(
                Path.Combine(folder, SlurmScripts.FileOf(jobs, job)), SlurmScripts.Job(job, recipe.Settings.Name, command, options));
        string submit = Path.Combine(folder, SlurmScripts.SubmitName);
        AtomicFile.WriteText(submit, SlurmScripts.Submit(jobs));
        MakeExecutable(submit);
        string[] submitted = context.Get(_submit) ? Submit(submit) : [];
        context.Result(
            new SlurmResult(run, folder, submit, [.. jobs.Select(job => new SlurmJobResult(
                job.Name, Path.Combine(folder, SlurmScripts.FileOf(jobs, job)), job.Workers, job.After))], submitted),
            text =>
            {
                text.WriteLine($"run folder    {run}");
                foreach (SlurmJob job in jobs)
                    text.WriteLine($"{job.Name,-12}  {Path.Combine(folder, SlurmScripts.FileOf(jobs, job))}, {job.Workers} "
                        + $"{(job.Workers == 1 ? "worker" : "workers")}{(job.After.Count > 0 ? $", after {string.Join(", ", job.After)}" : "")}");
                if (submitted.Length == 0) text.WriteLine($"submit        {ShellLine.Of([submit])}");
                foreach (string line in submitted) text.WriteLine($"submitted     {line}");
                text.WriteLine($"status        {ShellLine.Of(["fovea", "status", run])}");
            });
        return ExitCode.Done;
    }

    /// <summary>So that it can be called by its name; a disk that keeps no such rights leaves <c>bash submit</c>.</summary>
    private static void MakeExecutable(string script)
    {
        if (OperatingSystem.IsWindows()) return;
        try { File.SetUnixFileMode(script, File.GetUnixFileMode(script) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }

    /// <summary>Runs the script; gives its lines: the names of the jobs and Slurm's numbers.</summary>
    private static string[] Submit(string script)
    {
        using var process = Process.Start(
            new ProcessStartInfo("bash", [script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode == 0) return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        throw FoveaException.OutOfResource(
            $"The jobs could not be submitted: {error.Result.Trim()} The scripts are written: submit them where Slurm is installed, with {script}.");
    }

    /// <summary>Values become lines of a script: nothing in them may begin another line.</summary>
    private static void RequireLines(SlurmOptions options)
    {
        foreach (string? value in (string?[])[options.Time, options.Memory, options.Partition, .. options.Lines])
        {
            if (value is not null && (value.Length == 0 || value.Any(char.IsControl)))
                throw FoveaException.BadConfiguration("An option for sbatch is empty or has a line break in it.");
        }
    }

    private static Dictionary<string, int>? ParseParts(ArgumentResult result)
    {
        var parts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string one in result.Tokens.SelectMany(token => token.Value.Split(',')))
        {
            string[] words = one.Split('=');
            if (words.Length == 2 && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count >= 1
                && parts.TryAdd(words[0], count)) continue;
            result.AddError($"--parts has '{one}': it must be a stage and a number of workers, each stage once: harvest=64,features=16.");
            return null;
        }
        return parts;
    }
}
