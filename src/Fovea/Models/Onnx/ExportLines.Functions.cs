using Fovea.Checkpoints;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>More functions of single numbers, logic, and operations that pick and place by tables.</summary>
internal static partial class ExportLines
{
    private static void AddFunctions()
    {
        foreach (var (name, operation) in ((string, string)[])[("acos", "Acos"), ("acosh", "Acosh"), ("asin", "Asin"), ("asinh", "Asinh"),
            ("atan", "Atan"), ("atanh", "Atanh"), ("cos", "Cos"), ("cosh", "Cosh"), ("sin", "Sin"), ("sinh", "Sinh"), ("tan", "Tan"),
            ("ceil", "Ceil"), ("floor", "Floor"), ("round", "Round"), ("sign", "Sign"), ("softsign", "Softsign"), ("selu", "Selu"),
            ("isnan", "IsNaN")])
            Line(name, c => c.Op(operation, [c.X]));
        Line("square", c => c.Op("Mul", [c.X, c.X]));
        Line("isinf", c => c.Op("IsInf", [c.X], ("detect_negative", c.Attributes.Flag("negative", true) ? 1L : 0L),
            ("detect_positive", c.Attributes.Flag("positive", true) ? 1L : 0L)));
        Line("celu", c => c.Op("Celu", [c.X], ("alpha", (float)c.Attributes.Number("alpha", 1))));
        Line("threshold", c => c.Op("Where", [c.Op("Greater", [c.X, Number(c, c.Attributes.Number("threshold", 0))]), c.X,
            Number(c, c.Attributes.Number("value", 0))]));
        Line("shrink", c => c.Op("Shrink", [c.X], ("lambd", (float)c.Attributes.Number("lambda", 0.5)),
            ("bias", (float)c.Attributes.Number("bias", 0))));
        Line("trunc", c => Truncated(c, c.X));
        Line("log_sigmoid", c => c.Op("Neg", [c.Op("Softplus", [c.Op("Neg", [c.X])])]));
        Line("log1p", c => c.Op("Log", [c.Op("Add", [c.X, Number(c, 1)])]));
        Line("expm1", c => c.Op("Sub", [c.Op("Exp", [c.X]), Number(c, 1)]));
        Line("log2", c => c.Op("Mul", [c.Op("Log", [c.X]), Number(c, 1 / Math.Log(2))]));
        Line("log10", c => c.Op("Mul", [c.Op("Log", [c.X]), Number(c, 1 / Math.Log(10))]));
        Line("exp2", c => c.Op("Exp", [c.Op("Mul", [c.X, Number(c, Math.Log(2))])]));
        Line("power_of", c => c.Op("Pow", [Number(c, c.Attributes.Number("scalar")), Given(c)]));
        Line("fmod", c => c.Op("Mod", [Given(c), Second(c, c.Result.Type)], ("fmod", 1L)));
        Line("div_floor", FloorDivided);
        Line("div_trunc", c => c.Result.Type.IsFloatingPoint() ? Truncated(c, Two(c, "Div")) : Two(c, "Div"));
        foreach (var (name, operation) in ((string, string)[])[("sum_of", "Sum"), ("maximum_of", "Max"), ("minimum_of", "Min")])
            Line(name, c => c.Op(operation, [.. Enumerable.Range(0, c.Count).Select(i => c.As(i, c.Result.Type))]));
        foreach (var (name, operation) in ((string, string)[])[("logical_and", "And"), ("logical_or", "Or"), ("logical_xor", "Xor")])
            Line(name, c => c.Op(operation, [c.As(0, ElementType.Bool), c.As(1, ElementType.Bool)]));
        Line("prelu_broadcast", c => c.Op("PRelu", [c.X, c[1]]));
        Line("hardmax", c => c.Op("Hardmax", [c.X], ("axis", (long)c.Of.Dimension(c.Attributes.Int("dim", -1)))));
        Line("glu", c =>
        {
            long dim = c.Of.Dimension(c.Attributes.Int("dim", -1)), half = c.Of.Fixed(dim) / 2;
            return c.Op("Mul", [c.Slice(c.X, dim, 0, half), c.Op("Sigmoid", [c.Slice(c.X, dim, half, 2 * half)])]);
        });
    }

