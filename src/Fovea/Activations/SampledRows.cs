using System.Security.Cryptography;
using System.Text;
using Fovea.Numerics;

namespace Fovea.Activations;

/// <summary>
/// A random part of a set, in its order. The set is cut into blocks of neighbours; block j gives ⌊(e·m + u)/N⌋ − ⌊(s·m + u)/N⌋ of its
/// places s … e − 1, u uniform in 0 … N − 1, so that each place is taken with probability m/N exactly, and those of a block are the first
/// of a keyed permutation of it.
/// </summary>
internal sealed class SampledRows : RowSet
{
    private const int BlockRows = 4096;

    private readonly RowSet _all;
    private readonly long _count, _offset;
    private readonly ulong _seed;
    private readonly string _stage;
    private Block? _last;

    /// <param name="all">N rows.</param>
    /// <param name="count">m, 1 … N.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="stage">A name for the purpose.</param>
    public SampledRows(RowSet all, long count, ulong seed, string stage)
    {
        (_all, _count, _seed, _stage) = (all, count, seed, stage);
        _offset = (long)Math.BigMul(new CounterRandom(seed, stage, -1).NextUInt64(), (ulong)all.Count, out _);
    }

    /// <inheritdoc/>
    public override long Count => _count;

    /// <inheritdoc/>
    internal override long End => _all.End;

    /// <inheritdoc/>
    internal override void Identify(IncrementalHash hash)
    {
        _all.Identify(hash);
        Identify(hash, "sample", _count, (long)_seed);
        hash.AppendData(Encoding.UTF8.GetBytes(_stage));
    }

    /// <inheritdoc/>
    private protected override void Fill(long start, Span<long> rows)
    {
        for (int done = 0; done < rows.Length;)
        {
            long place = start + done;
            var block = _last is { } last && place >= last.First && place < last.First + last.Places.Length ? last : _last = Load(place);
            var some = block.Places.AsSpan((int)(place - block.First));
            some = some[..Math.Min(some.Length, rows.Length - done)];
            _all.Gather(some, rows.Slice(done, some.Length));
            done += some.Length;
        }
    }

    /// <summary>How many places before <paramref name="place"/> of the whole set are taken: ⌊(place·m + u)/N⌋.</summary>
    private long TakenBefore(long place) => (long)(((Int128)place * _count + _offset) / _all.Count);

    private Block Load(long place)
    {
        // The last block before which no more than `place` are taken.
        long low = 0, high = (_all.Count - 1) / BlockRows;
        while (low < high)
        {
            long middle = low + (high - low + 1) / 2;
            if (TakenBefore(middle * BlockRows) <= place) low = middle;
            else high = middle - 1;
        }
        long start = low * BlockRows, end = Math.Min(start + BlockRows, _all.Count), first = TakenBefore(start);
        var order = new KeyedPermutation(_seed, _stage, low, end - start);
        var places = new long[TakenBefore(end) - first];
        for (int i = 0; i < places.Length; i++) places[i] = start + order[i];
        Array.Sort(places);
        return new Block(first, places);
    }

    /// <summary>The part that lies in a block.</summary>
    /// <param name="First">How many are taken before it.</param>
    /// <param name="Places">Places in the whole set, ascending.</param>
    private sealed record Block(long First, long[] Places);
}
