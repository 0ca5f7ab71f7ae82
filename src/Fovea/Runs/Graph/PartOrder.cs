namespace Fovea.Runs.Graph;

/// <summary>Which parts of a stage can be made now, and which are made after others that are not done.</summary>
internal sealed class PartOrder
{
    private readonly IReadOnlyList<StagePart> _parts;
    private readonly Dictionary<string, StagePart> _byName = new(StringComparer.Ordinal);
    private readonly Func<StagePart, bool> _isDone;

    // What is done stays done while parts are made: the disk is asked about each once.
    private readonly HashSet<StagePart> _done = [];

    /// <param name="parts">All parts of a stage.</param>
    /// <param name="isDone">Whether the disk says that a part is done.</param>
    /// <exception cref="ArgumentException">A part is made after one that does not stand before it, or two have one name.</exception>
    public PartOrder(IReadOnlyList<StagePart> parts, Func<StagePart, bool> isDone)
    {
        (_parts, _isDone) = (parts, isDone);
        foreach (StagePart part in parts)
        {
            if (part.After.FirstOrDefault(name => !_byName.ContainsKey(name)) is { } missing)
                throw new ArgumentException($"Part '{part.Name}' is made after '{missing}', which does not stand before it.", nameof(parts));
            if (!_byName.TryAdd(part.Name, part)) throw new ArgumentException($"Two parts are called '{part.Name}'.", nameof(parts));
        }
    }

    /// <summary>Whether all that the part is made after is done.</summary>
    public bool IsReady(StagePart part) => part.After.All(name => IsDone(_byName[name]));

    /// <summary>Whether some part waits for others that are not done: more will be free than is now.</summary>
    public bool HasWaiting() => _parts.Any(part => part.After.Count > 0 && !IsReady(part) && !IsDone(part));

    private bool IsDone(StagePart part)
    {
        if (_done.Contains(part)) return true;
        return _isDone(part) && _done.Add(part);
    }
}
