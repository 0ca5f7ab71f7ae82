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
    private NativeBuffer<int> _row = new(0);
    private NativeBuffer<long> _entry = new(0);

    /// <summary>Where each latent starts, <c>[n + 1]</c>.</summary>
    public long* Start => _start.Pointer;

    /// <summary>The row of each entry.</summary>
    public int* Row => _row.Pointer;

    /// <summary>The entry's number in <see cref="SparseEntries"/>.</summary>
    public long* Entry => _entry.Pointer;

    public void Sort(SparseEntries entries)
    {
        NativeBuffer<int>.Ensure(ref _row, entries.Count);
        NativeBuffer<long>.Ensure(ref _entry, entries.Count);
        int* counts = _counts.Pointer;
        Workers.For(Ranges, (range, _) =>
        {
            int* own = counts + (long)range * latents;
            new Span<int>(own, latents).Clear();
            var (first, last) = RowsOf(range, entries.Rows);
            for (long e = entries.RowStart[first]; e < entries.RowStart[last]; e++) own[entries.Latent[e]]++;
        });
        long at = 0;
        for (int latent = 0; latent < latents; latent++)
        {
            Start[latent] = at;
            for (int range = 0; range < Ranges; range++)
            {
                int count = counts[(long)range * latents + latent];
                // From here on: where this range's first entry goes, counted from the latent's start.
                counts[(long)range * latents + latent] = (int)(at - Start[latent]);
                at += count;
            }
        }
        Start[latents] = at;
        Workers.For(Ranges, (range, _) =>
        {
            int* own = counts + (long)range * latents;
            var (first, last) = RowsOf(range, entries.Rows);
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
        _entry.Dispose();
    }

    private static (int First, int Last) RowsOf(int range, int rows) =>
        ((int)((long)rows * range / Ranges), (int)((long)rows * (range + 1) / Ranges));
}
