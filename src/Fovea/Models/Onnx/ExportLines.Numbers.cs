using Fovea.Checkpoints;

namespace Fovea.Models.Onnx;

/// <summary>Operations that work on each number by itself.</summary>
internal static partial class ExportLines
{
    private static void AddNumbers()
    {
        foreach (var (name, operation) in ((string, string)[])[("relu", "Relu"), ("neg", "Neg"), ("abs", "Abs"), ("exp", "Exp"),
            ("log", "Log"), ("sqrt", "Sqrt"), ("erf", "Erf"), ("reciprocal", "Reciprocal"), ("sigmoid", "Sigmoid"), ("tanh", "Tanh"),
            ("hardswish", "HardSwish")])
            Line(name, c => c.Op(operation, [Given(c)]));
        Line("rsqrt", c => c.Op("Reciprocal", [c.Op("Sqrt", [Given(c)])]));
        Line("silu", c => c.Op("Mul", [c.X, c.Op("Sigmoid", [c.X])]));
        Line("mish", c => c.Op("Mul", [c.X, c.Op("Tanh", [c.Op("Softplus", [c.X])])]));
        Line("gelu", c => c.Attributes.Flag("tanh", false) ? GeluByTanh(c) : Gelu(c));
        Line("hardsigmoid", c => c.Op("HardSigmoid", [c.X],
            ("alpha", (float)c.Attributes.Number("alpha", 1.0 / 6)), ("beta", (float)c.Attributes.Number("beta", 0.5))));
        Line("softplus", c =>
        {
            // Beyond the threshold PyTorch takes x itself, which is the same number in single precision when it is far enough out.
            double beta = c.Attributes.Number("beta", 1);
            if (c.Attributes.Number("threshold", 20) < 15) throw new ExportRefusedException("it is a line from a low threshold on");
            return beta == 1 ? c.Op("Softplus", [c.X])
                : c.Op("Div", [c.Op("Softplus", [c.Op("Mul", [c.X, Number(c, beta)])]), Number(c, beta)]);
        });
        Line("leaky_relu", c => c.Op("LeakyRelu", [c.X], ("alpha", (float)c.Attributes.Number("slope", 0.01))));
        Line("elu", c => c.Op("Elu", [c.X], ("alpha", (float)c.Attributes.Number("alpha", 1))));
        // One slope, or one a channel, which ONNX sees from behind.
        Line("prelu", c => c.Op("PRelu",
            [c.X, c.Of.Rank > 2 ? c.Reshape(c[1], [c.Input(1).Sizes[0].Count, .. Enumerable.Repeat(1L, c.Of.Rank - 2)]) : c[1]]));
        Line("relu6", c => c.Op("Clip", [c.X, Number(c, 0), Number(c, 6)]));
        Line("hardtanh", c => c.Op("Clip", [c.X, Number(c, c.Attributes.Number("min", -1)), Number(c, c.Attributes.Number("max", 1))]));
        Line("clamp", c => c.Op("Clip", [Given(c), c.Attributes.Has("min") ? Number(c, c.Attributes.Number("min")) : "",
            c.Attributes.Has("max") ? Number(c, c.Attributes.Number("max")) : ""]));
        Line("to", c => c.Cast(c.X, c.Of.Type, c.Result.Type));

        Line("add", c => Two(c, "Add"));
        Line("sub", c => Two(c, "Sub"));
        Line("mul", c => Two(c, "Mul"));
        Line("div", c => Two(c, "Div"));
        Line("pow", c => Two(c, "Pow"));
        Line("maximum", c => Two(c, "Max"));
        Line("minimum", c => Two(c, "Min"));
        Line("rsub", c => c.Op("Sub", [Second(c, c.Result.Type), c.As(0, c.Result.Type)]));
        Line("floor_divide", FloorDivided);
        Line("remainder", Remainder);

        Line("eq", c => Compared(c, "Equal"));
        Line("ne", c => c.Op("Not", [Compared(c, "Equal")]));
        Line("lt", c => Compared(c, "Less"));
        Line("le", c => Compared(c, "LessOrEqual"));
        Line("gt", c => Compared(c, "Greater"));
        Line("ge", c => Compared(c, "GreaterOrEqual"));
        Line("logical_not", c => c.Op("Not", [c.As(0, ElementType.Bool)]));
        Line("where", c => c.Op("Where", [c.As(0, ElementType.Bool), c.As(1, c.Result.Type), c.As(2, c.Result.Type)]));
        Line("masked_fill", c => c.Op("Where", [c.As(1, ElementType.Bool),
            c.Attributes.Has("scalar") ? Number(c, c.Attributes.Number("scalar")) : c.As(2, c.Result.Type), c.X]));
        Line("copy", c => c.Op("Expand", [c.As(1, c.Result.Type), c.Sizes(c.Result.Sizes)]));
        Line("fill", c => c.Op("Expand", [Number(c, c.Attributes.Number("scalar")), c.Sizes(c.Result.Sizes)]));
    }

