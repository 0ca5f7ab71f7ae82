using System.Diagnostics;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>
/// One dictionary trained by processes on two nodes of a Slurm cluster on this machine: srun tells Open MPI of them, or is refused; and what goes wrong among them.
/// </summary>
[Collection(SharedRuns.Name)]
public sealed class MpiClusterTests(SharedRuns shared, MpiRuns runs) : IDisposable
{
    private readonly SlurmCluster _cluster = new(shared);

    public void Dispose() => _cluster.Dispose();

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);

    [Fact]
    public void Processes_of_two_nodes_give_the_bytes_of_one_and_srun_without_pmix_is_refused()
    {
        Start();
        string run = runs.Copy(MpiRuns.Long);
        var (code, output, error) = SharedRuns.End(Srun(run, "--mpi=pmix", "--kill-on-bad-exit=1"));
        Assert.True(code == 0, error + output);
        MpiRuns.RequireSame(runs.LongReference, run);

        (code, output, error) = SharedRuns.End(Srun(runs.Copy(MpiRuns.Long), "--mpi=none"));
        Assert.Equal(2, code);
        Assert.Contains("give srun --mpi=pmix", error + output, StringComparison.Ordinal);
    }

    /// <summary>Slurm ends the others when it is asked to; else they notice by themselves.</summary>
    [Theory]
    [InlineData(true, "task 1: Killed")]
    [InlineData(false, "Process 1 of 2 .* has ended")]
    public void A_killed_process_ends_the_job_with_a_sentence_and_the_same_command_goes_on(bool asked, string sentence)
    {
        Start();
        string run = runs.Copy(MpiRuns.Long);
        string[] options = ["--mpi=pmix", asked ? "--kill-on-bad-exit=1" : "--kill-on-bad-exit=0"];
        Process job = Srun(run, options);
        MpiRuns.WaitForState(run, job);
        var clock = Stopwatch.StartNew();
        ProcessSignal.Send(MpiRuns.ProcessOf(run, 1)!.Value, "KILL");
        var (code, output, error) = SharedRuns.End(job);
        Assert.True(clock.Elapsed < Soon, $"{clock.Elapsed}");
        Assert.NotEqual(0, code);
        Assert.Matches(sentence, error + output);
        _cluster.WaitForJobs();
        runs.RequireGoneOn(run, () => Srun(run, options));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_stopped_process_ends_the_job_after_the_stall_limit_and_the_same_command_goes_on(int which)
    {
        Start();
        string run = runs.Copy(MpiRuns.Long);
        Process job = Srun(run, "--mpi=pmix", "--kill-on-bad-exit=1", "--stall-limit=2");
        MpiRuns.WaitForState(run, job);
        int stopped = MpiRuns.ProcessOf(run, which)!.Value;
        ProcessSignal.Send(stopped, "STOP");
        var clock = Stopwatch.StartNew();
        var (code, output, error) = SharedRuns.End(job);
        Assert.True(clock.Elapsed < Soon, $"{clock.Elapsed}");
        Assert.NotEqual(0, code);
        Assert.Matches($"Process {which} of 2 .*has given no sign of life for 2 s \\(--stall-limit\\)", error + output);
        _cluster.WaitForJobs();
        Assert.Null(MpiRuns.ProcessOf(run, which));
        runs.RequireGoneOn(run, () => Srun(run, "--mpi=pmix", "--kill-on-bad-exit=1"));
    }

    private void Start()
    {
        MpiRuns.Require();
        _cluster.Start();
        var (found, why) = _cluster.Command("srun", "--mpi=pmix", "true");
        Assert.SkipUnless(found == 0, $"needs Slurm's pmix, and the library by the name of libpmix-dev: {why}");
    }

    /// <summary>Two processes on two nodes; words of the training itself begin with <c>--stall</c>.</summary>
    private Process Srun(string run, params string[] options)
    {
        var start = new ProcessStartInfo("srun") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string word in (IEnumerable<string>)["-N2", "-n2", .. options.Where(word => !IsOfTraining(word)), SharedRuns.Program,
            .. MpiRuns.Train(run), "--mpi", .. options.Where(IsOfTraining)]) start.ArgumentList.Add(word);
        foreach (var (name, value) in _cluster.Variables) start.Environment[name] = value;
        return Process.Start(start)!;

        static bool IsOfTraining(string word) => word.StartsWith("--stall", StringComparison.Ordinal);
    }
}
