using Fovea.Models.Graph;

namespace Fovea.Models.Pt2;

/// <summary>Operators that work on each number by itself.</summary>
internal static partial class Pt2Operators
{
    private static readonly string[] Simple =
    [
        "relu", "relu6", "silu", "sigmoid", "tanh", "hardswish", "hardsigmoid", "mish", "exp", "log", "sqrt", "rsqrt", "erf", "neg", "abs",
            "reciprocal", "logical_not", "selu", "square", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh",
            "atanh", "ceil", "floor", "round", "trunc", "sign", "isnan", "log1p", "log2", "log10", "expm1", "exp2", "log_sigmoid",
    ];

    private static readonly string[] OfTwo =
    [
        "add", "sub", "mul", "div", "rsub", "eq", "ne", "lt", "le", "gt", "ge", "floor_divide", "remainder", "fmod", "maximum", "minimum",
        "logical_and", "logical_or", "logical_xor",
    ];

    /// <summary>Names of others for the same.</summary>
    private static readonly (string Name, string Of)[] Same =
    [
        ("clip", "clamp"), ("true_divide", "div"), ("divide", "div"), ("multiply", "mul"), ("subtract", "sub"), ("greater", "gt"),
        ("less", "lt"), ("greater_equal", "ge"), ("less_equal", "le"), ("not_equal", "ne"), ("absolute", "abs"), ("negative", "neg"),
        ("fix", "trunc"), ("sgn", "sign"), ("arctan2", "atan2"), ("linalg_matmul", "matmul"), ("row_stack", "vstack"),
    ];

