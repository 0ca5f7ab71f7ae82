using Fovea.Activations;

namespace Fovea.Dictionaries.Training;

/// <summary>Finds and reads the next batch on another thread while this one computes; two buffers, at most one read under way.</summary>
internal sealed class BatchReader(IVectorSource source, int batchSize) : IDisposable
{
    private readonly float[][] _buffers = [new float[(long)batchSize * source.Dimension], new float[(long)batchSize * source.Dimension]];
    private readonly long[] _rows = new long[batchSize];
    private readonly int _dimension = source.Dimension;
    private Task? _reading;
    private int _next;
    private int _count;

    /// <summary>Starts reading rows; <see cref="Take"/> gives them.</summary>
    /// <param name="find">Writes the rows, on the reading thread; gets as long a span as there are.</param>
    /// <param name="count">How many: a batch at most.</param>
    public void Begin(RowFinder find, int count) => Begin(count, batch =>
    {
        var rows = _rows.AsSpan(0, count);
        find(rows);
        source.Read(rows, batch);
    });

    /// <summary>Starts reading the rows of a set from a place on: a batch of them, or what is left.</summary>
    public void Begin(RowSet rows, long start) => Begin(found => rows.Read(start, found), (int)Math.Min(batchSize, rows.Count - start));

    /// <summary>Starts reading by another way than row by row.</summary>
    /// <param name="count">Vectors.</param>
    /// <param name="read">Writes them, on the reading thread.</param>
    public void Begin(int count, BatchFiller read)
    {
        float[] buffer = _buffers[_next];
        _count = count;
        _reading = Task.Run(() => read(buffer.AsSpan(0, count * _dimension)));
    }

    /// <summary>Waits for the read that was begun. The array is good until the second <c>Begin</c> from now.</summary>
    public ReadOnlyMemory<float> Take()
    {
        _reading!.GetAwaiter().GetResult();
        _reading = null;
        var batch = _buffers[_next].AsMemory(0, _count * source.Dimension);
        _next = 1 - _next;
        return batch;
    }

    /// <summary>Waits for a read under way, whose result nobody wants.</summary>
    public void Dispose()
    {
        try { _reading?.Wait(); }
        catch (AggregateException) { /* the run ends for another reason */ }
    }
}

/// <summary>Writes vectors beside each other.</summary>
/// <param name="batch">As long as they are wanted.</param>
internal delegate void BatchFiller(Span<float> batch);

/// <summary>Writes the numbers of rows.</summary>
/// <param name="rows">As many as are wanted.</param>
internal delegate void RowFinder(Span<long> rows);
