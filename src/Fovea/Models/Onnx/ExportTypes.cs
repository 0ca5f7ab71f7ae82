using Fovea.Checkpoints;

namespace Fovea.Models.Onnx;

/// <summary>ONNX's numbers for the types of tensors (<c>TensorProto.DataType</c>).</summary>
internal static class ExportTypes
{
    /// <summary>The number of a type.</summary>
    public static int NumberOf(ElementType type) => type switch
    {
        ElementType.F32 => 1,
        ElementType.U8 => 2,
        ElementType.I8 => 3,
        ElementType.U16 => 4,
        ElementType.I16 => 5,
        ElementType.I32 => 6,
        ElementType.I64 => 7,
        ElementType.Bool => 9,
        ElementType.F16 => 10,
        ElementType.F64 => 11,
        ElementType.U32 => 12,
        ElementType.U64 => 13,
        ElementType.BF16 => 16,
        _ => throw new ExportRefusedException($"ONNX has no numbers of the type {type.TorchName()}"),
    };

    /// <summary>The type in which numbers of two types are compared: floating before whole, more bytes before fewer.</summary>
    public static ElementType Common(ElementType one, ElementType other)
    {
        if (one.IsFloatingPoint() != other.IsFloatingPoint()) return one.IsFloatingPoint() ? one : other;
        if (one == ElementType.Bool || other == ElementType.Bool) return one == ElementType.Bool ? other : one;
        return one.SizeInBytes() >= other.SizeInBytes() ? one : other;
    }
}
