using Fovea.Numerics;

namespace Fovea.Dictionaries.Training;

/// <summary>
/// The order in which passes visit items 0 … N − 1: chunks of neighbours in random order, cut into windows, and each window permuted. A batch draws on as
/// many chunks, images and shards as a window holds, while only one window of a file larger than memory is in use at a time and is read in runs of
/// neighbours. Where everything fits one window, a pass is a plain permutation. Every order follows from (seed, pass, window) by counting, so that a
/// training goes on at any step. Memory: the window, and one number a chunk.
/// </summary>
/// <param name="seed">The run's seed.</param>
/// <param name="count">N.</param>
/// <param name="window">Items of a window; rounded up to whole chunks.</param>
internal sealed class MixingOrder(ulong seed, int count, int window)
{
    /// <summary>Neighbours that stay together until the window's permutation: at d = 512 128 KiB, a good read from any disk.</summary>
    public const int Chunk = 64;

    private readonly int _chunksOfWindow = Math.Max(1, ChunksOf(window)), _chunks = ChunksOf(count);
    private int[] _order = [], _items = [];
    private long _pass = -1, _loaded = -1;
    private int _first;

    /// <summary>Windows of a pass.</summary>
    public int Windows => (_chunks + _chunksOfWindow - 1) / _chunksOfWindow;

    /// <summary>How often another window was taken up.</summary>
    public long Changes { get; private set; }

    /// <summary>Writes the items at places <paramref name="start"/>, <paramref name="start"/> + 1, … of a pass.</summary>
    public void Read(long pass, int start, Span<int> items)
    {
        for (int done = 0; done < items.Length;)
        {
            Load(pass, start + done);
            int at = start + done - _first, some = Math.Min(items.Length - done, _items.Length - at);
            _items.AsSpan(at, some).CopyTo(items[done..]);
            done += some;
        }
    }

    private void Load(long pass, int place)
    {
        if (pass == _pass && place >= _first && place < _first + _items.Length) return;
        if (pass != _pass) _order = Windows == 1 ? [.. Enumerable.Range(0, _chunks)] : new CounterRandom(seed, "autoencoder/chunks", pass).Permutation(_chunks);
        // The one short chunk may lie in any window: windows are found by walking.
        (_pass, _first) = (pass, 0);
        for (int number = 0; ; number++)
        {
            int size = Chunks(number).Sum(Length);
            if (place >= _first + size)
            {
                _first += size;
                continue;
            }
            int[] items = [.. Chunks(number).SelectMany(chunk => Enumerable.Range(chunk * Chunk, Length(chunk)))];
            long item = pass * Windows + number;
            _items = [.. new CounterRandom(seed, "autoencoder/shuffle", item).Permutation(size).Select(i => items[i])];
            if (_loaded != item) Changes++;
            _loaded = item;
            return;
        }
    }

    private static int ChunksOf(int items) => (int)(((long)items + Chunk - 1) / Chunk);

    private IEnumerable<int> Chunks(int number) => _order.Skip(number * _chunksOfWindow).Take(_chunksOfWindow);

    private int Length(int chunk) => Math.Min(Chunk, count - chunk * Chunk);
}
