using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Fovea.Activations;

/// <summary>
/// All positions of some images: place = image × positions + position. Memory: one number an image, none where it is all of them.
/// </summary>
/// <param name="images">Places of the images in the store, in order; null: the first <paramref name="count"/>.</param>
/// <param name="count">Images.</param>
/// <param name="positions">Rows of an image.</param>
internal sealed class ImageRows(int[]? images, int count, int positions) : RowSet
{
    /// <inheritdoc/>
    public override long Count => (long)count * positions;

    /// <inheritdoc/>
    internal override long End { get; } = (long)positions * (images is null ? count : images.Length == 0 ? 0 : images.Max() + 1L);

    /// <summary>The row of the store's list of all positions that stands at a place.</summary>
    public long RowAt(long place)
    {
        if (images is null) return place;
        long image = place / positions;
        return images[image] * (long)positions + (place - image * positions);
    }

    /// <inheritdoc/>
    public override void Gather(ReadOnlySpan<long> places, Span<long> rows)
    {
        for (int i = 0; i < places.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)places[i], (ulong)Count, nameof(places));
            rows[i] = RowAt(places[i]);
        }
    }

    /// <inheritdoc/>
    internal override void Identify(IncrementalHash hash)
    {
        Identify(hash, images is null ? "all images" : "images", count, positions);
        hash.AppendData(MemoryMarshal.AsBytes(images.AsSpan()));
    }

    /// <inheritdoc/>
    private protected override void Fill(long start, Span<long> rows)
    {
        for (int i = 0; i < rows.Length; i++) rows[i] = RowAt(start + i);
    }
}