    private static void AddNumbers()
    {
        foreach (string name in Simple) Lines[name] = c => new(name, OperatorAttributes.None, [c.Tensor("self")]);
        foreach (string name in OfTwo) Lines[name] = c => Two(c, name, "self", "other");
        foreach (string name in (string[])["and", "or", "xor"])
            Lines[$"bitwise_{name}"] = Lines[$"__{name}"] = c => new($"bitwise_{name}", OperatorAttributes.None, [c.Operand("self"), c.Operand("other")]);
        // A shift of whole numbers by so many places.
        Lines["bitwise_left_shift"] = Lines["__lshift"] = c => new("mul", Shift(c), [c.Tensor("self")]);
        Lines["bitwise_right_shift"] = Lines["__rshift"] = c => new("div_floor", Shift(c), [c.Tensor("self")]);
        Lines["bitwise_not"] = c => new("bitwise_not", OperatorAttributes.None, [c.Tensor("self")]);
        // A number to the power of a tensor is the overload Scalar; in place it is a tensor to the power of a number.
        Lines["pow"] = c => c.Node is { Overload: "Scalar", InPlace: false }
            ? new("power_of", new() { ["scalar"] = c.Number("self", 1) }, [c.Tensor("exponent")]) : Two(c, "pow", "self", "exponent");
        // To so many places behind the point: whole numbers of their unit.
        Lines["round"] = c =>
        {
            if (c.Int("decimals", 0) is not (>= -30 and <= 30 and var places)) throw new Pt2RefusedException("it rounds to places that no number has");
            if (places == 0) return new("round", OperatorAttributes.None, [c.Tensor("self")]);
            OperatorAttributes unit = new() { ["scalar"] = Math.Pow(10, Math.Abs(places)) };
            Pt2Slot whole = c.Before("round", OperatorAttributes.None, c.Before(places > 0 ? "mul" : "div", unit, c.Tensor("self")));
            return new(places > 0 ? "div" : "mul", unit, [whole]);
        };
        Lines["leaky_relu"] = c => new("leaky_relu", new() { ["slope"] = c.Number("negative_slope", 0.01) }, [c.Tensor("self")]);
        Lines["hardtanh"] = c =>
            new("hardtanh", new() { ["min"] = c.Number("min_val", -1), ["max"] = c.Number("max_val", 1) }, [c.Tensor("self")]);
        Lines["gelu"] = c => new("gelu", new() { ["tanh"] = c.Text("approximate", "none") == "tanh" }, [c.Tensor("self")]);
        Lines["elu"] = c => !Plain(c, "input_scale") ? throw new Pt2RefusedException("its input is scaled")
            : Plain(c, "scale") ? new("elu", new() { ["alpha"] = c.Number("alpha", 1) }, [c.Tensor("self")])
            : new("mul", new() { ["scalar"] = c.Number("scale", 1) }, [c.Before("elu", new() { ["alpha"] = c.Number("alpha", 1) }, c.Tensor("self"))]);
        Lines["prelu"] = Lines["_prelu_kernel"] = c => new("prelu", OperatorAttributes.None, [c.Tensor("self"), c.Tensor("weight")]);
        Lines["softplus"] = c =>
            new("softplus", new() { ["beta"] = c.Number("beta", 1), ["threshold"] = c.Number("threshold", 20) }, [c.Tensor("self")]);
        Lines["celu"] = c => new("celu", new() { ["alpha"] = c.Number("alpha", 1) }, [c.Tensor("self")]);
        Lines["glu"] = c => new("glu", new() { ["dim"] = c.Int("dim", -1) }, [c.Tensor("self")]);
        Lines["threshold"] = c =>
            new("threshold", new() { ["threshold"] = c.Number("threshold", 0), ["value"] = c.Number("value", 0) }, [c.Tensor("self")]);
        Lines["hardshrink"] = c => new("shrink", new() { ["lambda"] = c.Number("lambd", 0.5) }, [c.Tensor("self")]);
        Lines["softshrink"] = c =>
            new("shrink", new() { ["lambda"] = c.Number("lambd", 0.5), ["bias"] = c.Number("lambd", 0.5) }, [c.Tensor("self")]);
        Lines["softmax"] = Lines["_softmax"] = c => new("softmax", new() { ["dim"] = c.Int("dim", -1) }, [c.Tensor("self")]);
        Lines["log_softmax"] = Lines["_log_softmax"] = c => new("log_softmax", new() { ["dim"] = c.Int("dim", -1) }, [c.Tensor("self")]);
        Lines["clamp"] = Lines["clamp_min"] = Lines["clamp_max"] = Clamped;
        Lines["where"] = c => new("where", OperatorAttributes.None, [c.Tensor("condition"), c.Operand("self"), c.Operand("other")]);
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
    }

    private static OperatorAttributes Shift(Pt2Call c) => c.Int("other", -1) is >= 0 and < 63 and var places
        ? new() { ["scalar"] = 1L << (int)places } : throw new Pt2RefusedException("it shifts by places that cannot be");

    private static Pt2Step Two(Pt2Call c, string name, string one, string other)
    {
        var attributes = new OperatorAttributes();
        Pt2Slot? second = c.ScalarOr(other, attributes);
        if (!Plain(c, "alpha"))
        {
            if (name is not ("add" or "sub" or "rsub")) throw new Pt2RefusedException("its second value is scaled (alpha)");
            double alpha = c.Number("alpha", 1);
            // There it is the first that is taken off.
            if (name == "rsub") return new(name, attributes, second is null ? [Times(c, c.Tensor(one), alpha)] : [Times(c, c.Tensor(one), alpha), second]);
            if (second is not null) second = Times(c, second, alpha);
            else attributes = new() { ["scalar"] = alpha * attributes.Number("scalar") };
        }
        IReadOnlyList<Pt2Slot?> read = second is null ? [c.Tensor(one)] : [c.Operand(one), second];
        if (!c.Has("rounding_mode")) return new(name, attributes, read);
        return c.Text("rounding_mode", "") == "floor" ? new("div_floor", attributes, read)
            : new("trunc", OperatorAttributes.None, [c.Before(name, attributes, read)]);
    }
}
