using System.Runtime.InteropServices;

namespace Fovea.Numerics;

/// <summary>Zeroed memory outside the collector's reach, aligned to a cache line: kernels keep pointers into it.</summary>
internal sealed unsafe class NativeBuffer<T> : IDisposable where T : unmanaged
{
    private const nuint Alignment = 64;

    private T* _pointer;

    public NativeBuffer(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        nuint bytes = checked((nuint)Math.Max(length, 1) * (nuint)sizeof(T));
        _pointer = (T*)NativeMemory.AlignedAlloc(bytes, Alignment);
        NativeMemory.Clear(_pointer, bytes);
    }

    ~NativeBuffer() => Free();

    /// <summary>Number of elements.</summary>
    public long Length { get; }

    /// <summary>The first element; not to be used after <see cref="Dispose"/>.</summary>
    public T* Pointer => _pointer;

    /// <summary>All elements, where they are fewer than 2³¹.</summary>
    public Span<T> Span => new(_pointer, checked((int)Length));

    /// <summary>Makes <paramref name="buffer"/> at least <paramref name="length"/> long; its contents are lost if it has to grow.</summary>
    public static T* Ensure(ref NativeBuffer<T> buffer, long length)
    {
        if (buffer.Length < length)
        {
            buffer.Dispose();
            buffer = new NativeBuffer<T>(length + length / 4);
        }
        return buffer.Pointer;
    }

    /// <summary>Copies <paramref name="count"/> elements, more than a span can have.</summary>
    public static void Copy(T* source, T* destination, long count)
    {
        long bytes = checked(count * sizeof(T));
        Buffer.MemoryCopy(source, destination, bytes, bytes);
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
    }
}
