using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>
/// Weights that are kept as whole numbers with scales become real numbers. That the images' numbers are rounded to few whole ones on the way
/// is not done: no gradient passes there.
/// </summary>
internal static partial class OnnxOperators
{
    private static readonly string[] Rounding = ["Quantize", "QLinear", "Integer"];

    /// <summary>Why an operator without a line is not read.</summary>
    public static string WhyNot(string domain, string name) =>
        Rounding.Any(one => name.Contains(one, StringComparison.Ordinal))
            ? "it rounds the images' numbers to few whole ones, through which no gradient passes: export the network before it is quantised, "
                + "or with its weights alone quantised"
            : domain.Length == 0 ? "this operator is not known" : $"this operator of {domain} is not known";

    private static void AddQuantised() => Add("DequantizeLinear", c =>
    {
        OnnxValue numbers = To(c, c[0], ScalarType.Float32);
        if (c.Has(2)) numbers = c.Add("sub", OperatorAttributes.None, numbers, To(c, Spread(c, c[2]), ScalarType.Float32));
        return Kept(c[0], c.Add("mul", OperatorAttributes.None, numbers, Spread(c, c[1])));
    });

    /// <summary>A scale or a zero for each number: one for all, one for each place of a dimension, or one for each block of it.</summary>
    private static OnnxValue Spread(OnnxCall c, OnnxValue one)
    {
        OnnxSize[] sizes = c.SizesOf(c[0]), own = c.SizesOf(one);
        if (own.Length == 0 || (own.Length == 1 && own[0] == new OnnxSize(1, false))) return one;
        long axis = c.Axis(c.Int("axis", 1), sizes.Length), block = c.Int("block_size", 0);
        if (own.Length == 1) return c.Reshape(one, [.. sizes.Select((_, i) => i == axis ? own[0] : new OnnxSize(1, false))]);
        if (own.Length != sizes.Length || sizes[axis].PerImage || own[axis].PerImage || block < 1
            || own[axis].Count != (sizes[axis].Count - 1) / block + 1)
            throw new OnnxRefusedException("its scales are not those of blocks of its numbers");
        return c.Add("take", new() { ["dim"] = axis }, one,
            OnnxCall.Constant(arange(sizes[axis].Count, dtype: int64).div(block, RoundingMode.floor)));
    }
}
