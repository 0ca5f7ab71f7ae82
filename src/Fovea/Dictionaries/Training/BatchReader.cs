using Fovea.Activations;

namespace Fovea.Dictionaries.Training;

/// <summary>Reads the next batch on another thread while this one computes; two buffers, at most one read under way.</summary>
internal sealed class BatchReader(IVectorSource source, int batchSize) : IDisposable
{
    private readonly float[][] _buffers = [new float[(long)batchSize * source.Dimension], new float[(long)batchSize * source.Dimension]];
    private Task? _reading;
    private int _next;
    private int _rows;

    /// <summary>Starts reading rows; <see cref="Take"/> gives them.</summary>
    public void Begin(long[] rows)
    {
        float[] buffer = _buffers[_next];
        _rows = rows.Length;
        _reading = Task.Run(() => source.Read(rows, buffer.AsSpan(0, rows.Length * source.Dimension)));
    }

    /// <summary>Waits for the read that was begun. The array is good until the second <see cref="Begin"/> from now.</summary>
    public ReadOnlyMemory<float> Take()
    {
        _reading!.GetAwaiter().GetResult();
        _reading = null;
        var batch = _buffers[_next].AsMemory(0, _rows * source.Dimension);
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
