namespace Fovea.Datasets;

/// <summary>
/// The pages read last, so that images that follow each other unpack their page once. Holds at most <see cref="MostBytes"/>, and always one
/// page. Thread-safe; two threads that need one page wait for one reading of it.
/// </summary>
/// <param name="mostBytes">Bytes kept at most.</param>
internal sealed class PageCache(long mostBytes = PageCache.MostBytes)
{
    /// <summary>Bytes kept at most.</summary>
    public const long MostBytes = 64 << 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<(int File, int Page), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _newest = [];
    private long _bytes;

    /// <summary>How often a page was read.</summary>
    public int Reads { get; private set; }

    /// <summary>The page, read where it is not kept. Dictionaries have negative numbers.</summary>
    public ParquetPage Get(int file, int page, Func<ParquetPage> read)
    {
        LinkedListNode<Entry>? node;
        lock (_lock)
        {
            if (_entries.TryGetValue((file, page), out node)) _newest.Remove(node);
            else
            {
                Reads++;
                node = new LinkedListNode<Entry>(new Entry((file, page), new Lazy<ParquetPage>(read)));
                _entries.Add((file, page), node);
            }
            _newest.AddFirst(node);
        }
        ParquetPage value;
        try
        {
            value = node.Value.Page.Value;
        }
        catch
        {
            lock (_lock) Drop(node);
            throw;
        }
        lock (_lock)
        {
            if (node.Value.Bytes == 0 && node.List is not null) _bytes += node.Value.Bytes = Math.Max(1, value.Memory);
            while (_bytes > mostBytes && _newest.Last is { } oldest && oldest != _newest.First) Drop(oldest);
        }
        return value;
    }

    private void Drop(LinkedListNode<Entry> node)
    {
        if (node.List is null) return;
        _newest.Remove(node);
        _entries.Remove(node.Value.Key);
        _bytes -= node.Value.Bytes;
    }

    private sealed record Entry((int File, int Page) Key, Lazy<ParquetPage> Page)
    {
        public long Bytes { get; set; }
    }
}
