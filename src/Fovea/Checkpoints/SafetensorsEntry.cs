using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Fovea.Checkpoints;

/// <summary>A tensor to be written to a safetensors file: what it is called, its type and shape, and where its bytes come from.</summary>
public sealed class SafetensorsEntry
{
    /// <summary>An entry whose bytes are produced when the file is written, so that no whole copy needs to be held.</summary>
    /// <param name="name">The tensor's name; not empty and not <c>__metadata__</c>.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="shape">Sizes; empty for a scalar.</param>
    /// <param name="write">Writes exactly product of sizes × bytes an element, little-endian, row-major.</param>
    /// <exception cref="ArgumentException">The name is reserved, a size is negative or the tensor has more than 2⁶³ bytes.</exception>
    public SafetensorsEntry(string name, ElementType type, IEnumerable<long> shape, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(write);
        if (name == SafetensorsHeader.MetadataKey) throw new ArgumentException($"{name} is reserved by the format.", nameof(name));
        (Name, Type, Shape, Write) = (name, type, [.. shape], write);
        Length = SafetensorsHeader.TryCountBytes(type, Shape, out long length)
            ? length
            : throw new ArgumentException($"[{string.Join(", ", Shape)}] is not a shape.", nameof(shape));
    }

    /// <summary>The tensor's name.</summary>
    public string Name { get; }

    /// <summary>Type of the elements.</summary>
    public ElementType Type { get; }

    /// <summary>Sizes.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Bytes the elements take.</summary>
    public long Length { get; }

    internal Action<Stream> Write { get; }

    /// <summary>An entry over an array; no shape means a vector.</summary>
    /// <exception cref="ArgumentException">The array's length is not the product of the sizes.</exception>
    public static SafetensorsEntry Of<T>(string name, T[] values, params long[] shape) where T : unmanaged =>
        Of(name, new ReadOnlyMemory<T>(values), shape);

    /// <summary>An entry over memory, row-major; no shape means a vector.</summary>
    /// <exception cref="ArgumentException">The memory's length is not the product of the sizes.</exception>
    public static SafetensorsEntry Of<T>(string name, ReadOnlyMemory<T> values, params long[] shape) where T : unmanaged
    {
        if (shape.Length == 0) shape = [values.Length];
        var entry = new SafetensorsEntry(name, ElementTypes.Of<T>(), shape, stream => WriteValues(stream, values.Span));
        if (entry.Length / entry.Type.SizeInBytes() != values.Length)
            throw new ArgumentException($"{values.Length} values for shape [{string.Join(", ", shape)}].", nameof(values));
        return entry;
    }

    /// <summary>An entry over a tensor of any device and layout; the tensor must live until the file is written.</summary>
    /// <exception cref="FoveaException">The tensor's type has no stored form.</exception>
    public static SafetensorsEntry Of(string name, Tensor tensor) =>
        new(name, ElementTypes.Of(tensor.dtype), tensor.shape, stream => TensorBytes.Write(tensor, stream));

    private static void WriteValues<T>(Stream stream, ReadOnlySpan<T> values) where T : unmanaged
    {
        // By pieces: a span of bytes ends at 2³¹ − 1.
        const int Piece = 1 << 24;
        for (int start = 0; start < values.Length; start += Piece)
            stream.Write(MemoryMarshal.AsBytes(values.Slice(start, Math.Min(Piece, values.Length - start))));
    }
}
