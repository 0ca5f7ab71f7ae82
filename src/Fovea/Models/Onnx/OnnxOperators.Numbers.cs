using Fovea.Checkpoints;
using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>Operators that work on each number by itself.</summary>
internal static partial class OnnxOperators
{
    private const float SeluAlpha = 1.67326319217681884765625f, SeluGamma = 1.05070102214813232421875f;

    private static readonly (string Onnx, string Catalogue)[] OfOne =
    [
        ("Abs", "abs"), ("Acos", "acos"), ("Acosh", "acosh"), ("Asin", "asin"), ("Asinh", "asinh"), ("Atan", "atan"), ("Atanh", "atanh"),
        ("Ceil", "ceil"), ("Cos", "cos"), ("Cosh", "cosh"), ("Erf", "erf"), ("Exp", "exp"), ("Floor", "floor"), ("IsNaN", "isnan"),
        ("Log", "log"), ("Mish", "mish"), ("Neg", "neg"), ("Not", "logical_not"), ("Reciprocal", "reciprocal"), ("Relu", "relu"),
        ("Round", "round"), ("Sigmoid", "sigmoid"), ("Sign", "sign"), ("Sin", "sin"), ("Sinh", "sinh"), ("Softplus", "softplus"),
        ("Softsign", "softsign"), ("Sqrt", "sqrt"), ("Tan", "tan"), ("Tanh", "tanh"), ("HardSwish", "hardswish"),
        ("BitwiseNot", "bitwise_not"),
    ];

    private static void AddNumbers()
    {
        foreach (var (name, catalogue) in OfOne) Add(name, c => c.Add(catalogue, OperatorAttributes.None, c[0]));
        Add("Identity", c => c[0]);
        Add("Elu", c => c.Add("elu", new() { ["alpha"] = c.Number("alpha", 1) }, c[0]));
        Add("Celu", c => c.Add("celu", new() { ["alpha"] = c.Number("alpha", 1) }, c[0]));
        Add("Selu", c =>
        {
            double alpha = c.Number("alpha", SeluAlpha), gamma = c.Number("gamma", SeluGamma);
            if ((float)alpha == SeluAlpha && (float)gamma == SeluGamma) return c.Add("selu", OperatorAttributes.None, c[0]);
            return c.Add("mul", new() { ["scalar"] = gamma }, c.Add("elu", new() { ["alpha"] = alpha }, c[0]));
        });
        Add("HardSigmoid", c =>
        {
            double alpha = c.Number("alpha", 0.2), beta = c.Number("beta", 0.5);
            // PyTorch's own form.
            if ((float)alpha == (float)(1 / 6.0) && beta == 0.5) return c.Add("hardsigmoid", OperatorAttributes.None, c[0]);
            return c.Add("hardsigmoid", new() { ["alpha"] = alpha, ["beta"] = beta }, c[0]);
        });
        Add("LeakyRelu", c => c.Add("leaky_relu", new() { ["slope"] = c.Number("alpha", 0.01) }, c[0]));
        Add("ThresholdedRelu", c => c.Add("threshold", new() { ["threshold"] = c.Number("alpha", 1) }, c[0]));
        Add("Shrink", c => c.Add("shrink", new() { ["lambda"] = c.Number("lambd", 0.5), ["bias"] = c.Number("bias", 0) }, c[0]));
        Add("Gelu", c => c.Add("gelu", new() { ["tanh"] = c.Text("approximate", "none") == "tanh" }, c[0]));
        Add("Swish", c => c.Number("alpha", 1) == 1 ? c.Add("silu", OperatorAttributes.None, c[0]) : c.Two("mul", c[0],
            c.Add("sigmoid", OperatorAttributes.None, c.Add("mul", new() { ["scalar"] = c.Number("alpha", 1) }, c[0]))));
        Add("IsInf", c => c.Add(
            "isinf", new() { ["negative"] = c.Flag("detect_negative", true), ["positive"] = c.Flag("detect_positive", true) }, c[0]));
        Add("Cast", c => Cast(c, OnnxTypes.Here(c.Int("to"))
            ?? throw new OnnxRefusedException($"it makes numbers of the type {OnnxTypes.Name(c.Int("to"))}")));
        Add("CastLike", c => Cast(c, ElementTypes.Of(OnnxCall.TypeOf(c[1]))));
        Add("Clip", Clip);
        Add("PRelu", PRelu);
        AddMany("Dropout", Dropout);
    }

