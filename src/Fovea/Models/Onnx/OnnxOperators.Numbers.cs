using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>Operators that work on each number by itself.</summary>
internal static partial class OnnxOperators
{
    private static readonly (string Onnx, string Catalogue)[] Simple =
    [
        ("Relu", "relu"), ("Sigmoid", "sigmoid"), ("Tanh", "tanh"), ("Exp", "exp"), ("Log", "log"), ("Sqrt", "sqrt"), ("Erf", "erf"),
        ("Neg", "neg"), ("Abs", "abs"), ("Reciprocal", "reciprocal"), ("Not", "logical_not"),
    ];

    private static void AddNumbers()
    {
        foreach (var (onnx, catalogue) in Simple) Add(onnx, c => c.Add(catalogue, OperatorAttributes.None, c[0]));
        Add("Identity", c => c[0]);
        Add("Add", c => Two(c, "add"));
        Add("Sub", c => Two(c, "sub"));
        Add("Mul", c => Two(c, "mul"));
        Add("Clip", Clipped);
        Add("Softmax", c => Softmax(c, "softmax"));
    }

    /// <summary>An operation of two values; before opset 7 the second one's dimensions had to be said (broadcast, axis).</summary>
    private static OnnxValue Two(OnnxCall c, string name)
    {
        OnnxValue other = c[1];
        if (c.Version < 7 && c.HasAttribute("axis"))
        {
            int rank = c.Rank(c[0]), own = c.Rank(other);
            long after = rank - c.Axis(c.Int("axis"), rank) - own;
            if (after < 0) throw new OnnxRefusedException("its second value has more dimensions than there are");
            OnnxSize[] wide = [.. c.SizesOf(other), .. Enumerable.Repeat(new OnnxSize(1, false), (int)after)];
            if (after > 0) other = c.Reshape(other, wide);
        }
        // a ∘ b = b ∘ a: the number that the file says becomes an attribute on whichever side it stands.
        return name is "add" or "mul" && c[0] is OnnxValue.Known && other is OnnxValue.InGraph
            ? c.Two(name, other, c[0]) : c.Two(name, c[0], other);
    }

    /// <summary>Between two numbers: attributes before opset 11, inputs since.</summary>
    private static OnnxValue Clipped(OnnxCall c)
    {
        double? low = c.Version < 11 ? c.HasAttribute("min") ? c.Number("min") : null : c.Has(1) ? c.Scalar(1) : null;
        double? high = c.Version < 11 ? c.HasAttribute("max") ? c.Number("max") : null : c.Has(2) ? c.Scalar(2) : null;
        // Numbers that no float32 is beyond are no bounds.
        if (low <= -float.MaxValue) low = null;
        if (high >= float.MaxValue) high = null;
        bool whole = !is_floating_point(OnnxCall.TypeOf(c[0]));
        switch (low, high)
        {
            case (null, null): return c[0];
            case (0, 6) when !whole: return c.Add("relu6", OperatorAttributes.None, c[0]);
            case (0, null) when !whole: return c.Add("relu", OperatorAttributes.None, c[0]);
        }
        var attributes = new OperatorAttributes();
        if (low is { } least) attributes["min"] = whole ? (long)least : least;
        if (high is { } most) attributes["max"] = whole ? (long)most : most;
        return c.Add("clamp", attributes, c[0]);
    }

    /// <summary>Before opset 13 over everything from the axis on (1 where it is not said), since then over one dimension (the last).</summary>
    private static OnnxValue Softmax(OnnxCall c, string name)
    {
        int rank = c.Rank(c[0]);
        long axis = c.Axis(c.Int("axis", c.Version < 13 ? 1 : -1), rank);
        if (c.Version >= 13 || axis == rank - 1) return c.Add(name, new() { ["dim"] = axis }, c[0]);
        OnnxSize[] sizes = c.SizesOf(c[0]);
        OnnxValue rows = c.Reshape(c[0], [.. sizes[..(int)axis], new OnnxSize(-1, false)]);
        return c.Reshape(c.Add(name, new() { ["dim"] = axis }, rows), sizes);
    }
}
