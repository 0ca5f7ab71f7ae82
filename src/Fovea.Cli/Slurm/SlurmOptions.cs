namespace Fovea.Cli.Slurm;

/// <summary>What a cluster is asked for.</summary>
/// <param name="Threads">Cores of each task, and threads of its work.</param>
/// <param name="Time">Time limit of a task, as Slurm writes it; null: the partition's.</param>
/// <param name="Memory">Memory of a task, as Slurm writes it; null: the partition's.</param>
/// <param name="Partition">The partition; null: the cluster's own choice.</param>
/// <param name="Lines">Further options of <c>sbatch</c>, as they stand after <c>#SBATCH</c>.</param>
internal sealed record SlurmOptions(int Threads, string? Time, string? Memory, string? Partition, IReadOnlyList<string> Lines);

/// <summary>One job: the stages of a kind, made by an array of workers; or the last, which joins what is left and makes the report.</summary>
/// <param name="Name">The kind of stage, or <c>report</c>.</param>
/// <param name="After">Jobs that must have ended well.</param>
/// <param name="Workers">How many tasks.</param>
internal sealed record SlurmJob(string Name, IReadOnlyList<string> After, int Workers)
{
    /// <summary>The name of the last one.</summary>
    public const string Report = "report";
}
