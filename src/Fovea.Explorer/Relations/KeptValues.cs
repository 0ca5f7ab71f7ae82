namespace Fovea.Explorer.Relations;

/// <summary>A value that stays while it is held.</summary>
/// <param name="value">The value.</param>
/// <param name="release">Told when it is not needed any more.</param>
internal sealed class Held<T>(T value, Action release) : IDisposable
{
    private Action? _release = release;

    public T Value => value;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}

/// <summary>
/// Values by key, made when they are first asked for, the least lately used let go beyond a number of bytes: those that are held at that
/// moment go when they are released. Any number of threads; each value is made once.
/// </summary>
/// <param name="mostBytes">Bytes to be kept.</param>
internal sealed class KeptValues(long mostBytes) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<object, Entry> _entries = [];
    private long _clock;

    /// <summary>Bytes that are kept, those of values that are let go and still held aside.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock) return _entries.Values.Sum(entry => entry.Bytes);
        }
    }

    public bool Contains(object key)
    {
        lock (_lock) return _entries.TryGetValue(key, out Entry? entry) && entry.Value is not null;
    }

    /// <summary>The value of a key where it is there.</summary>
    public Held<T>? Find<T>(object key)
        where T : class
    {
        lock (_lock) return _entries.TryGetValue(key, out Entry? entry) && entry.Value is T value ? Hold(entry, value) : null;
    }

    /// <summary>The value of a key, made where it is not there.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="make">Makes it; null where there is none, which is not kept.</param>
    /// <param name="bytes">Says how many bytes one takes.</param>
    public Held<T>? Get<T>(object key, Func<T?> make, Func<T, long> bytes)
        where T : class
    {
        Entry entry;
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out entry!)) _entries.Add(key, entry = new Entry());
            entry.Holders++;
        }
        try
        {
            lock (entry.Making)
            {
                if (entry.Value is null && make() is { } made) (entry.Value, entry.Bytes) = (made, bytes(made));
            }
            if (entry.Value is not T value)
            {
                lock (_lock)
                {
                    if (_entries.GetValueOrDefault(key) == entry) _entries.Remove(key);
                }
                return null;
            }
            lock (_lock)
            {
                Held<T> held = Hold(entry, value);
                LetGo();
                return held;
            }
        }
        finally
        {
            Release(entry);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (Entry entry in _entries.Values) Drop(entry);
            _entries.Clear();
        }
    }

    private Held<T> Hold<T>(Entry entry, T value)
    {
        entry.Holders++;
        entry.Used = ++_clock;
        return new Held<T>(value, () => Release(entry));
    }

    private void Release(Entry entry)
    {
        lock (_lock)
        {
            entry.Holders--;
            if (entry is { Gone: true, Holders: 0 }) (entry.Value as IDisposable)?.Dispose();
        }
    }

    private void LetGo()
    {
        long bytes = _entries.Values.Sum(entry => entry.Bytes);
        foreach (var (key, entry) in _entries.Where(pair => pair.Value.Value is not null).OrderBy(pair => pair.Value.Used).ToArray())
        {
            // The newest stays, however large it is: whoever asked for it will ask again.
            if (bytes <= mostBytes || entry.Used == _clock) return;
            bytes -= entry.Bytes;
            _entries.Remove(key);
            Drop(entry);
        }
    }

    private static void Drop(Entry entry)
    {
        entry.Gone = true;
        if (entry.Holders == 0) (entry.Value as IDisposable)?.Dispose();
    }

    private sealed class Entry
    {
        public Lock Making { get; } = new();

        public object? Value { get; set; }

        public long Bytes { get; set; }

        public int Holders { get; set; }

        public long Used { get; set; }

        public bool Gone { get; set; }
    }
}
