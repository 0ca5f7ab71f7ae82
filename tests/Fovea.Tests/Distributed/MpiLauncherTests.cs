using Fovea.Distributed;
using Xunit;

namespace Fovea.Tests.Distributed;

/// <summary>What launchers leave in a process's variables, as they were seen there (Slurm 22.05, Open MPI 4.1, MPICH 4.0).</summary>
public sealed class MpiLauncherTests
{
    [Theory]
    [InlineData("", null, 0, 0, false)]
    [InlineData("SLURM_JOB_ID=3 SLURM_NTASKS=4", null, 0, 0, false)] // a batch script itself
    [InlineData("OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_LOCAL_SIZE=2 PMIX_RANK=1", "mpirun", 4, 2, true)]
    [InlineData("OMPI_COMM_WORLD_SIZE=4 SLURM_STEP_ID=0 SLURM_PROCID=0 SLURM_NTASKS=2", "mpirun", 4, 1, true)] // mpirun in a batch script
    [InlineData("SLURM_STEP_ID=0 SLURM_PROCID=1 SLURM_NTASKS=8 SLURM_STEP_NUM_TASKS=6 SLURM_STEP_TASKS_PER_NODE=3(x2) PMIX_RANK=1", "srun", 6, 3, true)]
    [InlineData("SLURM_STEP_ID=0 SLURM_PROCID=1 SLURM_NTASKS=8", "srun", 8, 1, false)]
    [InlineData("SLURM_STEP_ID=0 SLURM_PROCID=1 SLURM_NTASKS=8 PMI_RANK=1 PMI_SIZE=8", "srun", 8, 1, false)] // --mpi=pmi2
    [InlineData("PMI_SIZE=2 PMI_RANK=0 MPI_LOCALNRANKS=2", "an mpiexec that is not Open MPI's", 2, 2, false)]
    [InlineData("PMIX_RANK=0", "a launcher with PMIx", 0, 1, true)]
    public void A_launcher_is_known_by_its_variables(string variables, string? name, int processes, int local, bool serves)
    {
        var known = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        var launcher = MpiLauncher.Of(known.GetValueOrDefault);
        Assert.Equal(name is null ? null : new MpiLauncher(name, processes, local, serves), launcher);
        if (serves) MpiLauncher.Require(launcher);
        else Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(() => MpiLauncher.Require(launcher)).Kind);
    }

    [Theory]
    [InlineData(4, 4, true)]
    [InlineData(4, 1, false)]
    [InlineData(4, 2, false)]
    [InlineData(0, 3, true)] // nobody says
    public void A_world_of_another_size_is_refused(int started, int found, bool fits)
    {
        var launcher = new MpiLauncher("mpirun", started, 1, true);
        if (fits) launcher.RequireSize(found, "Open MPI v4.1.4");
        else Assert.Contains($"started {started} processes, but this one finds {found}", Assert.Throws<FoveaException>(
            () => launcher.RequireSize(found, "Open MPI v4.1.4")).Message, StringComparison.Ordinal);
    }
}
