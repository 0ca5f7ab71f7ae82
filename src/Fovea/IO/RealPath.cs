namespace Fovea.IO;

/// <summary>Where a path leads when its links are followed.</summary>
internal static class RealPath
{
    private const int MostHops = 40;

    /// <summary>The path with every link in it resolved; null where links lead round in a circle.</summary>
    public static string? Of(string path)
    {
        var rest = new Stack<string>(Parts(path).Reverse());
        string at = Path.GetPathRoot(path)!;
        int hops = 0;
        while (rest.TryPop(out string? part))
        {
            if (part == ".") continue;
            if (part == "..")
            {
                at = Path.GetDirectoryName(at) ?? at;
                continue;
            }
            string next = Path.Combine(at, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                at = next;
                continue;
            }
            if (++hops > MostHops) return null;
            if (Path.IsPathRooted(target)) at = Path.GetPathRoot(target)!;
            foreach (string inner in Parts(target).Reverse()) rest.Push(inner);
        }
        return at;
    }

    private static string[] Parts(string path) =>
        path[(Path.GetPathRoot(path)?.Length ?? 0)..].Split([Path.DirectorySeparatorChar, '/'], StringSplitOptions.RemoveEmptyEntries);
}
