using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>Operators of two or more values that broadcast.</summary>
internal static partial class OnnxOperators
{
    private static readonly (string Onnx, string Catalogue)[] OfTwo =
    [
        ("Add", "add"), ("Sub", "sub"), ("Mul", "mul"), ("Equal", "eq"), ("Greater", "gt"), ("GreaterOrEqual", "ge"), ("Less", "lt"),
        ("LessOrEqual", "le"), ("And", "logical_and"), ("Or", "logical_or"), ("Xor", "logical_xor"), ("BitwiseAnd", "bitwise_and"),
        ("BitwiseOr", "bitwise_or"), ("BitwiseXor", "bitwise_xor"),
    ];

    private static void AddArithmetic()
    {
        foreach (var (name, catalogue) in OfTwo)
        {
            bool scalar = !catalogue.Contains("wise", StringComparison.Ordinal) && !catalogue.Contains("logical", StringComparison.Ordinal);
            bool either = catalogue is "add" or "mul";
            Add(name, c =>
            {
                OnnxValue other = Second(c);
                if (!scalar) return c.Add(catalogue, OperatorAttributes.None, c[0], other);
                // a ∘ b = b ∘ a: the number that the file says becomes an attribute on whichever side it stands.
                return either && c[0] is OnnxValue.Known && other is OnnxValue.InGraph
                    ? c.Two(catalogue, other, c[0]) : c.Two(catalogue, c[0], other);
            });
        }
        // Whole numbers are divided without what is left, towards zero.
        Add("Div", c => OnnxCall.TypeOf(c[0]).IsFloating()
            ? c.Two("div", c[0], Second(c)) : c.Add("div_trunc", OperatorAttributes.None, c[0], Second(c)));
        Add("Pow", c =>
        {
            OnnxValue other = Second(c);
            ScalarType type = OnnxCall.TypeOf(c[0]);
            return type.IsFloating() == OnnxCall.TypeOf(other).IsFloating() || type.IsFloating()
                ? To(c, c.Two("pow", c[0], To(c, other, type)), type)
                : To(c, c.Two("pow", To(c, c[0], ScalarType.Float32), other), type);
        });
        Add("Mod", c => c.Two(c.Flag("fmod", false) ? "fmod" : "remainder", c[0], c[1]));
        Add("Where", c => c.Add("where", OperatorAttributes.None, c[0], c[1], c[2]));
        Add("Sum", c => Joined(c, "add", "sum_of"));
        Add("Max", c => Rectified(c) ?? Joined(c, "maximum", "maximum_of"));
        Add("Min", c => Joined(c, "minimum", "minimum_of"));
        Add("Mean", c => c.Count == 1 ? c[0]
            : c.Add("div", new() { ["scalar"] = (double)c.Count }, Joined(c, "add", "sum_of")));
    }

    /// <summary>
    /// The larger of a value and the number 0, as PyTorch's newer exporter writes a clamp: the form that a network's modification knows. Null
    /// where it is another.
    /// </summary>
    private static OnnxValue? Rectified(OnnxCall c)
    {
        if (c.Count != 2) return null;
        int number = c.Fixed(1) is not null ? 1 : 0;
        return c.Fixed(1 - number) is null && c.Fixed(number) is { } zero && zero.numel() == 1 && zero.dim() <= c.Rank(c[1 - number])
            && OnnxCall.TypeOf(c[1 - number]).IsFloating() && c.Scalar(number) == 0
                ? c.Add("relu", OperatorAttributes.None, c[1 - number]) : null;
    }

    private static OnnxValue Joined(OnnxCall c, string two, string many) => c.Count switch
    {
        1 => c[0],
        2 => c.Add(two, OperatorAttributes.None, c[0], c[1]),
        _ => c.Add(many, OperatorAttributes.None, c.All),
    };

    /// <summary>
    /// The second value; before version 7 an attribute says where its dimensions lie in the first one's, which was ended by broadcasting
    /// from the last one on.
    /// </summary>
    private static OnnxValue Second(OnnxCall c)
    {
        if (c.Version >= 7 || !c.Flag("broadcast", false) || !c.HasAttribute("axis")) return c[1];
        int rank = c.Rank(c[0]), own = c.Rank(c[1]);
        long behind = rank - c.Axis(c.Int("axis"), rank) - own;
        if (behind < 0) throw new OnnxRefusedException("the dimensions of its second value are not among those of the first");
        return behind == 0 ? c[1] : c.Reshape(c[1], [.. c.SizesOf(c[1]), .. Enumerable.Repeat(new OnnxSize(1, false), (int)behind)]);
    }
}
