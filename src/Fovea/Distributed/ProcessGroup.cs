using System.Text;

namespace Fovea.Distributed;

/// <summary>
/// The processes that <c>mpirun</c> or <c>srun --mpi=pmix</c> started together, each with this program, over Open MPI. They train one dictionary whose batches are
/// cut into shards: the bytes are those of one process. Open MPI is loaded when a group is made, and needed for nothing else.
/// </summary>
public sealed class ProcessGroup : IDisposable
{
    private readonly MpiRanks _mpi;

    private ProcessGroup(MpiRanks mpi) => _mpi = mpi;

    /// <summary>How long a process may give no sign of life where nothing else is said.</summary>
    public static TimeSpan DefaultPatience => TimeSpan.FromSeconds(60);

    /// <summary>How many processes the launcher says it started on this machine; 1 where it does not say.</summary>
    public static int OnThisMachine => Math.Max(1, MpiLauncher.Of(Environment.GetEnvironmentVariable)?.LocalProcesses ?? 1);

    /// <summary>This process's number, from 0; the first one keeps states and writes results.</summary>
    public int Rank => _mpi.Rank;

    /// <summary>How many processes there are.</summary>
    public int Count => _mpi.Count;

    /// <summary>What the library calls itself, such as <c>Open MPI v4.1.4</c>.</summary>
    public string Library => _mpi.Library;

    /// <summary>The processes as the trainer sees them.</summary>
    internal IRanks Ranks => _mpi;

    /// <summary>Finds the processes that were started with this one. Once in a process.</summary>
    /// <param name="patience">A process that gives no sign of life for longer (it was stopped, or its machine is gone) ends all.</param>
    /// <param name="lost">Told the sentence that all end with, on a thread of the group; the process ends after it.</param>
    /// <exception cref="FoveaException">Resource: Open MPI is not installed, or it is another library. Configuration: the process was started by hand, or by a
    /// launcher that belongs to another library, so that the processes do not find each other.</exception>
    public static ProcessGroup Start(TimeSpan patience, Action<string> lost)
    {
        ArgumentNullException.ThrowIfNull(lost);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(patience, TimeSpan.Zero);
        return new ProcessGroup(MpiRanks.Start(patience, lost));
    }

    /// <summary>Throws unless all processes give the same word.</summary>
    /// <param name="word">At most 200 bytes in UTF-8.</param>
    /// <param name="what">What it says, for the message: "the recipe".</param>
    /// <exception cref="FoveaException">Configuration: they do not; thrown in all of them.</exception>
    public void RequireSame(string word, string what)
    {
        string[] words = _mpi.Words(word);
        if (words.Distinct(StringComparer.Ordinal).Count() > 1)
            throw FoveaException.BadConfiguration($"The {Count} processes do not agree in {what}: all need the same command line and the same run folder.");
    }

    /// <summary>The first process's number, in all.</summary>
    /// <param name="own">Looked at in the first process.</param>
    public int FromFirst(int own) => BitConverter.ToInt32(_mpi.FromFirst(BitConverter.GetBytes(own)));

    /// <summary>Ends all processes at once, because this one cannot go on; does not return.</summary>
    /// <param name="exitCode">What the launcher returns.</param>
    public void Abort(int exitCode) => _mpi.Abort(exitCode);

    /// <summary>The orderly end, to which all processes come: each waits here for the others. After a failure it is not to be called: <see cref="Abort"/> is.</summary>
    public void Dispose() => _mpi.Dispose();

    /// <summary>Says to the others what they are to take part in; the empty word: nothing more.</summary>
    internal void Announce(string work) => _mpi.FromFirst(Encoding.UTF8.GetBytes(work));

    /// <summary>Waits for what the first process says next.</summary>
    internal string Next() => Encoding.UTF8.GetString(_mpi.FromFirst([]));
}
