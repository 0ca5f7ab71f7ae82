using Fovea.Models.Graph;

namespace Fovea.Models.Pt2;

/// <summary>Operators that work on each number by itself.</summary>
internal static partial class Pt2Operators
{
    private static readonly string[] Simple =
    [
        "relu", "relu6", "silu", "sigmoid", "tanh", "hardswish", "hardsigmoid", "mish", "exp", "log", "sqrt", "rsqrt", "erf", "neg", "abs",
            "reciprocal", "logical_not",
    ];

    private static readonly string[] OfTwo =
        ["add", "sub", "mul", "div", "rsub", "eq", "ne", "lt", "le", "gt", "ge", "floor_divide", "remainder", "maximum", "minimum"];

    private static void AddNumbers()
    {
        foreach (string name in Simple) Lines[name] = c => new(name, OperatorAttributes.None, [c.Tensor("self")]);
        foreach (string name in OfTwo) Lines[name] = c => Two(c, name, "self", "other");
        Lines["pow"] = c => Two(c, "pow", "self", "exponent");
        Lines["leaky_relu"] = c => new("leaky_relu", new() { ["slope"] = c.Number("negative_slope", 0.01) }, [c.Tensor("self")]);
        Lines["hardtanh"] = c =>
            new("hardtanh", new() { ["min"] = c.Number("min_val", -1), ["max"] = c.Number("max_val", 1) }, [c.Tensor("self")]);
        Lines["gelu"] = c => new("gelu", new() { ["tanh"] = c.Text("approximate", "none") == "tanh" }, [c.Tensor("self")]);
        Lines["elu"] = c => Plain(c, "scale", "input_scale")
            ? new("elu", new() { ["alpha"] = c.Number("alpha", 1) }, [c.Tensor("self")]) : throw new Pt2RefusedException("it is scaled");
        Lines["prelu"] = Lines["_prelu_kernel"] = c => new("prelu", OperatorAttributes.None, [c.Tensor("self"), c.Tensor("weight")]);
        Lines["softplus"] = c => c.Number("beta", 1) == 1 && c.Number("threshold", 20) == 20
            ? new("softplus", OperatorAttributes.None, [c.Tensor("self")])
                : throw new Pt2RefusedException("its beta or threshold is not the usual one");
        Lines["softmax"] = Lines["_softmax"] = c => new("softmax", new() { ["dim"] = c.Int("dim", -1) }, [c.Tensor("self")]);
        Lines["log_softmax"] = Lines["_log_softmax"] = c => new("log_softmax", new() { ["dim"] = c.Int("dim", -1) }, [c.Tensor("self")]);
        Lines["clamp"] = Lines["clamp_min"] = Lines["clamp_max"] = c =>
        {
            var attributes = new OperatorAttributes();
            if (c.Has("min") && c.ScalarOr("min", attributes, "min") is not null) throw new Pt2RefusedException("its bounds are tensors");
            if (c.Has("max") && c.ScalarOr("max", attributes, "max") is not null) throw new Pt2RefusedException("its bounds are tensors");
            return new("clamp", attributes, [c.Tensor("self")]);
        };
        Lines["where"] = c => new("where", OperatorAttributes.None, [c.Tensor("condition"), c.Tensor("self"), c.Tensor("other")]);
        Lines["masked_fill"] = c =>
        {
            var attributes = new OperatorAttributes();
            Pt2Slot? value = c.ScalarOr("value", attributes);
            return new("masked_fill", attributes, value is null
                ? [c.Tensor("self"), c.Tensor("mask")] : [c.Tensor("self"), c.Tensor("mask"), value]);
        };
        Lines["fill"] = c =>
        {
            var attributes = new OperatorAttributes();
            return c.ScalarOr("value", attributes) is { } value
                ? new("copy", OperatorAttributes.None, [c.Tensor("self"), value]) : new("fill", attributes, [c.Tensor("self")]);
        };
        Lines["copy"] = c => new("copy", OperatorAttributes.None, [c.Tensor("self"), c.Tensor("src")]);
        Lines["zero"] = c => new("fill", new() { ["scalar"] = 0.0 }, [c.Tensor("self")]);
        Lines["mean"] = c => c.Has("dim")
            ? Reduction(c, "mean") : throw new Pt2RefusedException("it is the mean over everything, the images of a batch included");
        Lines["sum"] = c => c.Has("dim")
            ? Reduction(c, "sum") : throw new Pt2RefusedException("it is the sum over everything, the images of a batch included");
        Lines["amax"] = c => Reduction(c, "amax");
        Lines["linalg_vector_norm"] = c => new("vector_norm",
            new() { ["order"] = c.Number("ord", 2), ["dims"] = c.Ints("dim"), ["keepdim"] = c.Flag("keepdim", false) }, [c.Tensor("self")]);
    }

    private static Pt2Step Two(Pt2Call c, string name, string one, string other)
    {
        if (!Plain(c, "alpha")) throw new Pt2RefusedException("its second value is scaled (alpha)");
        if (c.Has("rounding_mode")) throw new Pt2RefusedException($"it rounds ({c.Text("rounding_mode", "")})");
        var attributes = new OperatorAttributes();
        Pt2Slot? second = c.ScalarOr(other, attributes);
        return new(name, attributes, second is null ? [c.Tensor(one)] : [c.Tensor(one), second]);
    }

    private static Pt2Step Reduction(Pt2Call c, string name)
    {
        long[] dims = c.Ints("dim");
        if (dims.Length == 0) throw new Pt2RefusedException("it runs over everything, the images of a batch included");
        return new(name, new() { ["dims"] = dims, ["keepdim"] = c.Flag("keepdim", false) }, [c.Tensor("self")]);
    }
}
