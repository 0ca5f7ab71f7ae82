namespace Fovea.Runs;

/// <summary>
/// The shortest of several timings of the same work. What else goes on in a machine only ever makes work slower, so the shortest is the nearest to
/// what the work itself takes; an average would count the neighbours in.
/// </summary>
internal static class FastestTime
{
    private const int Times = 8;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(3);

    /// <summary>Does the work once to warm up, then up to eight times, fewer where that would take longer than three seconds.</summary>
    public static TimeSpan Of(Action work, TimeProvider? clock = null)
    {
        clock ??= TimeProvider.System;
        work();
        long start = clock.GetTimestamp();
        TimeSpan best = TimeSpan.MaxValue;
        for (int i = 0; i < Times && (i == 0 || clock.GetElapsedTime(start) < Enough); i++)
        {
            long before = clock.GetTimestamp();
            work();
            TimeSpan taken = clock.GetElapsedTime(before);
            if (taken < best) best = taken;
        }
        return best;
    }
}
