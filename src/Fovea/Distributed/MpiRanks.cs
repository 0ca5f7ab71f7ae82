using System.Diagnostics;
using System.Runtime.InteropServices;
using Fovea.IO;
using Fovea.Numerics;

namespace Fovea.Distributed;

/// <summary>
/// The processes of MPI_COMM_WORLD. Every exchange is one that does not block, and is asked after: first awake, then between short sleeps, so that a process that
/// waits for another's evaluation leaves it the cores. Whether the others live is <see cref="SignsOfLife"/>' to say.
/// </summary>
internal sealed unsafe class MpiRanks : IRanks, IDisposable
{
    /// <summary>Bytes of a piece of a sum on each rank: what is sent, and what comes back, is added while it is in a cache.</summary>
    private const int PieceBytes = 4 << 20;

    /// <summary>Of a call that is given bytes at once: counts are of 31 bits.</summary>
    private const int MostBytes = 1 << 30;

    /// <summary>How long to ask without a sleep: an exchange under way moves on only while it is asked after.</summary>
    private static readonly TimeSpan Awake = TimeSpan.FromMilliseconds(50);

    private readonly MpiLibrary _mpi;
    private readonly Lock _calls = new();
    private readonly SignsOfLife _life;
    private readonly NativeBuffer<nint> _request = new(1);
    private NativeBuffer<float> _received = new(0), _tail = new(0);
    private int _ended;

    private MpiRanks(MpiLibrary mpi, int rank, int count, TimeSpan patience, Action<string> lost)
    {
        (_mpi, Rank, Count) = (mpi, rank, count);
        _life = new SignsOfLife(mpi, _calls, rank, count, patience, sentence =>
        {
            lost(sentence);
            Abort((int)FailureKind.Resource);
        });
    }

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Count { get; }

    /// <summary>What the library calls itself, its first words.</summary>
    public string Library { get; private init; } = "";

    /// <summary>Machines by rank, and processes.</summary>
    public IReadOnlyList<ProcessIdentity> Processes { get; private set; } = [];

    /// <summary>Takes up the processes that mpirun or srun started with this one. Once in a process.</summary>
    /// <param name="patience">A process without a sign of life for longer ends all.</param>
    /// <param name="lost">Told the sentence that all end with, from another thread; then all are ended.</param>
    /// <exception cref="FoveaException">Resource: Open MPI is not here. Configuration: the launcher is missing or another library's.</exception>
    public static MpiRanks Start(TimeSpan patience, Action<string> lost)
    {
        var launcher = MpiLauncher.Of(Environment.GetEnvironmentVariable);
        MpiLauncher.Require(launcher);
        var mpi = MpiLibrary.Load(Environment.GetEnvironmentVariable(MpiLibrary.PathVariable));
        int provided, rank, count;
        if (mpi.InitThread(null, null, MpiLibrary.ThreadSerialized, &provided) != 0 || provided < MpiLibrary.ThreadSerialized)
            throw FoveaException.OutOfResource($"{mpi.Version} cannot be called from several threads, one at a time.");
        _ = mpi.CommRank(mpi.World, &rank);
        _ = mpi.CommSize(mpi.World, &count);
        string library = mpi.Version.Split(',')[0];
        launcher!.RequireSize(count, library);
        var ranks = new MpiRanks(mpi, rank, count, patience, lost) { Library = library };
        ranks.Introduce();
        return ranks;
    }

    /// <inheritdoc/>
    public void Gather(void* own, void* all, int bytes)
    {
        if (bytes == 0) return;
        Call(() => _mpi.Iallgather(own, bytes, _mpi.Byte, all, bytes, _mpi.Byte, _mpi.World, _request.Pointer));
    }

    /// <inheritdoc/>
    public void Broadcast(void* data, long bytes)
    {
        for (long at = 0; at < bytes; at += MostBytes)
        {
            byte* part = (byte*)data + at;
            int length = (int)Math.Min(MostBytes, bytes - at);
            Call(() => _mpi.Ibcast(part, length, _mpi.Byte, 0, _mpi.World, _request.Pointer));
        }
    }

    /// <inheritdoc/>
    public void Sum(float* data, long count)
    {
        if (Count == 1) return;
        // Every rank adds its share of each piece: what all send of it stands row by row.
        int share = Math.Max(1, PieceBytes / sizeof(float) / Count), piece = share * Count;
        float* rows = NativeBuffer<float>.Ensure(ref _received, piece);
        for (long at = 0; at < count; at += piece)
        {
            if (count - at >= piece) SumPiece(data + at, share, rows);
            else SumTail(data + at, (int)(count - at), rows);
        }
    }

    /// <summary>Ends all processes; does not return.</summary>
    /// <param name="exitCode">What the launcher returns.</param>
    public void Abort(int exitCode)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0) Thread.Sleep(Timeout.Infinite);
        // A call of the other thread may be under way and never return; it has had its time.
        _ = _calls.TryEnter(TimeSpan.FromSeconds(2));
        _ = _mpi.Abort(_mpi.World, exitCode);
        Environment.Exit(exitCode);
    }

    /// <summary>
    /// The orderly end, which all processes come to: MPI waits here for each of them. Where one failed it is not to be called: <see cref="Abort"/> is.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0) return;
        this.Any(false);
        _life.Dispose();
        lock (_calls) _ = _mpi.Finalize();
        _request.Dispose();
        _received.Dispose();
        _tail.Dispose();
    }

    private void Introduce()
    {
        var own = ProcessIdentity.Current;
        string[] words = this.Words($"{own.Host}\n{own.Process}\n{own.Started}");
        Processes = [.. words.Select(word => word.Split('\n')).Select(
            parts => new ProcessIdentity(parts[0], int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture), parts[2]))];
        _life.Begin(Processes);
    }

    private void SumTail(float* data, int count, float* rows)
    {
        int share = (count + Count - 1) / Count;
        float* padded = NativeBuffer<float>.Ensure(ref _tail, (long)share * Count);
        NativeBuffer<float>.Copy(data, padded, count);
        NativeMemory.Clear(padded + count, (nuint)(share * Count - count) * sizeof(float));
        SumPiece(padded, share, rows);
        NativeBuffer<float>.Copy(padded, data, count);
    }

    private void SumPiece(float* data, int share, float* rows)
    {
        int bytes = share * sizeof(float);
        Call(() => _mpi.Ialltoall(data, bytes, _mpi.Byte, rows, bytes, _mpi.Byte, _mpi.World, _request.Pointer));
        FixedTree.Sum(rows, Count, share);
        Call(() => _mpi.Iallgather(rows, bytes, _mpi.Byte, data, bytes, _mpi.Byte, _mpi.World, _request.Pointer));
    }

    private void Call(Func<int> begin)
    {
        int done = 0;
        lock (_calls)
        {
            if (begin() != 0) throw FoveaException.OutOfResource($"{Library} refused an exchange between processes.");
        }
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            lock (_calls) _ = _mpi.Test(_request.Pointer, &done, null);
            if (done != 0) return;
            if (Stopwatch.GetElapsedTime(start) < Awake) Thread.Yield();
            else Thread.Sleep(1);
        }
    }
}
