using System.Globalization;

namespace Fovea.Distributed;

/// <summary>
/// What started this process, as its variables say. A library of MPI that its launcher does not speak to makes worlds of one without a word: each process would
/// train the whole dictionary alone, into one folder.
/// </summary>
/// <param name="Name">What people call it.</param>
/// <param name="Processes">How many it says it started.</param>
/// <param name="LocalProcesses">How many of them on this machine; 1 where it does not say.</param>
/// <param name="Serves">Whether Open MPI can hear from it who the others are.</param>
internal sealed record MpiLauncher(string Name, int Processes, int LocalProcesses, bool Serves)
{
    /// <summary>The launcher of a process with these variables; null: it was started by hand.</summary>
    public static MpiLauncher? Of(Func<string, string?> variable)
    {
        // A batch script that calls mpirun has the variables of Slurm too, where they count mpirun's daemons.
        if (Number("OMPI_COMM_WORLD_SIZE") is { } own) return new MpiLauncher("mpirun", own, Number("OMPI_COMM_WORLD_LOCAL_SIZE") ?? 1, true);
        bool pmix = variable("PMIX_RANK") is not null;
        if (variable("SLURM_STEP_ID") is not null && variable("SLURM_PROCID") is not null)
            return new MpiLauncher("srun", Number("SLURM_STEP_NUM_TASKS") ?? Number("SLURM_NTASKS") ?? 1, LocalTasks(variable("SLURM_STEP_TASKS_PER_NODE")), pmix);
        if (Number("PMI_SIZE") is { } other) return new MpiLauncher("an mpiexec that is not Open MPI's", other, Number("MPI_LOCALNRANKS") ?? 1, false);
        return pmix ? new MpiLauncher("a launcher with PMIx", 0, 1, true) : null;

        int? Number(string name) => int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
    }

    /// <summary>Throws unless the world can be the launcher's.</summary>
    /// <param name="launcher">Null: started by hand.</param>
    /// <exception cref="FoveaException">Configuration: what to start the program with.</exception>
    public static void Require(MpiLauncher? launcher)
    {
        if (launcher is null)
            throw FoveaException.BadConfiguration(
                "--mpi is for several processes that mpirun or srun started, and this one was started by hand: "
                    + "mpirun --bind-to none -n 2 fovea sae train --mpi … or srun -n 2 --mpi=pmix fovea sae train --mpi …");
        if (launcher.Serves) return;
        throw FoveaException.BadConfiguration(
            launcher.Name == "srun"
                ? $"srun started {launcher.Processes} processes without telling Open MPI of each other: give srun --mpi=pmix (srun --mpi=list says whether it has it)."
                : $"{launcher.Processes} processes were started by {launcher.Name}, which does not tell Open MPI of each other: start them with Open MPI's mpirun, or srun --mpi=pmix.");
    }

    /// <summary>Throws unless as many processes found each other as were started.</summary>
    /// <param name="found">The size of the world.</param>
    /// <param name="library">What the library calls itself.</param>
    /// <exception cref="FoveaException">Configuration.</exception>
    public void RequireSize(int found, string library)
    {
        if (Processes == 0 || found == Processes) return;
        throw FoveaException.BadConfiguration(
            $"{Name} started {Processes} processes, but this one finds {found} in its world: the library ({library}) is not the one that {Name} belongs to. "
                + "Start them with the same Open MPI's mpirun, or with srun --mpi=pmix.");
    }

    /// <summary>The first machine's of a list such as <c>2(x3),1</c>: the largest there is where tasks are dealt out evenly.</summary>
    private static int LocalTasks(string? list) =>
        list is not null && int.TryParse(list.Split(',', '(')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int tasks) ? tasks : 1;
}
