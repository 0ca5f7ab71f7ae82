using System.Globalization;
using System.Text;
using Fovea.Cli.Terminal;

namespace Fovea.Cli.Slurm;

/// <summary>Scripts for <c>sbatch</c>, one a kind of stage, and one that submits them: plain text that can be read and changed.</summary>
internal static class SlurmScripts
{
    /// <summary>The script that submits the others.</summary>
    public const string SubmitName = "submit";

    /// <summary>Where the scripts of a run are, where nothing else is said.</summary>
    public static string Folder(string run) => run.TrimEnd(Path.DirectorySeparatorChar) + ".slurm";

    /// <summary>Seconds before the time limit at which a task is told to save and end: two minutes are given to it, and one to spare.</summary>
    private const int SecondsAhead = 180;

    /// <summary>The file of a job.</summary>
    public static string FileOf(IReadOnlyList<SlurmJob> jobs, SlurmJob job) => string.Create(
        CultureInfo.InvariantCulture, $"{jobs.ToList().IndexOf(job) + 1}-{job.Name}.sbatch");

    /// <summary>The script of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="run">The name of the run, for Slurm's list.</param>
    /// <param name="command">The program, <c>run</c>, the recipe, <c>--out</c> and settings: as they are typed.</param>
    /// <param name="options">What the cluster is asked for.</param>
    public static string Job(SlurmJob job, string run, IReadOnlyList<string> command, SlurmOptions options)
    {
        bool isReport = job.Name == SlurmJob.Report;
        var text = new StringBuilder("#!/bin/bash\n");
        List<string> lines =
        [
            $"--job-name={string.Concat(run.Select(letter => char.IsWhiteSpace(letter) ? '-' : letter))}-{job.Name}",
            .. isReport ? (string[])[] : [string.Create(CultureInfo.InvariantCulture, $"--array=1-{job.Workers}")],
            "--nodes=1", "--ntasks=1", string.Create(CultureInfo.InvariantCulture, $"--cpus-per-task={options.Threads}"),
            .. Given("--time", options.Time), .. Given("--mem", options.Memory), .. Given("--partition", options.Partition),
            // A task that goes on after its node was lost, or its time was up, writes on in the same file.
            "--requeue", "--open-mode=append", $"--output=logs/%x-{(isReport ? "%j" : "%A_%a")}.log",
            string.Create(CultureInfo.InvariantCulture, $"--signal=B:USR1@{SecondsAhead}"), .. options.Lines,
        ];
        foreach (string line in lines) text.Append("#SBATCH ").Append(line).Append('\n');
        text.Append('\n').Append(isReport
            ? "# Joins what is left, if anything is, and makes the report.\n"
            : string.Create(CultureInfo.InvariantCulture, $"""
                # One of {job.Workers} workers on the stages of the kind '{job.Name}'. Each starts at its place among the parts and takes what is free:
                # --array may be changed, also to fewer, and the job submitted again; parts that are done stay done.

                """));
        string[] words =
        [
            .. command, .. isReport ? (string[])[] : ["--until", job.Name], "--threads",
            options.Threads.ToString(CultureInfo.InvariantCulture), "--quiet",
        ];
        text.Append("command=(").Append(ShellLine.Of(words)).Append(")\n");
        if (!isReport)
            text.Append(CultureInfo.InvariantCulture, $"command+=(--part \"$SLURM_ARRAY_TASK_ID/{job.Workers}\")\n");
        // scancel sends SIGTERM to the script and, as the cluster follows processes, to the worker too, whatever session it is in; a second
        // SIGTERM would end it at once. So the script hands on SIGUSR1, which asks for the same and does nothing where it was asked for.
        text.Append("""
            ahead=0
            setsid "${command[@]}" &
            worker=$!
            trap 'again=1; ahead=1; kill -USR1 $worker 2>/dev/null' USR1   # the time limit is near: save and leave
            trap 'again=1; kill -USR1 $worker 2>/dev/null' TERM   # cancelled: the same, and no new turn
            again=1
            while [ $again = 1 ]; do
              again=0
              wait $worker
              code=$?
            done
            if [ $ahead = 1 ] && [ $code = 143 ]; then   # saved in time: go on in a new turn
              scontrol requeue "$SLURM_JOB_ID"
            elif [ $code = 137 ]; then
              echo "The worker was killed: by hand, or because memory ran out (--mem). What is done stays done; submit it again." >&2
            fi
            exit $code

            """);
        return text.ToString();
    }

    /// <summary>The script that submits all jobs, each after those that it needs.</summary>
    public static string Submit(IReadOnlyList<SlurmJob> jobs)
    {
        var text = new StringBuilder("""
            #!/bin/bash
            # Submits the jobs, each to start when those before it have ended well. Given again, it goes on with what is left.
            set -eu
            cd "$(dirname "$0")"
            mkdir -p logs

            """);
        foreach (SlurmJob job in jobs)
        {
            string after = job.After.Count == 0 ? ""
                : $" --kill-on-invalid-dep=yes --dependency=afterok:{string.Join(':', job.After.Select(name => "$" + name))}";
            text.Append(CultureInfo.InvariantCulture, $"{job.Name}=$(sbatch --parsable{after} {FileOf(jobs, job)})\n");
            text.Append(CultureInfo.InvariantCulture, $"echo \"{job.Name} ${job.Name}\"\n");
        }
        return text.ToString();
    }

    private static IEnumerable<string> Given(string option, string? value) => value is null ? [] : [$"{option}={value}"];
}
