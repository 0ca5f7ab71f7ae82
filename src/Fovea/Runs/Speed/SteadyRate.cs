namespace Fovea.Runs.Speed;

/// <summary>
/// Seconds an item of work that says how far it is. What comes before its first word (native code that is loaded, buffers, the first
/// kernels) is left out, and of what follows the median is taken: what else goes on in a machine makes single pieces slower.
/// </summary>
internal static class SteadyRate
{
    /// <summary>Words that are waited for, however long they take.</summary>
    private const int Fewest = 3;

    /// <summary>As long as it may take beyond those, where nothing else is said.</summary>
    public static readonly TimeSpan Enough = TimeSpan.FromSeconds(0.3);

    /// <summary>Does the work until it ends or enough of it was seen.</summary>
    /// <param name="work">Gets what to call with the number of items done, and what stops it.</param>
    /// <param name="enough">How long to look at it; null: <see cref="Enough"/>.</param>
    /// <param name="clock">The time; null: the system's.</param>
    /// <returns>Seconds an item; 0 where no item was done.</returns>
    public static double Of(Action<Action<long>, CancellationToken> work, TimeSpan? enough = null, TimeProvider? clock = null)
    {
        clock ??= TimeProvider.System;
        using var stop = new CancellationTokenSource();
        long start = clock.GetTimestamp();
        List<(long Done, double Seconds)> words = [];
        void Say(long done)
        {
            words.Add((done, clock.GetElapsedTime(start).TotalSeconds));
            if (words.Count >= Fewest && words[^1].Seconds >= (enough ?? Enough).TotalSeconds) stop.Cancel();
        }
        try
        {
            work(Say, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        catch (FoveaException) when (words.Count > 0)
        {
            // A damaged image, a loss that is not finite: the run may meet it too, and says so itself.
        }
        double[] rates = [.. words.Zip(words.Skip(1)).Where(pair => pair.Second.Done > pair.First.Done)
            .Select(pair => (pair.Second.Seconds - pair.First.Seconds) / (pair.Second.Done - pair.First.Done)).Order()];
        if (rates.Length > 0) return rates[rates.Length / 2];
        return words.Count > 0 && words[0].Done > 0 ? words[0].Seconds / words[0].Done : 0;
    }

    /// <summary>
    /// Seconds of one more item, from the times of few and of more: what the work takes once, whatever the number, is left out.
    /// </summary>
    /// <param name="work">Does so many items.</param>
    /// <param name="few">A number.</param>
    /// <param name="more">A larger one.</param>
    /// <param name="clock">The time; null: the system's.</param>
    public static (double Once, double Each) Of(Action<long> work, long few, long more, TimeProvider? clock = null)
    {
        clock ??= TimeProvider.System;
        work(few); // loads what is loaded once
        double ofFew = Shortest(() => work(few), clock), ofMore = Shortest(() => work(more), clock);
        if (ofMore <= ofFew) return (0, ofMore / more); // they do not tell the two apart: all of it is the items'
        double each = (ofMore - ofFew) / (more - few);
        return (Math.Max(0, ofFew - few * each), each);
    }

    /// <summary>Seconds of a piece of work, the better of two times: what else goes on only ever makes it slower.</summary>
    private static double Shortest(Action work, TimeProvider clock) => Math.Min(Time(work, clock), Time(work, clock));

    private static double Time(Action work, TimeProvider clock)
    {
        long start = clock.GetTimestamp();
        work();
        return clock.GetElapsedTime(start).TotalSeconds;
    }
}
