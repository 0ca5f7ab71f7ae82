using System.Globalization;
using System.Text.RegularExpressions;
using Fovea.IO;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>
/// What goes wrong on a cluster, in the middle of a harvest of four parts: nothing is lost, nothing is doubled, the bytes are those of one
/// process, and a sentence says what happened. Workers are stopped (SIGSTOP) when they have a part, so that the moment is no accident.
/// </summary>
[Collection(SharedRuns.Name)]
public sealed class SlurmFaultTests(SharedRuns runs) : IDisposable
{
    private const string Harvest = "2-harvest.sbatch";
    private const int LeaseSeconds = 3;

    private readonly SlurmCluster _cluster = new(runs);
    private bool _mounted;

    public void Dispose()
    {
        _cluster.Dispose();
        if (_mounted) _cluster.Command("umount", "--lazy", runs.RunFolder);
    }

    [Fact]
    public void A_task_killed_leaves_its_part_to_another()
    {
        Prepare();
        string job = Sbatch("--array=1-2");
        var (_, worker) = StopAtPart();
        SlurmCluster.Signal("KILL", worker.Process);
        _cluster.WaitForJobs();
        Assert.Contains("The worker was killed: by hand, or because memory ran out (--mem).", _cluster.Logs(), StringComparison.Ordinal);
        // The other one took the part over, or had ended before: then the next task does.
        if (!IsComplete) Finish();
        RequireSame(job);
    }

    [Fact]
    public void Cancelled_tasks_save_and_the_same_script_goes_on()
    {
        Prepare();
        string job = Sbatch("--array=1-1");
        var (part, worker) = StopAtPart();
        Assert.Equal(0, _cluster.Command("scancel", job).Code);
        // Slurm wakes whom it tells to end.
        _cluster.WaitFor("the end of the worker", () => ProcessIdentity.Of(worker.Process) is null);
        _cluster.WaitForJobs();
        Assert.Contains("Interrupted. The same command continues from the last checkpoint", _cluster.Logs(), StringComparison.Ordinal);
        Assert.False(IsComplete);
        Assert.Matches("interrupted +harvest: [0-3] of 4 parts done, 0 running, 0 failed", SharedRuns.Run(["status", runs.RunFolder]));
        Assert.False(File.Exists(ClaimOf(part)), "the claim is given back");
        Finish();
        RequireSame(job);
    }

    /// <summary>The signal that Slurm sends ahead of a time limit, sent by hand: its own takes minutes.</summary>
    [Fact]
    public void A_task_whose_time_is_nearly_up_saves_and_is_requeued()
    {
        Prepare();
        string job = Sbatch("--array=1-1");
        var (_, worker) = StopAtPart();
        Assert.Equal(0, _cluster.Command("scancel", "--batch", "--signal=USR1", job + "_1").Code);
        GoOnInANewTurn(job, worker.Process);
        RequireSame(job);
    }

