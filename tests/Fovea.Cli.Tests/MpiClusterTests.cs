using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>One dictionary trained by processes on two nodes of a Slurm cluster on this machine: srun tells Open MPI of them, or is refused.</summary>
[Collection(SharedRuns.Name)]
public sealed class MpiClusterTests(SharedRuns shared, MpiRuns runs) : IDisposable
{
    private readonly SlurmCluster _cluster = new(shared);

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void Processes_of_two_nodes_give_the_bytes_of_one_and_srun_without_pmix_is_refused()
    {
        MpiRuns.Require();
        _cluster.Start();
        var (found, why) = _cluster.Command("srun", "--mpi=pmix", "true");
        Assert.SkipUnless(found == 0, $"needs Slurm's pmix, and the library by the name of libpmix-dev: {why}");
        string run = runs.Copy(MpiRuns.Long);
        var (code, text) = Srun(run, "--mpi=pmix", "--kill-on-bad-exit=1");
        Assert.True(code == 0, text);
        Assert.Empty(FolderCopies.Differences(Path.Combine(runs.LongReference, "dictionaries"), Path.Combine(run, "dictionaries")));

        (code, text) = Srun(runs.Copy(MpiRuns.Long), "--mpi=none");
        Assert.Equal(2, code);
        Assert.Contains("give srun --mpi=pmix", text, StringComparison.Ordinal);
    }

    private (int Code, string Output) Srun(string run, params string[] options) => _cluster.Command(
        "srun", ["-N2", "-n2", .. options, SharedRuns.Program, .. MpiRuns.Train(run), "--mpi"]);
}
