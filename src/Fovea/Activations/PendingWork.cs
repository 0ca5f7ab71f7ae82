namespace Fovea.Activations;

/// <summary>At most one piece of work under way beside the caller's own; its error surfaces at the next call.</summary>
internal sealed class PendingWork : IDisposable
{
    private Task _task = Task.CompletedTask;

    public void Start(Action work)
    {
        Wait();
        _task = Task.Run(work);
    }

    public void Wait() => _task.GetAwaiter().GetResult();

    public void Dispose()
    {
        // Whatever ended the harvest is the error to report; what is under way is still finished.
        try { Wait(); }
        catch (FoveaException) { }
    }
}
