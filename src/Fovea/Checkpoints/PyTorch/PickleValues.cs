using System.Diagnostics.CodeAnalysis;

namespace Fovea.Checkpoints.PyTorch;

/// <summary>Python's None.</summary>
internal sealed class PickleNone
{
    public static PickleNone Value { get; } = new();
}

/// <summary>A value that is read past and never used (a device, an attribute, an integer beyond 64 bits).</summary>
internal sealed class PickleOpaque
{
    public static PickleOpaque Value { get; } = new();
}

/// <summary>One of the allowed Python objects, by name.</summary>
internal sealed record PickleGlobal(string Name, PickleGlobalKind Kind, ElementType? Type = null);

/// <summary>What an allowed Python object stands for.</summary>
internal enum PickleGlobalKind
{
    OrderedDict,
    RebuildTensor,
    RebuildTensorWithType,
    RebuildParameter,
    Parameter,
    TensorClass,
    Storage,
    DataType,
    Size,
    Device,
    Encode,
}

/// <summary>Where a tensor's elements lie: what the file keeps outside the pickle under a key, or a part of that.</summary>
/// <param name="Key">The key.</param>
/// <param name="Type">Null for storages of bytes without a type.</param>
/// <param name="Count">Elements of the whole storage.</param>
/// <param name="Start">The first element of the part.</param>
/// <param name="Length">Elements of the part.</param>
internal sealed record PickleStorage(string Key, ElementType? Type, long Count, long Start, long Length);

/// <summary>An object that gets its tensor after it was made.</summary>
internal sealed class PickleHolder
{
    public PickleTensor? Tensor { get; set; }
}

/// <summary>A tensor as the pickle describes it; sizes and strides are still unchecked values of the pickle.</summary>
internal sealed record PickleTensor(PickleStorage Storage, ElementType Type, long Offset, object[] Sizes, object[] Strides);

/// <summary>
/// Compares keys of a dictionary: strings and numbers by value, tuples by identity. Integers are hashed with a secret, so that no file
/// can choose keys that all collide.
/// </summary>
internal sealed class PickleKeyComparer : IEqualityComparer<object>
{
    public static PickleKeyComparer Instance { get; } = new();

    public new bool Equals(object? x, object? y) => object.Equals(x, y);

    public int GetHashCode([DisallowNull] object obj) => obj switch
    {
        long value => HashCode.Combine((int)value, (int)(value >> 32)),
        double value => GetHashCode(BitConverter.DoubleToInt64Bits(value)),
        _ => obj.GetHashCode(),
    };
}