    /// <summary>The input in the result's type, where the two differ (the square root of whole numbers).</summary>
    private static string Given(ExportCall c) => c.As(0, c.Result.Type);

    /// <summary>A number in the result's type.</summary>
    private static string Number(ExportCall c, double value) => c.Graph.Scalar(value, c.Result.Type);

    private static string Two(ExportCall c, string operation) => c.Op(operation, [Given(c), Second(c, c.Result.Type)]);

    /// <summary>The second value, or the number in its place.</summary>
    private static string Second(ExportCall c, ElementType type) =>
        c.Attributes.Has("scalar") ? c.Graph.Scalar(c.Attributes.Number("scalar"), type) : c.As(1, type);

    private static string Compared(ExportCall c, string operation)
    {
        ElementType type = c.Attributes.Has("scalar")
            ? c.Of.Type.IsFloatingPoint() || c.Attributes.Number("scalar") % 1 == 0 ? c.Of.Type : ElementType.F32
            : ExportTypes.Common(c.Of.Type, c.Input(1).Type);
        return c.Op(operation, [c.As(0, type), Second(c, type)]);
    }

    /// <summary>
    /// Rounded down. ONNX's division of whole numbers rounds to zero; its remainder has the divisor's sign, as PyTorch's.
    /// </summary>
    private static string FloorDivided(ExportCall c)
    {
        string one = Given(c), other = Second(c, c.Result.Type);
        return c.Result.Type.IsFloatingPoint()
            ? c.Op("Floor", [c.Op("Div", [one, other])])
            : c.Op("Div", [c.Op("Sub", [one, c.Op("Mod", [one, other])]), other]);
    }

    private static string Remainder(ExportCall c)
    {
        string one = Given(c), other = Second(c, c.Result.Type);
        return c.Result.Type.IsFloatingPoint()
            ? c.Op("Sub", [one, c.Op("Mul", [other, c.Op("Floor", [c.Op("Div", [one, other])])])])
            : c.Op("Mod", [one, other]);
    }

    /// <summary>x/2 · (1 + erf(x/√2)) (Hendrycks and Gimpel 2016); ONNX has an operator for it from opset 20 on.</summary>
    private static string Gelu(ExportCall c)
    {
        string inner = c.Op("Erf", [c.Op("Mul", [c.X, Number(c, Math.Sqrt(0.5))])]);
        return c.Op("Mul", [c.Op("Mul", [c.X, Number(c, 0.5)]), c.Op("Add", [inner, Number(c, 1)])]);
    }

    private static string GeluByTanh(ExportCall c)
    {
        string cube = c.Op("Mul", [c.Op("Mul", [c.Op("Mul", [c.X, c.X]), c.X]), Number(c, 0.044715)]);
        string inner = c.Op("Tanh", [c.Op("Mul", [c.Op("Add", [c.X, cube]), Number(c, Math.Sqrt(2 / Math.PI))])]);
        return c.Op("Mul", [c.Op("Mul", [c.X, Number(c, 0.5)]), c.Op("Add", [inner, Number(c, 1)])]);
    }
}
