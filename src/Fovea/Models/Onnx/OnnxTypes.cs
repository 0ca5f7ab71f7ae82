using Fovea.Checkpoints;

namespace Fovea.Models.Onnx;

/// <summary>ONNX's numbers for types of elements.</summary>
internal static class OnnxTypes
{
    public const long Single = 1;
    public const long Bool = 9;

    /// <summary>The type in memory; null for texts, complex numbers and those of 8 bits and fewer that are no whole bytes.</summary>
    public static ElementType? Of(long number) => number switch
    {
        1 => ElementType.F32,
        2 => ElementType.U8,
        3 => ElementType.I8,
        4 => ElementType.U16,
        5 => ElementType.I16,
        6 => ElementType.I32,
        7 => ElementType.I64,
        9 => ElementType.Bool,
        10 => ElementType.F16,
        11 => ElementType.F64,
        12 => ElementType.U32,
        13 => ElementType.U64,
        16 => ElementType.BF16,
        _ => null,
    };

    /// <summary>
    /// The type that tensors of it have here: floating-point numbers are single, whole ones without sign that libtorch has no tensors of
    /// take the next wider type.
    /// </summary>
    public static ElementType? Here(long number) => Of(number) switch
    {
        null => null,
        ElementType.U16 => ElementType.I32,
        ElementType.U32 or ElementType.U64 => ElementType.I64,
        { } type => type.IsFloatingPoint() ? ElementType.F32 : type,
    };

    /// <summary>A type's name for messages.</summary>
    public static string Name(long number) => Of(number) is { } type ? type.TorchName() : number switch
    {
        8 => "string",
        14 or 15 => "complex",
        17 or 18 or 19 or 20 or 24 => "float8",
        21 or 22 => "int4",
        23 => "float4",
        _ => $"number {number}",
    };
}
