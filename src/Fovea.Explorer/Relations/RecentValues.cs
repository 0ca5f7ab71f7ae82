namespace Fovea.Explorer.Relations;

/// <summary>The last so many values by key, the least lately used let go first. Thread-safe; a value may be made twice at the same time.</summary>
/// <param name="most">How many are kept.</param>
internal sealed class RecentValues<TKey, TValue>(int most)
    where TKey : notnull
    where TValue : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> _byKey = [];
    private readonly LinkedList<(TKey Key, TValue Value)> _order = new();

    /// <summary>How many are kept now.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _byKey.Count;
        }
    }

    /// <summary>The value of a key, made where it is not there.</summary>
    public TValue Get(TKey key, Func<TValue> make)
    {
        lock (_lock)
        {
            if (_byKey.TryGetValue(key, out var known))
            {
                _order.Remove(known);
                _order.AddLast(known);
                return known.Value.Value;
            }
        }
        TValue made = make();
        lock (_lock)
        {
            if (_byKey.Remove(key, out var other)) _order.Remove(other);
            _byKey.Add(key, _order.AddLast((key, made)));
            if (_byKey.Count > most)
            {
                _byKey.Remove(_order.First!.Value.Key);
                _order.RemoveFirst();
            }
        }
        return made;
    }
}
