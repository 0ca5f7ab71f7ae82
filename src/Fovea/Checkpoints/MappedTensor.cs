using System.Runtime.InteropServices;

namespace Fovea.Checkpoints;

/// <summary>
/// A tensor of an open file, found and checked once: where single rows are read in any order, looking its name up again costs more than the
/// read. Good while the file is open.
/// </summary>
internal readonly unsafe struct MappedTensor<T> where T : unmanaged
{
    private readonly SafetensorsFile _file;
    private readonly T* _data;
    private readonly long _offset;

    /// <param name="file">The file.</param>
    /// <param name="data">The first element.</param>
    /// <param name="offset">Where that is among the file's tensors, in bytes.</param>
    /// <param name="length">Elements.</param>
    public MappedTensor(SafetensorsFile file, T* data, long offset, long length)
    {
        _file = file;
        _data = data;
        _offset = offset;
        Length = length;
    }

    /// <summary>Elements.</summary>
    public long Length { get; }

    /// <summary>The element at a place, row-major.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public T this[long place] => Slice(place, 1)[0];

    /// <summary>Elements <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/>; no copy.</summary>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not in the tensor.</exception>
    public ReadOnlySpan<T> Slice(long start, int count)
    {
        _file.RequireOpen();
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)start, (ulong)Length, nameof(start));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Length - start);
        return new ReadOnlySpan<T>(_data + start, count);
    }

    /// <summary>
    /// Copies elements by reading the file. What of a mapped file is touched counts as this process' memory, and the system may map megabytes
    /// for one number: where much of a large file is read in pieces, this reads what is asked for.
    /// </summary>
    /// <param name="start">The first.</param>
    /// <param name="destination">Gets as many as it holds.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not in the tensor.</exception>
    /// <exception cref="FoveaException">Data: the disk gives an error.</exception>
    public void Copy(long start, Span<T> destination)
    {
        _ = Slice(start, destination.Length);
        _file.Read(_offset + start * sizeof(T), MemoryMarshal.AsBytes(destination));
    }

    /// <summary>Says that a range is read soon; the system begins to read what of it is not in memory.</summary>
    /// <param name="start">As of <see cref="Slice"/>.</param>
    /// <param name="count">As of <see cref="Slice"/>.</param>
    public void Expect(long start, int count)
    {
        ReadOnlySpan<T> range = Slice(start, count);
        if (!range.IsEmpty) MappedPages.Expect((byte*)(_data + start), (long)count * sizeof(T));
    }
}
