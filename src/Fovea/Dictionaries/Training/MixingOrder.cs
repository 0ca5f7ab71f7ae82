using Fovea.Numerics;

namespace Fovea.Dictionaries.Training;

/// <summary>
/// The order in which passes visit items 0 … N − 1: chunks of neighbours in random order, cut into windows, and each window permuted. A
/// batch draws on as many chunks, images and shards as a window holds, while only one window of a file larger than memory is in use at a
/// time and is read in runs of neighbours. Where everything fits one window, a pass is a plain permutation. Every item follows from (seed,
/// pass, place) by arithmetic (<see cref="KeyedPermutation"/>), so that a training goes on at any step, and no table grows with N.
/// Thread-safe.
/// </summary>
/// <param name="seed">The run's seed.</param>
/// <param name="count">N ≥ 1.</param>
/// <param name="window">Items of a window; rounded up to whole chunks.</param>
internal sealed class MixingOrder(ulong seed, long count, long window)
{
    /// <summary>Neighbours that stay together until the window's permutation: at d = 512 128 KiB, a good read from any disk.</summary>
    public const int Chunk = 64;

    private const string ChunksStage = "autoencoder/chunks";

    private readonly long _chunks = ChunksOf(count), _chunksOfWindow = ChunksOf(Math.Clamp(window, 1, count));

    /// <summary>Items the last chunk lacks.</summary>
    private readonly long _lacking = ChunksOf(count) * Chunk - count;
    private Window? _last;

    /// <summary>Windows of a pass.</summary>
    public long Windows => (_chunks + _chunksOfWindow - 1) / _chunksOfWindow;

    /// <summary>Items of a window, but for the last.</summary>
    public long ItemsOfWindow => Math.Min(count, _chunksOfWindow * Chunk);

    /// <summary>
    /// Counts the windows from the first of the first pass to the one that holds a place: where it changes, what was read is not read again
    /// soon.
    /// </summary>
    /// <param name="pass">The pass.</param>
    /// <param name="place">0 … N − 1.</param>
    public long WindowAt(long pass, long place) => At(pass, place).Number;

    /// <summary>Writes the items at places <paramref name="start"/>, <paramref name="start"/> + 1, … of a pass.</summary>
    public void Read(long pass, long start, Span<long> items)
    {
        for (int done = 0; done < items.Length;)
        {
            var current = At(pass, start + done);
            int some = (int)Math.Min(items.Length - done, current.End - (start + done));
            for (int i = 0; i < some; i++) items[done + i] = Item(current, start + done + i);
            done += some;
        }
    }

    /// <summary>
    /// Where the items at places <paramref name="start"/>, <paramref name="start"/> + 1, … stand in their window, its chunks beside each other
    /// (<see cref="ChunksOfWindow"/>): of as many places as lie in one.
    /// </summary>
    /// <returns>The window, and how many places.</returns>
    public (long Window, int Count) Slots(long pass, long start, Span<int> slots)
    {
        var current = At(pass, start);
        int some = (int)Math.Min(slots.Length, current.End - start);
        for (int i = 0; i < some; i++) slots[i] = (int)current.Order[start - current.First + i];
        return (current.Number, some);
    }

    /// <summary>The neighbours that a window is made of, in the order in which the pass has them.</summary>
    /// <param name="number">As <see cref="WindowAt"/> counts.</param>
    /// <returns>The first item of each chunk, and how many it has.</returns>
    public IEnumerable<(long First, int Count)> ChunksOfWindow(long number)
    {
        var (pass, window) = Math.DivRem(number, Windows);
        var chunks = Windows == 1 ? null : new KeyedPermutation(seed, ChunksStage, pass, _chunks);
        for (long at = window * _chunksOfWindow; at < Math.Min((window + 1) * _chunksOfWindow, _chunks); at++)
        {
            long chunk = chunks is null ? at : chunks[at];
            yield return (chunk * Chunk, (int)Math.Min(Chunk, count - chunk * Chunk));
        }
    }

    private static long ChunksOf(long items) => items / Chunk + (items % Chunk > 0 ? 1 : 0);

    private Window At(long pass, long place)
    {
        if (_last is { } last && last.Pass == pass && place >= last.First && place < last.End) return last;
        var chunks = _last?.Pass == pass ? _last.Chunks : Windows == 1
            ? null : new KeyedPermutation(seed, ChunksStage, pass, _chunks);
        // The one short chunk may lie in any window; those after it begin earlier by what it lacks.
        long shortAt = chunks is null ? _chunks - 1 : chunks.PlaceOf(_chunks - 1), shortEnd = (shortAt + 1) * Chunk - _lacking;
        long first = place < shortEnd ? place / Chunk : (place + _lacking) / Chunk, number = first / _chunksOfWindow;
        long start = Start(number * _chunksOfWindow), end = Start(Math.Min((number + 1) * _chunksOfWindow, _chunks));
        long counted = pass * Windows + number;
        return _last = new Window(
            pass, counted, start, end, shortAt, chunks, new KeyedPermutation(seed, "autoencoder/shuffle", counted, end - start));

        long Start(long chunk) => chunk * Chunk - (chunk > shortAt ? _lacking : 0);
    }

    private long Item(Window window, long place)
    {
        long mixed = window.First + window.Order[place - window.First];
        // As if the short chunk were whole.
        if (mixed >= (window.ShortAt + 1) * Chunk - _lacking) mixed += _lacking;
        long chunk = mixed / Chunk;
        return (window.Chunks is null ? chunk : window.Chunks[chunk]) * Chunk + mixed % Chunk;
    }

    /// <summary>The window that was looked at last.</summary>
    /// <param name="Pass">The pass.</param>
    /// <param name="Number">Windows before it, in all passes.</param>
    /// <param name="First">Its first place.</param>
    /// <param name="End">The place after its last.</param>
    /// <param name="ShortAt">Where the order of chunks has the one that may be short.</param>
    /// <param name="Chunks">The order of the pass's chunks; null: as they are.</param>
    /// <param name="Order">The order inside the window.</param>
    private sealed record Window(
        long Pass, long Number, long First, long End, long ShortAt, KeyedPermutation? Chunks, KeyedPermutation Order);
}
