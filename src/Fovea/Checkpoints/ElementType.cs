using static TorchSharp.torch;

namespace Fovea.Checkpoints;

/// <summary>The type of a stored tensor's elements, named as in the safetensors format. All little-endian.</summary>
public enum ElementType
{
    /// <summary>One byte, 0 or 1.</summary>
    Bool,

    /// <summary>Unsigned 8-bit integer.</summary>
    U8,

    /// <summary>Signed 8-bit integer.</summary>
    I8,

    /// <summary>Unsigned 16-bit integer; can be stored but libtorch has no tensors of it here.</summary>
    U16,

    /// <summary>Signed 16-bit integer.</summary>
    I16,

    /// <summary>IEEE 754 half precision.</summary>
    F16,

    /// <summary>bfloat16: the upper half of a 32-bit float.</summary>
    BF16,

    /// <summary>Unsigned 32-bit integer; can be stored but libtorch has no tensors of it here.</summary>
    U32,

    /// <summary>Signed 32-bit integer.</summary>
    I32,

    /// <summary>IEEE 754 single precision.</summary>
    F32,

    /// <summary>Unsigned 64-bit integer; can be stored but libtorch has no tensors of it here.</summary>
    U64,

    /// <summary>Signed 64-bit integer.</summary>
    I64,

    /// <summary>IEEE 754 double precision.</summary>
    F64,
}

/// <summary>What is known about each <see cref="ElementType"/>.</summary>
public static class ElementTypes
{
    private static readonly (ElementType Type, string Safetensors, string Torch, int Size, ScalarType? Scalar)[] Table =
    [
        (ElementType.Bool, "BOOL", "bool", 1, ScalarType.Bool),
        (ElementType.U8, "U8", "uint8", 1, ScalarType.Byte),
        (ElementType.I8, "I8", "int8", 1, ScalarType.Int8),
        (ElementType.U16, "U16", "uint16", 2, null),
        (ElementType.I16, "I16", "int16", 2, ScalarType.Int16),
        (ElementType.F16, "F16", "float16", 2, ScalarType.Float16),
        (ElementType.BF16, "BF16", "bfloat16", 2, ScalarType.BFloat16),
        (ElementType.U32, "U32", "uint32", 4, null),
        (ElementType.I32, "I32", "int32", 4, ScalarType.Int32),
        (ElementType.F32, "F32", "float32", 4, ScalarType.Float32),
        (ElementType.U64, "U64", "uint64", 8, null),
        (ElementType.I64, "I64", "int64", 8, ScalarType.Int64),
        (ElementType.F64, "F64", "float64", 8, ScalarType.Float64),
    ];

    /// <summary>Bytes an element takes.</summary>
    public static int SizeInBytes(this ElementType type) => Table[(int)type].Size;

    /// <summary>The name in a safetensors header, such as <c>F32</c>.</summary>
    public static string SafetensorsName(this ElementType type) => Table[(int)type].Safetensors;

    /// <summary>PyTorch's name, such as <c>float32</c>.</summary>
    public static string TorchName(this ElementType type) => Table[(int)type].Torch;

    /// <summary>The type of tensors holding these elements.</summary>
    /// <exception cref="FoveaException">libtorch has no such tensors (U16, U32, U64).</exception>
    public static ScalarType ToScalarType(this ElementType type) => Table[(int)type].Scalar
        ?? throw FoveaException.BadData($"There are no tensors of type {type.TorchName()}: convert it to a signed or a wider type first.");

    /// <summary>The stored type of a tensor's elements.</summary>
    /// <exception cref="FoveaException">The type (complex, quantised) has no stored form.</exception>
    public static ElementType Of(ScalarType scalar)
    {
        foreach (var row in Table)
        {
            if (row.Scalar == scalar) return row.Type;
        }
        throw FoveaException.BadData(
            $"Tensors of type {scalar} cannot be stored: convert to a real floating type or an integer type first.");
    }

    /// <summary>The stored type of a .NET array's elements.</summary>
    /// <exception cref="ArgumentException"><typeparamref name="T"/> is not a stored type.</exception>
    public static ElementType Of<T>() where T : unmanaged => default(T) switch
    {
        float => ElementType.F32,
        double => ElementType.F64,
        Half => ElementType.F16,
        long => ElementType.I64,
        int => ElementType.I32,
        short => ElementType.I16,
        sbyte => ElementType.I8,
        byte => ElementType.U8,
        bool => ElementType.Bool,
        ushort => ElementType.U16,
        uint => ElementType.U32,
        ulong => ElementType.U64,
        _ => throw new ArgumentException($"{typeof(T)} is not an element type of tensors."),
    };

    /// <summary>True for the floating-point types.</summary>
    public static bool IsFloatingPoint(this ElementType type) =>
        type is ElementType.F16 or ElementType.BF16 or ElementType.F32 or ElementType.F64;

    internal static bool TryParseSafetensors(string name, out ElementType type) => TryFind(row => row.Safetensors == name, out type);

    internal static bool TryParseTorch(string name, out ElementType type) => TryFind(row => row.Torch == name, out type);

    private static bool TryFind(
        Predicate<(ElementType Type, string Safetensors, string Torch, int Size, ScalarType? Scalar)> matches, out ElementType type)
    {
        int index = Array.FindIndex(Table, matches);
        type = index < 0 ? default : Table[index].Type;
        return index >= 0;
    }
}