    private static OnnxValue Cast(OnnxCall c, ElementType type) => OnnxCall.TypeOf(c[0]) == type.ToScalarType()
        ? c[0] : c.Add("to", new() { ["type"] = type.TorchName() }, c[0]);

    private static OnnxValue Clip(OnnxCall c)
    {
        bool whole = !OnnxCall.TypeOf(c[0]).IsFloating();
        if (c.Version >= 11 && (c.Has(1) && c.Fixed(1) is null || c.Has(2) && c.Fixed(2) is null))
        {
            OnnxValue value = c.Has(1) ? c.Add("maximum", OperatorAttributes.None, c[0], c[1]) : c[0];
            return c.Has(2) ? c.Add("minimum", OperatorAttributes.None, value, c[2]) : value;
        }
        double? low = Bound("min", 1), high = Bound("max", 2);
        if (low is null && high is null) return c[0];
        // The form that a network's modification knows.
        if (low == 0 && high == 6 && !whole) return c.Add("relu6", OperatorAttributes.None, c[0]);
        if (low == 0 && high is null) return c.Add("relu", OperatorAttributes.None, c[0]);
        var bounds = new OperatorAttributes();
        if (low is { } least) bounds["min"] = whole ? (long)least : (object)least;
        if (high is { } most) bounds["max"] = whole ? (long)most : (object)most;
        return c.Add("clamp", bounds, c[0]);

        double? Bound(string name, int input)
        {
            if (c.Version >= 11) return c.Has(input) ? c.Scalar(input) : null;
            // The largest number that there is stands for no bound.
            return c.HasAttribute(name) && c.Number(name) is var bound && Math.Abs(bound) < float.MaxValue ? bound : null;
        }
    }

    private static OnnxValue PRelu(OnnxCall c)
    {
        OnnxValue x = c[0], slope = c[1];
        OnnxSize[] sizes = c.SizesOf(x), slopes = c.SizesOf(slope);
        if (slopes.All(size => size is { Count: 1, PerImage: false }))
            return c.Add("prelu", OperatorAttributes.None, x, Kept(slope, c.Reshape(slope, [new OnnxSize(1, false)])));
        // Before version 7 a list is one slope a channel; later slopes broadcast, from the last dimension on.
        bool perChannel = slopes.Count(size => size.Count != 1) == 1 && sizes.Length > 1
            && (c.Version < 7 && slopes.Length == 1 || slopes.Length is var count && count >= sizes.Length - 1
                && slopes[count - sizes.Length + 1] == sizes[1] && !sizes[1].PerImage);
        return perChannel ? c.Add("prelu", OperatorAttributes.None, x, Kept(slope, c.Reshape(slope, [sizes[1]])))
            : c.Add("prelu_broadcast", OperatorAttributes.None, x, slope);
    }

    /// <summary>In evaluation the identity, also where the file says that it drops: that is noted.</summary>
    private static OnnxValue[] Dropout(OnnxCall c)
    {
        double share = c.Version < 12 ? c.Number("ratio", 0.5) : c.Has(1) && c.Fixed(1) is not null ? c.Scalar(1) : 0.5;
        if (c.Version >= 12 && c.Has(2) && c.Fixed(2) is not null && c.Scalar(2) != 0 && share != 0) c.Training();
        OnnxValue value = c[0] is OnnxValue.Known ? c[0] : share is > 0 and < 1
            ? c.Add("dropout", new() { ["p"] = share }, c[0]) : c[0];
        if (!Needs(c, 1)) return [value];
        OnnxValue all = c.Add("fill", new() { ["scalar"] = 1.0 }, c[0]);
        return [value, c.Version >= 10 ? To(c, all, ScalarType.Bool) : all];
    }

    private static bool IsFloating(this ScalarType type) => ElementTypes.Of(type).IsFloatingPoint();
}
