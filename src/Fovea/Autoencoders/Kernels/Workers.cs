using TorchSharp;

namespace Fovea.Autoencoders;

/// <summary>
/// Runs a kernel's items on as many threads as libtorch has. Items are handed out in order as threads become free, so an item must not
/// depend on which worker runs it: a worker's number only chooses scratch memory.
/// </summary>
internal static class Workers
{
    /// <summary>Number of threads.</summary>
    public static int Count => Math.Max(1, torch.get_num_threads());

    /// <summary>Calls <paramref name="body"/> with (item, worker) for each item.</summary>
    public static void For(int items, Action<int, int> body)
    {
        int workers = Math.Min(Count, items), next = -1;
        if (workers <= 1)
        {
            for (int item = 0; item < items; item++) body(item, 0);
            return;
        }
        Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, worker =>
        {
            for (int item = Interlocked.Increment(ref next); item < items; item = Interlocked.Increment(ref next)) body(item, worker);
        });
    }
}
