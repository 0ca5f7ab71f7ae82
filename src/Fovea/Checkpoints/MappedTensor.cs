namespace Fovea.Checkpoints;

/// <summary>
/// A tensor of an open file, found and checked once: where single rows are read in any order, looking its name up again costs more than the
/// read. Good while the file is open.
/// </summary>
internal readonly unsafe struct MappedTensor<T> where T : unmanaged
{
    private readonly SafetensorsFile _file;
    private readonly T* _data;

    /// <param name="file">The file.</param>
    /// <param name="data">The first element.</param>
    /// <param name="length">Elements.</param>
    public MappedTensor(SafetensorsFile file, T* data, long length)
    {
        _file = file;
        _data = data;
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
}
