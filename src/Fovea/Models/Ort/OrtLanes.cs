using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Fovea.Models.Ort;

/// <summary>
/// Threads that a session's passes run on, each pass cut into pieces that the next free thread takes, in order. No thread waits for
/// another within a piece, so that other work on the same cores delays one piece and not every operation of a network; and no more pieces
/// run at a time than there are threads, which bounds what their maps take.
/// </summary>
internal sealed class OrtLanes : IDisposable
{
    private readonly BlockingCollection<(Pass Pass, int Piece)> _waiting = [];
    private readonly Thread[] _threads;

    /// <param name="threads">How many; they sleep while there is nothing to do.</param>
    public OrtLanes(int threads)
    {
        _threads = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            _threads[i] = new Thread(Serve) { IsBackground = true, Name = $"Fovea reading {i + 1}" };
            _threads[i].Start();
        }
    }

    /// <summary>How many threads.</summary>
    public int Count => _threads.Length;

    /// <summary>Runs the pieces of a pass behind those of the passes before it.</summary>
    /// <param name="pieces">How many.</param>
    /// <param name="run">Runs one.</param>
    /// <returns>Ends when no piece runs any more; with the first failure, after which no further piece is begun.</returns>
    public Task Start(int pieces, Action<int> run)
    {
        var pass = new Pass(pieces, run);
        for (int piece = 0; piece < pieces; piece++) _waiting.Add((pass, piece));
        return pass.Ended;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _waiting.CompleteAdding();
        foreach (Thread thread in _threads) thread.Join();
        _waiting.Dispose();
    }

    private void Serve()
    {
        foreach (var (pass, piece) in _waiting.GetConsumingEnumerable()) pass.Run(piece);
    }

    private sealed class Pass(int pieces, Action<int> run)
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = pieces;
        private ExceptionDispatchInfo? _failure;

        public Task Ended => _ended.Task;

        public void Run(int piece)
        {
            try
            {
                if (Volatile.Read(ref _failure) is null) run(piece);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null);
            }
            if (Interlocked.Decrement(ref _left) > 0) return;
            if (_failure is null) _ended.SetResult();
            else _ended.SetException(_failure.SourceException);
        }
    }
}
