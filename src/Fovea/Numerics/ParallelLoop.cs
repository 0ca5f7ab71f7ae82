using System.Runtime.ExceptionServices;

namespace Fovea.Numerics;

/// <summary>
/// Loops over as many threads as the computation may take (<see cref="Workers.Count"/>) whose callers see what went wrong in an iteration
/// itself, as they would in a plain loop.
/// </summary>
internal static class ParallelLoop
{
    /// <summary>Calls <paramref name="body"/> for 0 … count − 1.</summary>
    /// <exception cref="FoveaException">The first of the iterations' own, where there is one among several failures; else the first failure
    /// as it is.</exception>
    public static void For(int count, Action<int> body, CancellationToken cancellationToken = default)
    {
        try
        {
            Parallel.For(
                0, count, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Workers.Count }, body);
        }
        catch (AggregateException failures)
        {
            var inner = failures.Flatten().InnerExceptions;
            ExceptionDispatchInfo.Throw(inner.FirstOrDefault(one => one is FoveaException) ?? inner[0]);
        }
    }
}
