using System.Diagnostics;
using Fovea.IO;
using Fovea.Numerics;

namespace Fovea.Distributed;

/// <summary>
/// Whether the other processes live: each has a thread that sends the first one a byte a second, and the first one sends one back. A process that computes, measures
/// or writes for minutes beats on, so nobody has to know beforehand how long that takes; one that was stopped, or whose machine is gone, does not. A process of the
/// same machine that has ended is seen at once. Whoever finds one lost says so and ends all.
/// </summary>
internal sealed unsafe class SignsOfLife : IDisposable
{
    private const int Tag = 7701;

    private static readonly TimeSpan LongestBeat = TimeSpan.FromSeconds(1);

    private readonly MpiLibrary _mpi;
    private readonly Lock _calls;
    private readonly int _rank, _count;
    private readonly TimeSpan _patience, _beat;
    private readonly Action<string> _lost;
    private readonly ManualResetEventSlim _end = new(false);
    private readonly NativeBuffer<nint> _sends, _receives;
    private readonly NativeBuffer<byte> _bytes;
    private readonly TimeSpan[] _silent;
    private readonly bool[] _seen;
    private IReadOnlyList<ProcessIdentity> _processes = [];
    private Thread? _thread;

    /// <param name="mpi">The library.</param>
    /// <param name="calls">Held during each of its calls.</param>
    /// <param name="rank">This process.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="patience">How long one may be silent.</param>
    /// <param name="lost">Gets a sentence where one was for longer, or has ended.</param>
    public SignsOfLife(MpiLibrary mpi, Lock calls, int rank, int count, TimeSpan patience, Action<string> lost)
    {
        (_mpi, _calls, _rank, _count, _patience, _lost) = (mpi, calls, rank, count, patience, lost);
        _beat = TimeSpan.FromTicks(Math.Min(LongestBeat.Ticks, patience.Ticks / 5));
        (_sends, _receives, _bytes) = (new NativeBuffer<nint>(count), new NativeBuffer<nint>(count), new NativeBuffer<byte>(2L * count));
        (_silent, _seen) = (new TimeSpan[count], new bool[count]);
    }

    /// <summary>Those that this process hears from: the first one from all, the others from it.</summary>
    private IEnumerable<int> Peers => _rank == 0 ? Enumerable.Range(1, _count - 1) : [0];

    /// <summary>Begins to listen and to beat.</summary>
    /// <param name="processes">By rank.</param>
    public void Begin(IReadOnlyList<ProcessIdentity> processes)
    {
        _processes = processes;
        if (_count == 1) return;
        lock (_calls)
        {
            foreach (int peer in Peers)
            {
                // Containers may have one name and numbers of their own: whom this process cannot see now it would take for dead.
                _seen[peer] = !processes[peer].HasEnded;
                Listen(peer);
            }
        }
        _thread = new Thread(Watch) { IsBackground = true, Name = "signs of life" };
        _thread.Start();
    }

    public void Dispose()
    {
        _end.Set();
        _thread?.Join();
        if (_thread is not null)
        {
            lock (_calls)
            {
                // What was sent to nobody is let go of; a byte that is on its way is taken by nobody.
                foreach (int peer in Peers)
                {
                    _ = _mpi.Cancel(_receives.Pointer + peer);
                    _ = _mpi.RequestFree(_receives.Pointer + peer);
                    int gone = 1;
                    if (_sends.Pointer[peer] != 0) _ = _mpi.Test(_sends.Pointer + peer, &gone, null);
                    if (gone == 0) _ = _mpi.RequestFree(_sends.Pointer + peer);
                }
            }
        }
        _sends.Dispose();
        _receives.Dispose();
        _bytes.Dispose();
        _end.Dispose();
    }

    private void Watch()
    {
        long last = Stopwatch.GetTimestamp();
        while (!_end.Wait(_beat))
        {
            long now = Stopwatch.GetTimestamp();
            // Who was itself stopped has heard nobody: what it missed counts as one beat, not as its length.
            var passed = TimeSpan.FromTicks(Math.Min(Stopwatch.GetElapsedTime(last, now).Ticks, 2 * _beat.Ticks));
            last = now;
            foreach (int peer in Peers)
            {
                bool heard;
                lock (_calls) heard = Exchange(peer);
                _silent[peer] = heard ? TimeSpan.Zero : _silent[peer] + passed;
                if (_seen[peer] && _processes[peer].HasEnded) Lose(peer, "has ended");
                else if (_silent[peer] > _patience)
                    Lose(peer, FormattableString.Invariant($"has given no sign of life for {_patience.TotalSeconds:0.#} s (--stall-limit)"));
            }
        }
    }

    private void Lose(int peer, string what)
    {
        if (_end.IsSet) return;
        var process = _processes[peer];
        _lost($"Process {peer} of {_count} (number {process.Process} on {process.Host}) {what}: all are ended. The same command goes on from the last checkpoint.");
    }

    /// <summary>Sends a byte where the one before has gone, and looks for one.</summary>
    /// <returns>Whether one came.</returns>
    private bool Exchange(int peer)
    {
        int done;
        nint* send = _sends.Pointer + peer;
        if (*send != 0) _ = _mpi.Test(send, &done, null);
        // A null request of Open MPI is an object of its own: it is done at once.
        else done = 1;
        if (done != 0) _ = _mpi.Isend(_bytes.Pointer + 2L * peer, 1, _mpi.Byte, peer, Tag, _mpi.World, send);
        bool heard = false;
        for (_ = _mpi.Test(_receives.Pointer + peer, &done, null); done != 0; _ = _mpi.Test(_receives.Pointer + peer, &done, null))
        {
            heard = true;
            Listen(peer);
        }
        return heard;
    }

    private void Listen(int peer) =>
        _ = _mpi.Irecv(_bytes.Pointer + 2L * peer + 1, 1, _mpi.Byte, peer, Tag, _mpi.World, _receives.Pointer + peer);
}
