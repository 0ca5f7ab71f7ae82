using System.Threading.Channels;

namespace Fovea.Explorer.Live;

/// <summary>
/// The one thread that uses the network and everything of it that lies in native memory: one thing at a time, in the order asked for.
/// Whoever has gone away before his turn is left out.
/// </summary>
internal sealed class LiveWorker : IAsyncDisposable
{
    /// <summary>Things that may wait; more are refused, so that a flood costs nothing but an answer.</summary>
    private const int MostWaiting = 256;

    private readonly Channel<Action> _queue = Channel.CreateBounded<Action>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();

    public LiveWorker() => new Thread(Work) { IsBackground = true, Name = "network" }.Start();

    /// <summary>Does something on the thread.</summary>
    /// <param name="work">What; it must hand out nothing native.</param>
    /// <param name="cancellation">Whether it is still wanted when its turn comes.</param>
    /// <exception cref="FoveaException">Resource: too much is waiting.</exception>
    public Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool taken = _queue.Writer.TryWrite(() =>
        {
            if (cancellation.IsCancellationRequested || _stopping.IsCancellationRequested)
            {
                result.TrySetCanceled(cancellation.IsCancellationRequested ? cancellation : _stopping.Token);
                return;
            }
            try
            {
                result.TrySetResult(work());
            }
            catch (Exception e)
            {
                result.TrySetException(e);
            }
        });
        if (taken) return result.Task;
        return Task.FromException<T>(_stopping.IsCancellationRequested ? new OperationCanceledException(_stopping.Token)
            : FoveaException.OutOfResource("The network has too much to do at the moment: try again in a few seconds."));
    }

    /// <summary>Ends after what is under way; what waits is cancelled, but for <paramref name="last"/>.</summary>
    public async Task StopAsync(Action last)
    {
        await _stopping.CancelAsync();
        if (!_queue.Writer.TryWrite(last)) await _queue.Writer.WriteAsync(last);
        _queue.Writer.TryComplete();
        await _ended.Task;
    }

    public async ValueTask DisposeAsync()
    {
        if (_queue.Writer.TryComplete())
        {
            await _stopping.CancelAsync();
            await _ended.Task;
        }
        _stopping.Dispose();
    }

    private void Work()
    {
        try
        {
            while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
                while (_queue.Reader.TryRead(out Action? work)) work();
        }
        finally
        {
            _ended.TrySetResult();
        }
    }
}
