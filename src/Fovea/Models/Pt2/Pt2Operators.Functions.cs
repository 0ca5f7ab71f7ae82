using Fovea.Models.Graph;

namespace Fovea.Models.Pt2;

/// <summary>Functions of one or two numbers that PyTorch keeps whole when it exports.</summary>
internal static partial class Pt2Operators
{
    private static void AddFunctions()
    {
        foreach (string name in (string[])["erfinv", "lgamma", "digamma", "sinc", "i0", "isinf"])
            Lines[name] = c => new(name, OperatorAttributes.None, [c.Tensor("self")]);
        foreach (string name in (string[])["atan2", "copysign", "xlogy", "fmax", "fmin"])
            Lines[name] = c => new(name, OperatorAttributes.None, [c.Operand("self"), c.Operand("other")]);
        foreach (var (name, of) in ((string, string)[])[("special_erf", "erf"), ("special_expit", "sigmoid"), ("special_log1p", "log1p"),
            ("special_expm1", "expm1"), ("special_exp2", "exp2")])
            Lines[name] = c => new(of, OperatorAttributes.None, [c.Tensor("self")]);
        Lines["positive"] = c => new("identity", OperatorAttributes.None, [c.Tensor("self")], View: true);
        Lines["erfc"] = Lines["special_erfc"] = c => new("rsub", new() { ["scalar"] = 1.0 }, [Of(c, "erf", c.Tensor("self"))]);
        Lines["frac"] = c => new("sub", OperatorAttributes.None, [c.Tensor("self"), Of(c, "trunc", c.Tensor("self"))]);
        Lines["isfinite"] = c => new("logical_not", OperatorAttributes.None,
            [Of(c, "logical_or", Of(c, "isnan", c.Tensor("self")), Of(c, "isinf", c.Tensor("self")))]);
        Lines["hypot"] = c => new("sqrt", OperatorAttributes.None,
            [Of(c, "add", Of(c, "square", c.Tensor("self")), Of(c, "square", c.Tensor("other")))]);
        // The larger one, and log(1 + base^(−|a − b|)): neither power grows.
        foreach (var (name, power, unit) in ((string, string, double)[])[("logaddexp", "exp", 1), ("logaddexp2", "exp2", Math.Log(2))])
        {
            Lines[name] = c =>
            {
                (Pt2Slot one, Pt2Slot other) = (c.Tensor("self"), c.Tensor("other"));
                Pt2Slot apart = Of(c, "neg", Of(c, "abs", Of(c, "sub", one, other)));
                return new("add", OperatorAttributes.None, [Of(c, "maximum", one, other), Times(c, Of(c, "log1p", Of(c, power, apart)), 1 / unit)]);
            };
        }
        // log(p / (1 − p)); with eps, p is kept between eps and 1 − eps.
        Lines["logit"] = c =>
        {
            Pt2Slot p = c.Tensor("self");
            if (c.Has("eps") && c.Number("eps", 0) is var eps) p = c.Before("clamp", new() { ["min"] = eps, ["max"] = 1 - eps }, p);
            return new("log", OperatorAttributes.None, [Of(c, "div", p, c.Before("rsub", new() { ["scalar"] = 1.0 }, p))]);
        };
        Lines["nan_to_num"] = c =>
        {
            OperatorAttributes attributes = new();
            foreach (string name in (string[])["nan", "posinf", "neginf"]) if (c.Has(name)) attributes[name] = c.Number(name, 0);
            return new("nan_to_num", attributes, [c.Tensor("self")]);
        };
        Lines["rrelu"] = c => c.Flag("training", false) ? throw new Pt2RefusedException("its slope is drawn by chance: export in evaluation (model.eval())")
            : new("leaky_relu", new() { ["slope"] = (c.Number("lower", 1.0 / 8) + c.Number("upper", 1.0 / 3)) / 2 }, [c.Tensor("self")]);
        Lines["deg2rad"] = c => new("mul", new() { ["scalar"] = Math.PI / 180 }, [c.Tensor("self")]);
        Lines["rad2deg"] = c => new("mul", new() { ["scalar"] = 180 / Math.PI }, [c.Tensor("self")]);
        Lines["float_power"] = c => c.Node.Overload == "Scalar" ? throw new Pt2RefusedException("it is a number to the power of a tensor")
            : Two(c, "pow", "self", "exponent");
    }

    /// <summary>An operation without attributes that is run before.</summary>
    private static Pt2Slot Of(Pt2Call c, string name, params Pt2Slot[] reads) => c.Before(name, OperatorAttributes.None, reads);
}