    [Fact]
    public void A_time_limit_of_Slurm_saves_and_requeues()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("FOVEA_CLUSTER") == "1", "takes minutes of Slurm's own: FOVEA_CLUSTER=1");
        Prepare();
        string job = Sbatch("--array=1-1", "--time=1");
        var (_, worker) = StopAtPart();
        GoOnInANewTurn(job, worker.Process);
        RequireSame(job);
    }

    /// <summary>
    /// The node's daemons are killed, the worker on it lives on, stopped: Slurm gives the task to another node, which takes the part when its
    /// lease is out. When all is done the orphan wakes up, in the middle of its part.
    /// </summary>
    [Fact]
    public void A_lost_nodes_worker_that_lives_on_does_no_harm()
    {
        Prepare(script => script.Replace("--quiet)", $"--quiet --lease {LeaseSeconds})", StringComparison.Ordinal)
            .Replace("setsid \"${command[@]}\"", "setsid unshare --uts bash -c 'hostname \"$SLURMD_NODENAME\"; exec \"$@\"' - \"${command[@]}\"", StringComparison.Ordinal));
        Assert.SkipUnless(_cluster.Command("unshare", "--uts", "hostname", "n1").Code == 0, "gives each node a name of its own (unshare --uts), which takes root");
        string job = Sbatch("--array=1-1");
        var (part, orphan) = StopAtPart();
        Assert.Matches("^n[1-4]$", orphan.Host);
        _cluster.LoseNode(orphan.Host, orphan.Process);
        DateTime renewed = File.GetLastWriteTimeUtc(ClaimOf(part));
        _cluster.WaitFor("the end of the lease", () => (DateTime.UtcNow - renewed).TotalSeconds > LeaseSeconds + 1);
        _cluster.StartRequeued(job);
        _cluster.WaitForJobs();
        Assert.True(IsComplete, _cluster.Logs());
        Assert.NotNull(ProcessIdentity.Of(orphan.Process));
        SlurmCluster.Signal("CONT", orphan.Process);
        _cluster.WaitFor("the end of the orphan", () => ProcessIdentity.Of(orphan.Process) is null);
        RequireSame(job);
    }

    [Fact]
    public void Two_tasks_of_one_number_share_the_parts()
    {
        Prepare();
        string job = Sbatch("--array=1-1");
        Sbatch("--array=1-1");
        _cluster.WaitForJobs();
        Assert.Equal(4, Regex.Matches(_cluster.Logs(), "made +([0-9]+) parts? of harvest").Sum(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)));
        RequireSame(job);
    }

    /// <summary>The claim of a stopped worker is deleted by hand, and another makes the same part: both come to their end.</summary>
    [Fact]
    public void Two_tasks_forced_on_one_part_write_the_same()
    {
        Prepare();
        string job = Sbatch("--array=1-1");
        var (part, first) = StopAtPart();
        File.Delete(ClaimOf(part));
        Sbatch("--array=1-1");
        var (other, second) = StopAtPart();
        Assert.Equal(part, other);
        Assert.NotEqual(first, second);
        SlurmCluster.Signal("CONT", first.Process, second.Process);
        _cluster.WaitForJobs();
        RequireSame(job);
    }

    [Fact]
    public void A_disk_that_is_full_in_a_part_is_said_and_the_rest_goes_on_when_there_is_room()
    {
        Prepare();
        Directory.Delete(runs.RunFolder, recursive: true);
        Directory.CreateDirectory(runs.RunFolder);
        _mounted = _cluster.Command("mount", "-t", "tmpfs", "-o", "size=64m", "none", runs.RunFolder).Code == 0;
        Assert.SkipUnless(_mounted, "mounts a small disk (tmpfs), which takes root");
        foreach (string entry in Directory.EnumerateFileSystemEntries(runs.Trained))
            Assert.Equal(0, _cluster.Command("cp", "-r", entry, runs.RunFolder).Code);
        // Room for one shard and a half.
        long used = new DriveInfo(runs.RunFolder) is var disk ? disk.TotalSize - disk.AvailableFreeSpace : 0;
        Resize(used + 2_000_000);
        string job = Sbatch("--array=1-1");
        _cluster.WaitForJobs();
        Assert.False(IsComplete);
        string status = SharedRuns.Run(["status", runs.RunFolder]);
        Assert.Matches("failed +harvest: 1 of 4 parts done, 0 running, [1-3] failed", status);
        Assert.Matches("failed +shard-0000[0-3]: process [0-9]+ on .*No space left on device", status);
        Assert.Matches("No space left on device.*[Ff]ree some", _cluster.Logs());
        Resize(64_000_000);
        Finish();
        RequireSame(job);
    }

    /// <summary>A run that has its network, and the scripts of the rest.</summary>
    private void Prepare(Func<string, string>? edit = null)
    {
        _cluster.Start();
        _ = runs.Reference;
        FolderCopies.Copy(runs.Trained, runs.RunFolder);
        if (Directory.Exists(_cluster.Scripts)) Directory.Delete(_cluster.Scripts, recursive: true);
        SharedRuns.Run(_cluster.ScriptCommand);
        Directory.CreateDirectory(Path.Combine(_cluster.Scripts, "logs"));
        string script = Path.Combine(_cluster.Scripts, Harvest), text = File.ReadAllText(script);
        string edited = edit?.Invoke(text) ?? text;
        Assert.Equal(edit is null, edited == text);
        File.WriteAllText(script, edited);
    }

    private string Sbatch(params string[] options)
    {
        var (code, text) = _cluster.Command("sbatch", ["--parsable", $"--chdir={_cluster.Scripts}", .. options, Path.Combine(_cluster.Scripts, Harvest)]);
        Assert.True(code == 0, text);
        return text.Trim();
    }

    /// <summary>Another task makes what is left.</summary>
    private void Finish()
    {
        Sbatch("--array=1-1");
        _cluster.WaitForJobs();
    }

    /// <summary>Waits until a worker that is not stopped yet has a part, and stops it.</summary>
    private (string Part, ProcessIdentity Worker) StopAtPart()
    {
        (string, ProcessIdentity)? found = null;
        string folder = Path.GetDirectoryName(ClaimOf("x"))!;
        _cluster.WaitFor("a part in work", () =>
        {
            if (!Directory.Exists(folder)) return false;
            foreach (string file in Directory.EnumerateFiles(folder, "shard-*.claim"))
            {
                try
                {
                    ProcessIdentity owner = DocumentFile.Read<Documents.ClaimRecord>(file).Owner;
                    SlurmCluster.Signal("STOP", owner.Process);
                    found = (Path.GetFileNameWithoutExtension(file), owner);
                    return true;
                }
                catch (FoveaException)
                {
                    // given back in between
                }
            }
            return false;
        }, milliseconds: 1);
        Assert.False(IsComplete, "stopped too late");
        return found!.Value;
    }

    /// <summary>Waits until the worker, which is stopped, was told that its time is nearly up; lets it save; starts the task's next turn.</summary>
    private void GoOnInANewTurn(string job, int worker)
    {
        WaitForSignal(worker, 10);
        int[] firstTurn = SlurmCluster.StepOf(worker);
        SlurmCluster.Signal("CONT", worker);
        // A second turn that began before Slurm hears of the first one's end would be taken for it.
        _cluster.WaitFor("the end of the first turn", () => firstTurn.All(process => ProcessIdentity.Of(process) is null));
        _cluster.StartRequeued(job);
        _cluster.WaitForJobs();
        // Both turns write in one file. On a busy machine the first one may be done with all parts before it hears the signal.
        string logs = _cluster.Logs();
        Assert.True(Regex.IsMatch(logs, "Time is nearly up[^\0]*(made +[1-4] parts? of harvest|joined +harvest)"), logs);
    }

    private void WaitForSignal(int process, int signal) => _cluster.WaitFor($"signal {signal}", () =>
    {
        string pending = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("ShdPnd:", StringComparison.Ordinal))[7..].Trim();
        return (ulong.Parse(pending, NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> (signal - 1) & 1) == 1;
    });

    private void Resize(long bytes) => Assert.Equal(
        0, _cluster.Command("mount", "-o", string.Create(CultureInfo.InvariantCulture, $"remount,size={bytes}"), runs.RunFolder).Code);

    private bool IsComplete => SharedRuns.Run(["status", runs.RunFolder]).Contains("complete      harvest", StringComparison.Ordinal);

    private string ClaimOf(string part) => Path.Combine(runs.RunFolder, "scratch", "activations", part + ".claim");

    /// <summary>The harvest is that of one process, and nothing else is there.</summary>
    private void RequireSame(string job)
    {
        Assert.True(IsComplete, $"{job}: {SharedRuns.Run(["status", runs.RunFolder])}\n{_cluster.Logs()}");
        var different = FolderCopies.Differences(Path.Combine(runs.Reference, "activations"), Path.Combine(runs.RunFolder, "activations"));
        Assert.True(different.Count == 0, $"{string.Join(", ", different)}\n{_cluster.Logs()}");
        Assert.False(Directory.Exists(Path.Combine(runs.RunFolder, "scratch")), "scratch is left over");
    }
}