    private static string Truncated(ExportCall c, string x) => c.Op("Mul", [c.Op("Sign", [x]), c.Op("Floor", [c.Op("Abs", [x])])]);

    private static void AddTables()
    {
        Line("take", c => c.Op("Gather", [c.X, c.As(1, ElementType.I64)], Axis(c)));
        Line("gather", c => c.Op("GatherElements", [c.X, c.As(1, ElementType.I64)], Axis(c)));
        Line("gather_nd", c => c.Op("GatherND", [c.X, c.As(1, ElementType.I64)], ("batch_dims", c.Attributes.Int("batch_dims", 0))));
        Line("scatter", c => c.Op("ScatterElements", [c.X, c.As(1, ElementType.I64), c[2]], Axis(c), Reduction(c)));
        Line("scatter_nd", c => c.Op("ScatterND", [c.X, c.As(1, ElementType.I64), c[2]], Reduction(c)));
        Line("pad_by", c =>
        {
            string mode = c.Attributes.Text("mode", "constant");
            if (mode == "wrap") throw new ExportRefusedException("it pads by what is on the other side, which opset 19 brought");
            string pads = c.Graph.Integers([.. c.Attributes.Ints("before"), .. c.Attributes.Ints("after")]);
            return c.Op("Pad", mode == "constant" ? [c.X, pads, Number(c, c.Attributes.Number("value", 0))] : [c.X, pads], ("mode", mode));
        });
        foreach (string name in (string[])["broadcast", "expand_as"]) Line(name, c => c.Op("Expand", [c.X, c.Sizes(c.Result.Sizes)]));
        Line("reshape_as", c => c.Reshape(c.X, c.Result.Sizes));
        Line("tril", c => Triangle(c, 0));
        Line("triu", c => Triangle(c, 1));
        Line("eye", c => c.Constant("ones", eye(
            c.Attributes.Int("rows"), c.Attributes.Int("columns"), dtype: c.Result.Type.ToScalarType())));
        Line("depth_to_space", c => c.Op("DepthToSpace", [c.X], ("blocksize", c.Attributes.Int("block")),
            ("mode", c.Attributes.Flag("columns_first", false) ? "CRD" : "DCR")));
        Line("space_to_depth", c => c.Op("SpaceToDepth", [c.X], ("blocksize", c.Attributes.Int("block"))));
        Line("pixel_unshuffle", c =>
        {
            long factor = c.Attributes.Int("factor"), channels = c.Of.Fixed(1), height = c.Of.Fixed(2), width = c.Of.Fixed(3);
            string apart = c.Reshape(c.X, [c.Of.Sizes[0], .. Fixed(channels, height / factor, factor, width / factor, factor)]);
            return c.Reshape(c.Op("Transpose", [apart], ("perm", new long[] { 0, 1, 3, 5, 2, 4 })), c.Result.Sizes);
        });
        Line("grid_sample", c => c.Op("GridSample", [c.X, c[1]], ("mode", c.Attributes.Text("mode", "bilinear")),
            ("padding_mode", c.Attributes.Text("padding", "zeros")),
            ("align_corners", c.Attributes.Flag("align_corners", false) ? 1L : 0L)));
    }

    private static IEnumerable<ExportSize> Fixed(params long[] sizes) => sizes.Select(size => new ExportSize(size, false));

    private static (string, object) Axis(ExportCall c) => ("axis", (long)c.Of.Dimension(c.Attributes.Int("dim", 0)));

    private static (string, object) Reduction(ExportCall c) => c.Attributes.Text("reduce", "none") is "none" or "add" or "mul"
        ? ("reduction", c.Attributes.Text("reduce", "none"))
        : throw new ExportRefusedException("it keeps the larger or smaller of several numbers for one place, which opset 18 brought");

    private static string Triangle(ExportCall c, long upper) =>
        c.Op("Trilu", [c.X, c.Graph.Scalar(c.Attributes.Int("diagonal", 0), ElementType.I64)], ("upper", upper));
}
