using Fovea.Numerics;

namespace Fovea.Interpretation;

/// <summary>
/// For every unit a uniform sample without replacement of the images that activate it: those with the smallest priorities, a random number
/// that follows from (seed, unit, image) alone, so that the sample depends neither on the order of the images nor on how they were batched
/// (bottom-k sampling, Cohen and Kaplan 2007). Memory for units × sample at most. Units may be worked on by different threads.
/// </summary>
internal sealed class ImageSamples
{
    private const int FirstCapacity = 8;
    private const ulong Golden = 0x9E3779B97F4A7C15UL;

    private readonly int _capacity;
    private readonly ulong[] _keys;
    private readonly Drawn[][] _drawn;
    private readonly int[] _count;

    /// <param name="units">Number of units.</param>
    /// <param name="capacity">Images of a sample.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="stage">What the samples are for: those of different names are independent.</param>
    public ImageSamples(int units, int capacity, ulong seed, string stage)
    {
        _capacity = capacity;
        _keys = [.. Enumerable.Range(0, units).Select(unit => new CounterRandom(seed, stage, unit).NextUInt64())];
        _drawn = new Drawn[units][];
        Array.Fill(_drawn, []);
        _count = new int[units];
    }

    /// <summary>
    /// Number number <paramref name="image"/> of the unit's SplitMix64 stream; never the same for two images of a unit, as the mixing is
    /// invertible.
    /// </summary>
    public ulong Priority(int unit, int image)
    {
        ulong z = _keys[unit] + ((ulong)image + 1) * Golden;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>Whether an image of this priority belongs in a unit's sample.</summary>
    public bool Wants(int unit, ulong priority) => _count[unit] < _capacity || (_capacity > 0 && priority < _drawn[unit][0].Priority);

    /// <summary>Takes an image that is wanted; the one with the largest priority leaves a full sample.</summary>
    public void Insert(int unit, ulong priority, TopExample example)
    {
        if (_count[unit] == _drawn[unit].Length && _count[unit] < _capacity)
            Array.Resize(ref _drawn[unit], Math.Min(_capacity, Math.Max(FirstCapacity, 2 * _count[unit])));
        Drawn[] heap = _drawn[unit];
        var one = new Drawn(priority, example);
        if (_count[unit] == _capacity) SiftDown(heap, one);
        else SiftUp(heap, _count[unit]++, one);
    }

    /// <summary>A unit's sample by ascending priority: every beginning of it is a uniform sample too.</summary>
    public TopExample[] Of(int unit) => [.. _drawn[unit].Take(_count[unit]).OrderBy(one => one.Priority).Select(one => one.Example)];

    private static void SiftUp(Drawn[] heap, int at, Drawn one)
    {
        for (; at > 0 && heap[(at - 1) / 2].Priority < one.Priority; at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
        heap[at] = one;
    }

    private static void SiftDown(Drawn[] heap, Drawn one)
    {
        int at = 0;
        for (int child = 1; child < heap.Length; child = 2 * at + 1)
        {
            if (child + 1 < heap.Length && heap[child + 1].Priority > heap[child].Priority) child++;
            if (heap[child].Priority < one.Priority) break;
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = one;
    }

    private readonly record struct Drawn(ulong Priority, TopExample Example);
}
