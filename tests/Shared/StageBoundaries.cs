using System.Text.RegularExpressions;
using Fovea.Numerics;

namespace Fovea.Tests.Shared;

/// <summary>
/// Finds the boundaries of stages among the changes of a run's disk: right before and right after a stage's record is written, a part is
/// claimed or done, and scratch is cleared. Each is met once, however often the run begins anew.
/// </summary>
/// <param name="root">The run folder.</param>
/// <param name="takes">Which of them to meet, by their number, in the order in which they are found.</param>
public sealed partial class StageBoundaries(string root, Predicate<int> takes)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private string? _before;

    /// <summary>Of each boundary the same share, drawn from a seed.</summary>
    /// <param name="share">How many of them: 1 for all.</param>
    /// <param name="seed">Of the draw.</param>
    public static Predicate<int> Share(double share, ulong seed)
    {
        var random = new CounterRandom(seed, "boundaries", 0);
        return _ => share >= 1 || random.NextDouble() < share;
    }

    /// <summary>Boundaries found until now, met or passed over.</summary>
    public int Found { get; private set; }

    /// <summary>Says that the run begins anew.</summary>
    public void Restart() => _before = null;

    /// <summary>Whether the run is at a boundary that was not seen before and that the draw takes.</summary>
    public bool Meets(RunEvent seen)
    {
        if (seen.Kind != EventKind.Change) return false;
        string? label = Label(seen.What);
        // Between two changes the disk is one and the same: what comes after one is what comes before the next.
        bool found = _before is not null && _known.Add("after " + _before);
        found |= label is not null && _known.Add("before " + label);
        _before = label;
        if (!found) return false;
        return takes(Found++);
    }

    private string? Label(string path)
    {
        string full = Path.Combine(root, path), name = Path.GetFileName(path);
        bool scratch = path.StartsWith("scratch" + Path.DirectorySeparatorChar, StringComparison.Ordinal);
        if (name == StageRecord.FileName) return path + (File.Exists(full) ? ", complete" : "");
        if (scratch && Directory.Exists(full)) return path + ", cleared";
        if (scratch && name.EndsWith(".done", StringComparison.Ordinal)) return path;
        // Given back, a claim is there; taken again after a kill, too.
        // A second name after one that a kill left is no new boundary.
        return scratch && name.EndsWith(".claim", StringComparison.Ordinal) && !File.Exists(full) ? Second().Replace(path, "") : null;
    }

    [GeneratedRegex(@"~[0-9]+(?=\.claim$)")]
    private static partial Regex Second();
}
