using System.Security.Cryptography;

namespace Fovea.Activations;

/// <summary>Neighbouring rows.</summary>
internal sealed class RowRange(long first, long count) : RowSet
{
    /// <inheritdoc/>
    public override long Count => count;

    /// <inheritdoc/>
    internal override long End => first + count;

    /// <inheritdoc/>
    public override void Gather(ReadOnlySpan<long> places, Span<long> rows)
    {
        for (int i = 0; i < places.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)places[i], (ulong)count, nameof(places));
            rows[i] = first + places[i];
        }
    }

    /// <inheritdoc/>
    internal override void Identify(IncrementalHash hash) => Identify(hash, "range", first, count);

    /// <inheritdoc/>
    private protected override void Fill(long start, Span<long> rows)
    {
        for (int i = 0; i < rows.Length; i++) rows[i] = first + start + i;
    }
}
