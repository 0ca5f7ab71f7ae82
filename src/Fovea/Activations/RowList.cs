using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Fovea.Activations;

/// <summary>Rows listed one by one.</summary>
internal sealed class RowList : RowSet
{
    private readonly long[] _rows;

    public RowList(long[] rows)
    {
        long end = 0;
        foreach (long row in rows)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(row, nameof(rows));
            end = Math.Max(end, checked(row + 1));
        }
        (_rows, End) = (rows, end);
    }

    /// <inheritdoc/>
    public override long Count => _rows.Length;

    /// <inheritdoc/>
    internal override long End { get; }

    /// <inheritdoc/>
    public override void Gather(ReadOnlySpan<long> places, Span<long> rows)
    {
        for (int i = 0; i < places.Length; i++) rows[i] = _rows[places[i]];
    }

    /// <inheritdoc/>
    internal override void Identify(IncrementalHash hash)
    {
        Identify(hash, "list", _rows.Length);
        for (int start = 0; start < _rows.Length; start += 1 << 20)
            hash.AppendData(MemoryMarshal.AsBytes(_rows.AsSpan(start, Math.Min(1 << 20, _rows.Length - start))));
    }

    /// <inheritdoc/>
    private protected override void Fill(long start, Span<long> rows) => _rows.AsSpan((int)start, rows.Length).CopyTo(rows);
}
