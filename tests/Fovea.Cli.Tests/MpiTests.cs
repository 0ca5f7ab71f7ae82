using System.Diagnostics;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>One dictionary trained by several processes that mpirun started, and what goes wrong among them.</summary>
public sealed class MpiTests(MpiRuns runs)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Every_variant_has_the_bytes_that_one_process_gives(int processes)
    {
        MpiRuns.Require();
        string run = runs.Copy(MpiRuns.Variants);
        var (code, output, error) = SharedRuns.End(MpiRuns.Start(processes, run, "--json"));
        Assert.True(code == 0, error + output);
        Assert.Equal(8, System.Text.Json.Nodes.JsonNode.Parse(output)!["dictionaries"]!.AsArray().Count);
        MpiRuns.RequireSame(runs.Reference, run);
    }

    /// <summary>
    /// A pause shorter than the limit is none of its business, though each wait for it is longer than a beat. mpirun ends the others when one dies; what is left is
    /// the first one's last state, from which any number of processes go on.
    /// </summary>
    [Fact]
    public void A_killed_process_ends_all_where_a_paused_one_did_not_and_the_next_start_goes_on()
    {
        MpiRuns.Require();
        string run = runs.Copy(MpiRuns.Long);
        var (process, other) = StartAndWaitForState(run, "--stall-limit", "8");
        ProcessSignal.Send(other, "STOP");
        Thread.Sleep(2500);
        Assert.False(process.HasExited);
        ProcessSignal.Send(other, "CONT");
        var clock = Stopwatch.StartNew();
        ProcessSignal.Send(other, "KILL");
        var (code, output, error) = SharedRuns.End(process);
        Assert.True(clock.Elapsed < Soon, $"{clock.Elapsed}");
        Assert.NotEqual(0, code);
        Assert.Matches("Process 1 of 2 .* has ended|exited on signal 9", error + output);
        GoOn(run, 2);
    }

    [Fact]
    public void A_stopped_process_ends_all_after_the_stall_limit_and_the_next_start_goes_on()
    {
        MpiRuns.Require();
        string run = runs.Copy(MpiRuns.Long);
        var (process, other) = StartAndWaitForState(run, "--stall-limit", "2");
        var clock = Stopwatch.StartNew();
        ProcessSignal.Send(other, "STOP");
        var (code, output, error) = SharedRuns.End(process);
        Assert.True(clock.Elapsed < Soon, $"{clock.Elapsed}");
        Assert.True(clock.Elapsed > TimeSpan.FromSeconds(1.5), $"{clock.Elapsed}");
        Assert.Equal(5, code);
        Assert.Contains("has given no sign of life for 2 s (--stall-limit)", error + output, StringComparison.Ordinal);
        GoOn(run, 1);
    }

    /// <summary>The first process keeps the state, and its end is seen by the others: the same from their side.</summary>
    [Fact]
    public void A_stopped_first_process_ends_all_too()
    {
        MpiRuns.Require();
        string run = runs.Copy(MpiRuns.Long);
        var (process, _) = StartAndWaitForState(run, "--stall-limit", "2");
        ProcessSignal.Send(MpiRuns.ProcessOf(run, 0)!.Value, "STOP");
        var clock = Stopwatch.StartNew();
        var (code, output, error) = SharedRuns.End(process);
        Assert.True(clock.Elapsed < Soon, $"{clock.Elapsed}");
        Assert.Equal(5, code);
        Assert.Contains("Process 0 of 2", error + output, StringComparison.Ordinal);
    }

    [Fact]
    public void Processes_told_to_end_save_and_leave_after_the_same_step()
    {
        MpiRuns.Require();
        string run = runs.Copy(MpiRuns.Long);
        var (process, _) = StartAndWaitForState(run);
        // What mpirun passes on at once; SIGTERM it follows by SIGKILL within two seconds.
        ProcessSignal.Send(process.Id, "USR1");
        var (code, output, error) = SharedRuns.End(process);
        Assert.Equal(143, code);
        Assert.Contains("Interrupted. The same command continues from the last checkpoint", error + output, StringComparison.Ordinal);
        GoOn(run, 4);
    }

    [Fact]
    public void What_one_process_alone_cannot_do_it_says_and_ends_all()
    {
        MpiRuns.Require();
        string run = runs.Copy(MpiRuns.Long);
        string[] command = [SharedRuns.Program, .. MpiRuns.Train(run), "--mpi"];
        var clock = Stopwatch.StartNew();
        var (code, output, error) = SharedRuns.End(MpiRuns.StartAll(["-n", "1", .. command, ":", "-n", "1", .. command, "--device", "mps"]));
        // From the start of all processes on; what is shown is that nobody waits for ever.
        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), $"{clock.Elapsed}");
        Assert.Equal(5, code);
        Assert.Matches("process 1 of 2 on .*:\\s+error: There is no Metal device", error + output);
    }

    [Fact]
    public void Processes_with_other_recipes_are_refused()
    {
        MpiRuns.Require();
        string run = runs.Copy(MpiRuns.Long);
        string[] command = [SharedRuns.Program, .. MpiRuns.Train(run), "--mpi"];
        var (code, output, error) = SharedRuns.End(MpiRuns.StartAll(["-n", "1", .. command, ":", "-n", "1", .. command, "--epochs", "3"]));
        Assert.Equal(2, code);
        Assert.Contains("do not agree in the recipe", error + output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_of_processes_that_does_not_divide_the_shards_is_refused_before_anything_is_trained()
    {
        MpiRuns.Require();
        string run = runs.Copy(MpiRuns.Long);
        var (code, output, error) = SharedRuns.End(MpiRuns.Start(3, run));
        Assert.Equal(2, code);
        Assert.Contains("4 shards cannot be dealt out to 3 processes", error + output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(run, "dictionaries", "block4")));
    }

    /// <summary>A launcher that belongs to another library: each process would be alone, without a word.</summary>
    [Theory]
    [InlineData("OMPI_COMM_WORLD_SIZE=2", "mpirun started 2 processes, but this one finds 1 in its world")]
    [InlineData("PMI_SIZE=2", "2 processes were started by an mpiexec that is not Open MPI's")]
    [InlineData("SLURM_STEP_ID=0 SLURM_PROCID=0 SLURM_NTASKS=2", "give srun --mpi=pmix")]
    [InlineData("", "was started by hand")]
    public void Worlds_of_one_are_refused(string variables, string sentence)
    {
        MpiRuns.Require();
        string run = runs.Copy(MpiRuns.Long);
        var (code, output, error) = SharedRuns.End(SharedRuns.Start([.. MpiRuns.Train(run), "--mpi"], Environment(variables)));
        Assert.Equal(2, code);
        Assert.Contains(sentence, error + output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_Open_MPI_the_command_says_what_to_install()
    {
        string run = Path.Combine(Path.GetTempPath(), "no-run");
        var (code, output, error) = SharedRuns.End(SharedRuns.Start(
            [.. MpiRuns.Train(run), "--mpi"], Environment("OMPI_COMM_WORLD_SIZE=2 FOVEA_MPI_LIBRARY=/nowhere/libmpi.so.40")));
        Assert.Equal(5, code);
        Assert.Contains("apt-get install openmpi-bin", error + output, StringComparison.Ordinal);
    }

    /// <summary>MPICH's library has another interface; here any library that is none of Open MPI's stands for it.</summary>
    [Fact]
    public void Another_library_is_not_called()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "names a library of Linux");
        var (code, output, error) = SharedRuns.End(SharedRuns.Start(
            [.. MpiRuns.Train("no-run"), "--mpi"], Environment("OMPI_COMM_WORLD_SIZE=2 FOVEA_MPI_LIBRARY=libm.so.6")));
        Assert.Equal(5, code);
        Assert.Contains("libm.so.6 is no Open MPI", error + output, StringComparison.Ordinal);
    }

    /// <summary>Starts two processes on the longer training, and waits until there is a state to go on from.</summary>
    private static (Process Mpirun, int Other) StartAndWaitForState(string run, params string[] more)
    {
        var process = MpiRuns.Start(2, run, more);
        MpiRuns.WaitForState(run, process);
        return (process, MpiRuns.ProcessOf(run, 1)!.Value);
    }

    private void GoOn(string run, int processes) => runs.RequireGoneOn(
        run, () => processes == 1 ? SharedRuns.Start(MpiRuns.Train(run)) : MpiRuns.Start(processes, run));

    private static Dictionary<string, string> Environment(string variables) => new(
        MpiRuns.Variables.Concat(variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('='))
            .Select(pair => KeyValuePair.Create(pair[0], pair[1]))));
}
