using Fovea.Numerics;

namespace Fovea.Tests;

/// <summary>Counts the fast paths that an action takes on its own thread.</summary>
internal static class FastPathRuns
{
    /// <summary>How often the path ran.</summary>
    public static long TimesRun(FastPath path, Action action)
    {
        long before = FastPaths.Count(path);
        action();
        return FastPaths.Count(path) - before;
    }
}
