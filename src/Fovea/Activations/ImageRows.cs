using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Fovea.Activations;

/// <summary>
/// All positions of some images: place = image × positions + position. Memory: a number for each image, or for each that is left out; none
/// where it is all of them.
/// </summary>
internal sealed class ImageRows : RowSet
{
    private readonly int[]? _images, _leftOut;
    private readonly int _count, _positions;

    /// <param name="images">Places of the images in the store, in order; null: the first <paramref name="count"/>.</param>
    /// <param name="count">Images.</param>
    /// <param name="positions">Rows of an image.</param>
    public ImageRows(int[]? images, int count, int positions)
    {
        (_images, _count, _positions) = (images, count, positions);
        End = (long)positions * (images is null ? count : images.Length == 0 ? 0 : images.Max() + 1L);
    }

    private ImageRows(int[] leftOut, int all, int positions, bool _)
    {
        (_leftOut, _count, _positions) = (leftOut, all - leftOut.Length, positions);
        End = _count == 0 ? 0 : (long)positions * (ImageAt(_count - 1) + 1);
    }

    /// <summary>All images but some.</summary>
    /// <param name="leftOut">Places of these in the store, ascending.</param>
    /// <param name="all">Images of the store.</param>
    /// <param name="positions">Rows of an image.</param>
    public static ImageRows Without(int[] leftOut, int all, int positions) =>
        leftOut.Length == 0 ? new ImageRows(null, all, positions) : new ImageRows(leftOut, all, positions, true);

    /// <inheritdoc/>
    public override long Count => (long)_count * _positions;

    /// <inheritdoc/>
    internal override long End { get; }

    /// <summary>The row of the store's list of all positions that stands at a place.</summary>
    public long RowAt(long place)
    {
        if (_images is null && _leftOut is null) return place;
        long image = place / _positions;
        return ImageAt((int)image) * (long)_positions + (place - image * _positions);
    }

    private int ImageAt(int place)
    {
        if (_images is not null) return _images[place];
        if (_leftOut is null) return place;
        // How many of those left out stand before it: of the k-th of them, so many images as its place less k are kept before it.
        int low = 0, high = _leftOut.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_leftOut[middle] - middle > place) high = middle;
            else low = middle + 1;
        }
        return place + low;
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
        bool all = _images is null && _leftOut is null;
        Identify(hash, all ? "all images" : "images", _count, _positions);
        if (all) return;
        // As a list, whichever way they are known.
        Span<int> some = stackalloc int[1024];
        for (int first = 0; first < _count; first += some.Length)
        {
            Span<int> images = some[..Math.Min(some.Length, _count - first)];
            for (int i = 0; i < images.Length; i++) images[i] = ImageAt(first + i);
            hash.AppendData(MemoryMarshal.AsBytes(images));
        }
    }

    /// <inheritdoc/>
    private protected override void Fill(long start, Span<long> rows)
    {
        for (int i = 0; i < rows.Length; i++) rows[i] = RowAt(start + i);
    }
}
