using System.Numerics;
using Fovea.Numerics;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// The same entries by latent: a counting sort, rows ascending within a latent, so that each gradient row is written once and in one order.
/// Histograms are taken over a fixed number of row ranges, whatever the threads.
/// </summary>
internal sealed unsafe class LatentOrder(int latents) : IDisposable
{
    private const int Ranges = 8;

    private readonly NativeBuffer<int> _counts = new((long)Ranges * latents);
    private readonly NativeBuffer<long> _start = new(latents + 1);
    private NativeBuffer<int> _row = new(0), _totals = new(0);
    private NativeBuffer<long> _entry = new(0);

    /// <summary>Where each latent starts, <c>[n + 1]</c>.</summary>
    public long* Start => _start.Pointer;

    /// <summary>The row of each entry.</summary>
    public int* Row => _row.Pointer;

    /// <summary>The entry's number in <see cref="SparseEntries"/>.</summary>
    public long* Entry => _entry.Pointer;

    /// <summary>How many entries there are.</summary>
    public long Count => Start[latents];

    public void Sort(SparseEntries entries) => Sort(entries, 0, entries.Rows);

    /// <summary>Sorts the entries of some neighbouring rows.</summary>
    public void Sort(SparseEntries entries, int firstRow, int lastRow)
    {
        long count = lastRow == firstRow ? 0 : entries.RowStart[lastRow] - entries.RowStart[firstRow];
        NativeBuffer<int>.Ensure(ref _row, count);
        NativeBuffer<long>.Ensure(ref _entry, count);
        int* counts = _counts.Pointer;
        Workers.For(Ranges, (range, _) =>
        {
            int* own = counts + (long)range * latents;
            new Span<int>(own, latents).Clear();
            var (first, last) = RowsOf(range, firstRow, lastRow);
            for (long e = entries.RowStart[first]; e < entries.RowStart[last]; e++) own[entries.Latent[e]]++;
        });
        // From here on: where a range's first entry goes, counted from the latent's start; and how many entries the latent has.
        var totals = new Span<int>(NativeBuffer<int>.Ensure(ref _totals, latents), latents);
        totals.Clear();
        for (int range = 0; range < Ranges; range++) Advance(counts + (long)range * latents, _totals.Pointer, latents);
        long at = 0;
        for (int latent = 0; latent < latents; latent++)
        {
            Start[latent] = at;
            at += totals[latent];
        }
        Start[latents] = at;
        Workers.For(Ranges, (range, _) =>
        {
            int* own = counts + (long)range * latents;
            var (first, last) = RowsOf(range, firstRow, lastRow);
            for (int row = first; row < last; row++)
            {
                for (long e = entries.RowStart[row]; e < entries.RowStart[row + 1]; e++)
                {
                    int latent = entries.Latent[e];
                    long to = Start[latent] + own[latent]++;
                    _row.Pointer[to] = row;
                    _entry.Pointer[to] = e;
                }
            }
        });
    }

    public void Dispose()
    {
        _counts.Dispose();
        _start.Dispose();
        _row.Dispose();
        _totals.Dispose();
        _entry.Dispose();
    }

    /// <summary><c>(counts, sums) = (sums, sums + counts)</c>.</summary>
    private static void Advance(int* counts, int* sums, int length)
    {
        int i = 0;
        for (; i <= length - Vector<int>.Count; i += Vector<int>.Count)
        {
            Vector<int> own = Vector.Load(counts + i), before = Vector.Load(sums + i);
            before.Store(counts + i);
            (before + own).Store(sums + i);
        }
        for (; i < length; i++) (counts[i], sums[i]) = (sums[i], sums[i] + counts[i]);
    }

    private static (int First, int Last) RowsOf(int range, int first, int last) =>
        (first + (int)((long)(last - first) * range / Ranges), first + (int)((long)(last - first) * (range + 1) / Ranges));
}
