using Fovea.Numerics;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// The entries of a batch's codes, by row: entry e of row r stands at <c>RowStart[r] … RowStart[r + 1]</c> with its latent, its
/// pre-activation, its code and what the loss thinks of its pre-activation. Memory grows to the largest batch and stays.
/// </summary>
internal sealed unsafe class SparseEntries(int ownParameters) : IDisposable
{
    private NativeBuffer<long> _rowStart = new(1);
    private NativeBuffer<int> _latent = new(0);
    private NativeBuffer<byte> _slot = new(0);
    private NativeBuffer<float> _pre = new(0), _code = new(0), _gradient = new(0);
    private readonly NativeBuffer<float>[] _own = [.. Enumerable.Range(0, ownParameters).Select(_ => new NativeBuffer<float>(0))];

    /// <summary>Number of rows.</summary>
    public int Rows { get; private set; }

    /// <summary>Number of entries.</summary>
    public long Count => Rows == 0 ? 0 : RowStart[Rows];

    /// <summary>Where each row starts, <c>[rows + 1]</c>.</summary>
    public long* RowStart => _rowStart.Pointer;

    /// <summary>The latent of each entry.</summary>
    public int* Latent => _latent.Pointer;

    /// <summary>The nested reconstruction that each entry first appears in.</summary>
    public byte* Slot => _slot.Pointer;

    /// <summary>z of each entry.</summary>
    public float* Pre => _pre.Pointer;

    /// <summary>f of each entry; 0 where the entry only matters to a parameter of the variant.</summary>
    public float* Code => _code.Pointer;

    /// <summary>∂L/∂z of each entry.</summary>
    public float* Gradient => _gradient.Pointer;

    /// <summary>The gradient of each entry for the variant's own parameter number <paramref name="number"/>.</summary>
    public float* Own(int number) => _own[number].Pointer;

    /// <summary>Forgets what it holds and takes the row lengths in <c>RowStart[1 …]</c> that <paramref name="lengths"/> gives.</summary>
    public void Begin(int rows, ReadOnlySpan<int> lengths)
    {
        long* start = NativeBuffer<long>.Ensure(ref _rowStart, rows + 1);
        start[0] = 0;
        for (int row = 0; row < rows; row++) start[row + 1] = start[row] + lengths[row];
        Rows = rows;
        NativeBuffer<int>.Ensure(ref _latent, start[rows]);
        NativeBuffer<byte>.Ensure(ref _slot, start[rows]);
        NativeBuffer<float>.Ensure(ref _pre, start[rows]);
        NativeBuffer<float>.Ensure(ref _code, start[rows]);
        NativeBuffer<float>.Ensure(ref _gradient, start[rows]);
        for (int i = 0; i < _own.Length; i++) NativeBuffer<float>.Ensure(ref _own[i], start[rows]);
    }

    /// <summary>
    /// Drops the entries whose <see cref="Pre"/> is below <paramref name="bound"/> and, of those equal to it, all but the first
    /// <paramref name="ties"/>.
    /// </summary>
    public void RemoveBelow(float bound, long ties)
    {
        long kept = 0;
        for (int row = 0; row < Rows; row++)
        {
            long first = RowStart[row], last = RowStart[row + 1];
            RowStart[row] = kept;
            for (long e = first; e < last; e++)
            {
                if (Pre[e] < bound || (Pre[e] == bound && ties-- <= 0)) continue;
                Latent[kept] = Latent[e];
                Pre[kept++] = Pre[e];
            }
        }
        RowStart[Rows] = kept;
    }

    /// <summary>Drops the entries whose <see cref="Code"/> is zero.</summary>
    public void RemoveZeros()
    {
        if (!new ReadOnlySpan<float>(Code, checked((int)Count)).Contains(0)) return;
        long kept = 0;
        for (int row = 0; row < Rows; row++)
        {
            long first = RowStart[row], last = RowStart[row + 1];
            RowStart[row] = kept;
            for (long e = first; e < last; e++)
            {
                if (Code[e] != 0) (Latent[kept], Code[kept++]) = (Latent[e], Code[e]);
            }
        }
        RowStart[Rows] = kept;
    }

    public void Dispose()
    {
        _rowStart.Dispose();
        _latent.Dispose();
        _slot.Dispose();
        _pre.Dispose();
        _code.Dispose();
        _gradient.Dispose();
        foreach (var own in _own) own.Dispose();
    }
}
