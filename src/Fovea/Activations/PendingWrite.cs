namespace Fovea.Activations;

/// <summary>At most one write under way beside the next forward passes; its error surfaces at the next call.</summary>
internal sealed class PendingWrite : IDisposable
{
    private Task _task = Task.CompletedTask;

    public void Start(Action write)
    {
        Wait();
        _task = Task.Run(write);
    }

    public void Wait() => _task.GetAwaiter().GetResult();

    public void Dispose()
    {
        // Whatever ended the harvest is the error to report; a shard under way is still finished.
        try { Wait(); }
        catch (FoveaException) { }
    }
}
