using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using Fovea.IO;
using Microsoft.Win32.SafeHandles;
using static TorchSharp.torch;

namespace Fovea.Checkpoints;

/// <summary>
/// A safetensors file open for reading, memory-mapped: opening reads the header only, and <see cref="Span{T}(string)"/> is the file itself.
/// Reading is thread-safe; disposing is not, and spans must not be used after it.
/// </summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly SafetensorsHeader _header;
    private readonly byte* _data;
    private readonly long _dataStart;

    private SafetensorsFile(string path, SafeFileHandle handle, MemoryMappedFile file, MemoryMappedViewAccessor view, long length)
    {
        (Path, _handle, _file, _view) = (path, handle, file, view);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        start += view.PointerOffset;
        try
        {
            ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(start, 8));
            if (headerLength > SafetensorsHeader.MaximumLength || headerLength > (ulong)length - 8)
            {
                throw FoveaException.BadData($"{path} is not a sound safetensors file: it announces a header of {headerLength} bytes, " +
                    $"but has {length - 8} bytes after that number (at most {SafetensorsHeader.MaximumLength} are allowed). Fetch or "
                        + $"export it again.");
            }
            var json = new ReadOnlySpan<byte>(start + 8, (int)headerLength);
            _header = SafetensorsHeader.Parse(path, json, length - 8 - (long)headerLength);
            _dataStart = 8 + (long)headerLength;
            _data = start + _dataStart;
        }
        catch
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            throw;
        }
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>The free words of the header.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>The tensors by name, in the header's order.</summary>
    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors => _header.Tensors;

    /// <summary>Opens a file and checks its header against its size: types, shapes, offsets, holes, overlaps, names given twice.</summary>
    /// <exception cref="FoveaException">The file is missing, truncated or its header lies.</exception>
    public static SafetensorsFile Open(string path)
    {
        LfsPointer.Refuse(path);
        PlainFile.Require(path);
        SafeFileHandle? handle = null;
        MemoryMappedFile? file = null;
        MemoryMappedViewAccessor? view = null;
        try
        {
            handle = File.OpenHandle(path);
            long length = RandomAccess.GetLength(handle);
            if (length < 8)
                throw FoveaException.BadData(
                    $"{path} is not a safetensors file: it has {length} bytes, the format needs 8. Fetch it again.");
            file = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            return new SafetensorsFile(path, handle, file, view, length);
        }
        catch (Exception e)
        {
            view?.Dispose();
            file?.Dispose();
            handle?.Dispose();
            if (e is IOException or UnauthorizedAccessException) throw FoveaException.BadData($"Cannot open {path}: {e.Message}", e);
            throw;
        }
    }

    /// <summary>A tensor's elements where they lie in the file, row-major; no copy. BF16 is read as <see cref="ushort"/>, F16 may be.</summary>
    /// <exception cref="FoveaException">There is no such tensor, or it has more than 2³¹ − 1 elements (see the overload with a
    /// range).</exception>
    /// <exception cref="ArgumentException"><typeparamref name="T"/> is not the tensor's type.</exception>
    public ReadOnlySpan<T> Span<T>(string name) where T : unmanaged
    {
        SafetensorsTensor tensor = Find(name);
        return Span<T>(name, 0, tensor.Length / tensor.Type.SizeInBytes());
    }

    /// <summary>
    /// Elements <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/> of a tensor of any size; no copy.
    /// </summary>
    /// <exception cref="FoveaException">There is no such tensor, or more than 2³¹ − 1 elements are asked for.</exception>
    /// <exception cref="ArgumentException"><typeparamref name="T"/> is not the tensor's type.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not in the tensor.</exception>
    public ReadOnlySpan<T> Span<T>(string name, long start, long count) where T : unmanaged
    {
        var tensor = Mapped<T>(name);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, tensor.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, tensor.Length - start);
        if (count > int.MaxValue)
            throw FoveaException.BadData($"{name} in {Path} has {count} elements: read it in ranges of at most {int.MaxValue}.");
        return tensor.Slice(start, (int)count);
    }

    /// <summary>A tensor to read from at many places: its name and type are looked at once.</summary>
    /// <exception cref="FoveaException">There is no such tensor.</exception>
    /// <exception cref="ArgumentException"><typeparamref name="T"/> is not the tensor's type.</exception>
    internal MappedTensor<T> Mapped<T>(string name) where T : unmanaged
    {
        RequireOpen();
        SafetensorsTensor tensor = Find(name);
        bool same = ElementTypes.Of<T>() == tensor.Type || (tensor.Type is ElementType.BF16 or ElementType.F16 && typeof(T) == typeof(ushort));
        if (!same) throw new ArgumentException($"{name} in {Path} is {tensor.Type.SafetensorsName()}, not {typeof(T).Name}.");
        return new MappedTensor<T>(this, (T*)(_data + tensor.Offset), tensor.Offset, tensor.Length / Unsafe.SizeOf<T>());
    }

    /// <summary>Reads bytes of the tensors, from the file and not from its mapping.</summary>
    /// <param name="offset">From the first tensor's beginning on.</param>
    /// <param name="bytes">Gets them.</param>
    /// <exception cref="FoveaException">Data: the disk gives an error, or the file has become shorter.</exception>
    internal void Read(long offset, Span<byte> bytes)
    {
        RequireOpen();
        for (int done = 0; done < bytes.Length;)
        {
            int read;
            try
            {
                read = RandomAccess.Read(_handle, bytes[done..], _dataStart + offset + done);
            }
            catch (IOException e)
            {
                throw FoveaException.BadData($"Cannot read {Path}: {e.Message}", e);
            }
            if (read == 0) throw FoveaException.BadData($"{Path} has become shorter since it was opened.");
            done += read;
        }
    }

    /// <summary>A copy of a tensor in main memory; the caller owns it.</summary>
    /// <exception cref="FoveaException">There is no such tensor, or libtorch has no tensors of its type.</exception>
    public Tensor ToTensor(string name)
    {
        RequireOpen();
        SafetensorsTensor stored = Find(name);
        Tensor tensor = empty([.. stored.Shape], dtype: stored.Type.ToScalarType());
        TensorBytes.Read(tensor, _data + stored.Offset);
        return tensor;
    }

    /// <summary>
    /// Takes the file's pages out of this process' memory (they stay in the system's cache, and are mapped again when they are read). Spans
    /// stay valid. Does nothing where the system has no such call.
    /// </summary>
    public void ReleasePages()
    {
        RequireOpen();
        MappedPages.Release(_view.SafeMemoryMappedViewHandle);
    }

    /// <summary>Unmaps and closes the file.</summary>
    public void Dispose()
    {
        if (_view.SafeMemoryMappedViewHandle.IsClosed) return;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
        _handle.Dispose();
    }

    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    internal void RequireOpen() => ObjectDisposedException.ThrowIf(_view.SafeMemoryMappedViewHandle.IsClosed, this);

    private SafetensorsTensor Find(string name) => Tensors.TryGetValue(name, out SafetensorsTensor? tensor)
        ? tensor
        : throw FoveaException.BadData(
            $"{Path} has no tensor {name}; it has {string.Join(", ", Tensors.Keys.Take(12))}{(Tensors.Count > 12 ? " …" : "")}.");
}
