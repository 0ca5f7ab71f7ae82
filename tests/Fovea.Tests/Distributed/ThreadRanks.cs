using Fovea.Distributed;

namespace Fovea.Tests.Distributed;

/// <summary>Ranks that are threads of this process: what they give each other is copied, and sums are taken by a plain recursion.</summary>
internal sealed unsafe class ThreadRanks : IRanks
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Meeting _meeting;

    private ThreadRanks(Meeting meeting, int rank) => (_meeting, Rank) = (meeting, rank);

    public int Rank { get; }

    public int Count => _meeting.Given.Length;

    /// <summary>Runs one body on each of several ranks.</summary>
    /// <returns>What each gave, by rank.</returns>
    public static T[] Run<T>(int count, Func<IRanks, T> body)
    {
        var meeting = new Meeting(count);
        var results = new T[count];
        var errors = new Exception?[count];
        var threads = new Thread[count];
        for (int rank = 0; rank < count; rank++)
        {
            int own = rank;
            threads[own] = new Thread(() =>
            {
                try
                {
                    results[own] = body(new ThreadRanks(meeting, own));
                }
                catch (Exception e)
                {
                    errors[own] = e;
                }
            });
            threads[own].Start();
        }
        foreach (var thread in threads) thread.Join();
        // What the first one says is why the others waited in vain.
        if (errors.FirstOrDefault(error => error is not TimeoutException and not null) is { } cause)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(cause);
        return errors.OfType<TimeoutException>().FirstOrDefault() is { } late ? throw late : results;
    }

    public void Gather(void* own, void* all, int bytes)
    {
        Meet((nint)own);
        for (int rank = 0; rank < Count; rank++) Buffer.MemoryCopy((void*)_meeting.Given[rank], (byte*)all + (long)rank * bytes, bytes, bytes);
        Meet(0);
    }

    public void Broadcast(void* data, long bytes)
    {
        Meet((nint)data);
        if (Rank != 0) Buffer.MemoryCopy((void*)_meeting.Given[0], data, bytes, bytes);
        Meet(0);
    }

    public void Sum(float* data, long count)
    {
        Meet((nint)data);
        var sums = new float[count];
        for (long i = 0; i < count; i++) sums[i] = Tree(0, Count, i);
        Meet((nint)data);
        for (long i = 0; i < count; i++) data[i] = sums[i];
        Meet(0);
    }

    private float Tree(int first, int count, long element) => count == 1
        ? ((float*)_meeting.Given[first])[element] : Tree(first, count / 2, element) + Tree(first + count / 2, count / 2, element);

    private void Meet(nint given)
    {
        if (given != 0) _meeting.Given[Rank] = given;
        if (!_meeting.Barrier.SignalAndWait(Patience)) throw new TimeoutException($"Rank {Rank} of {Count} waited in vain.");
    }

    private sealed class Meeting(int count)
    {
        public nint[] Given { get; } = new nint[count];

        public Barrier Barrier { get; } = new(count);
    }
}
