using System.Runtime.ExceptionServices;
using TorchSharp;

namespace Fovea.Numerics;

/// <summary>
/// Runs a kernel's items on as many threads as libtorch has. Items are handed out in order as threads become free, so an item must not
/// depend on which worker runs it: a worker's number only chooses scratch memory. The threads are our own and wait awake for a moment after
/// each call: a step of a few milliseconds makes several, and waking a thread of the pool costs as much as some of them.
/// </summary>
internal static class Workers
{
    /// <summary>Turns of waiting awake, some tens of microseconds, before a thread goes to sleep.</summary>
    private const int AwakeTurns = 60;

    private static readonly Lock Gate = new();
    private static readonly object Bell = new();
    private static readonly List<Thread> Threads = [];
    private static Job? Current;
    private static int Sleeping;

    [ThreadStatic]
    private static bool IsAside;

    /// <summary>Number of threads, the caller's included.</summary>
    public static int Count => Math.Max(1, torch.get_num_threads());

    /// <summary>
    /// Calls <paramref name="body"/> with (item, worker) for each item; an exception of an item is thrown here after the others ended.
    /// </summary>
    public static void For(int items, Action<int, int> body)
    {
        int workers = IsAside ? 1 : Math.Min(Count, items);
        // Called by two threads at once, or from within an item, the later call runs on its own thread.
        if (workers <= 1 || Gate.IsHeldByCurrentThread || !Gate.TryEnter())
        {
            for (int item = 0; item < items; item++) body(item, 0);
            return;
        }
        try
        {
            while (Threads.Count < workers - 1) Start();
            var job = new Job(items, workers, body);
            Volatile.Write(ref Current, job);
            Interlocked.MemoryBarrier(); // a thread on its way to sleep sees the job, or is seen
            if (Volatile.Read(ref Sleeping) > 0)
            {
                lock (Bell) Monitor.PulseAll(Bell);
            }
            job.Work(0);
            job.WaitForOthers();
            Volatile.Write(ref Current, null);
            job.Error?.Throw();
        }
        finally
        {
            Gate.Exit();
        }
    }

    /// <summary>Does work in which this thread is alone, so that others are left to what somebody waits for.</summary>
    public static T Aside<T>(Func<T> work)
    {
        bool before = IsAside;
        IsAside = true;
        try
        {
            return work();
        }
        finally
        {
            IsAside = before;
        }
    }

    private static void Start()
    {
        var thread = new Thread(Serve) { IsBackground = true, Name = $"Fovea kernel {Threads.Count + 1}" };
        Threads.Add(thread);
        thread.Start(Threads.Count);
    }

    private static void Serve(object? number)
    {
        int worker = (int)number!;
        Job? last = null;
        while (true)
        {
            last = Next(last);
            if (worker < last.Workers) last.Work(worker);
        }
    }

    /// <summary>Waits for a job other than <paramref name="last"/>.</summary>
    private static Job Next(Job? last)
    {
        var spin = new SpinWait();
        for (int turn = 0; turn < AwakeTurns; turn++)
        {
            if (Volatile.Read(ref Current) is { } job && job != last) return job;
            spin.SpinOnce(sleep1Threshold: -1);
        }
        lock (Bell)
        {
            Interlocked.Increment(ref Sleeping);
            try
            {
                while (true)
                {
                    if (Volatile.Read(ref Current) is { } job && job != last) return job;
                    Monitor.Wait(Bell);
                }
            }
            finally
            {
                Interlocked.Decrement(ref Sleeping);
            }
        }
    }

    private sealed class Job(int items, int workers, Action<int, int> body)
    {
        private int _next = -1, _working;

        public int Workers => workers;

        public ExceptionDispatchInfo? Error { get; private set; }

        public void Work(int worker)
        {
            Interlocked.Increment(ref _working);
            try
            {
                for (int item = Interlocked.Increment(ref _next); item < items; item = Interlocked.Increment(ref _next)) body(item, worker);
            }
            catch (Exception error)
            {
                Error = ExceptionDispatchInfo.Capture(error);
                Interlocked.Exchange(ref _next, items);
            }
            finally
            {
                Interlocked.Decrement(ref _working);
            }
        }

        /// <summary>All items are handed out when the caller comes here; a thread that enters later finds none.</summary>
        public void WaitForOthers()
        {
            var spin = new SpinWait();
            while (Volatile.Read(ref _working) > 0) spin.SpinOnce(sleep1Threshold: -1);
        }
    }
}
