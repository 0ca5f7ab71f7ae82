using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Fovea.Models.Graph;

/// <summary>Operations that work on each number by itself, and normalisations.</summary>
public static partial class Operators
{
    private static void AddPointwise()
    {
        Add("sub", Two((a, b) => a - b, (a, number) => a.sub(number)), Same);
        // scalar − value: a sign changed after the subtraction changes no bit.
        Add("rsub", Two((a, b) => b - a, (a, number) => a.sub(number).neg()), Same);
        Add("mul", Two((a, b) => a * b, (a, number) => a.mul(number)), Same);
        Add("div", Two((a, b) => a / b, (a, number) => a.div(number)), Same);
        Add("floor_divide", Two((a, b) => a.floor_divide(b), (a, number) => a.floor_divide(number)), Same);
        Add("remainder", Two((a, b) => a.remainder(b), (a, number) => a.remainder(number)), Same);
        Add("pow", Two((a, b) => a.pow(b), (a, number) => a.pow(number)), Same);
        Add("maximum", _ => x => x[0].maximum(x[1]), Same);
        Add("minimum", _ => x => x[0].minimum(x[1]), Same);
        Add("identity", _ => x => x[0].alias(), Same);
        Add("to", Converted, Same);
        Add("neg", _ => x => x[0].neg(), Same);
        Add("abs", _ => x => x[0].abs(), Same);
        Add("exp", _ => x => x[0].exp(), Same);
        Add("log", _ => x => x[0].log(), Same);
        Add("sqrt", _ => x => x[0].sqrt(), Same);
        Add("rsqrt", _ => x => x[0].rsqrt(), Same);
        Add("erf", _ => x => x[0].erf(), Same);
        Add("reciprocal", _ => x => x[0].reciprocal(), Same);
        Add("sigmoid", _ => x => x[0].sigmoid(), Same);
        Add("tanh", _ => x => x[0].tanh(), Same);
        Add("silu", _ => x => x[0].silu(), Same);
        Add("gelu", a => { bool tanh = a.Flag("tanh", false); return x => tanh ? GeluByTanh(x[0]) : F.gelu(x[0]); }, Same);
        Add("mish", _ => x => F.mish(x[0]), Same);
        Add("softplus",
            a =>
            {
                (double beta, double linear) = (a.Number("beta", 1), a.Number("threshold", 20));
                return x => F.softplus(x[0], beta, linear);
            }, Same);
        Add("hardswish", _ => x => F.hardswish(x[0]), Same);
        Add("hardsigmoid", HardSigmoid, Same);
        Add("hardtanh", HardTanh, Same);
        Add("elu", a => { double alpha = a.Number("alpha", 1); return x => F.elu(x[0], alpha); }, Same);
        Add("prelu", _ => x => x[0].prelu(x[1]), Same);
        Add("clamp", Clamped, Same);
        Add("group_norm",
            a =>
            {
                (long groups, double eps) = (a.Int("groups"), a.Number("eps", 1e-5)); return x =>
                F.group_norm(x[0], groups, x.Optional(1), x.Optional(2), eps);
            });
    }

    private static void AddComparisons()
    {
        Add("eq", Two((a, b) => a.eq(b), (a, number) => a.eq(number)), Same);
        Add("ne", Two((a, b) => a.ne(b), (a, number) => a.ne(number)), Same);
        Add("lt", Two((a, b) => a.lt(b), (a, number) => a.lt(number)), Same);
        Add("le", Two((a, b) => a.le(b), (a, number) => a.le(number)), Same);
        Add("gt", Two((a, b) => a.gt(b), (a, number) => a.gt(number)), Same);
        Add("ge", Two((a, b) => a.ge(b), (a, number) => a.ge(number)), Same);
        Add("logical_not", _ => x => x[0].logical_not(), Same);
        Add("where", _ => x => where(x[0], x[1], x[2]), Same);
        // Value, mask, and what stands where the mask is true.
        Add("masked_fill",
            a =>
            {
                if (!a.Has("scalar")) return x => where(x[1], x[2].to(x[0].dtype), x[0]);
                Scalar number = a.Scalar("scalar");
                return x => x[0].masked_fill(x[1], number);
            },
            Same);
        // Another value's numbers, or one number, in the shape and type of the first.
        Add("copy", _ => x => x[1].to(x[0].dtype).expand(x[0].shape), Same);
        Add("fill", a => { Scalar number = a.Scalar("scalar"); return x => full_like(x[0], number); }, Same);
    }

    /// <summary>
    /// An operation of two values, or of one and the attribute <c>scalar</c>: made once, as
    /// docs/decisions/0009-scalars-and-the-collector.md asks.
    /// </summary>
    private static Func<OperatorAttributes, Func<OperatorCall, Tensor>> Two(
        Func<Tensor, Tensor, Tensor> values, Func<Tensor, Scalar, Tensor> number) => a =>
    {
        if (!a.Has("scalar")) return x => values(x[0], x[1]);
        Scalar scalar = a.Scalar("scalar");
        return x => number(x[0], scalar);
    };

    /// <summary>min(max(x, low), high). TorchSharp 0.107's own <c>hardtanh</c> gives its input back unclamped.</summary>
    private static Func<OperatorCall, Tensor> HardTanh(OperatorAttributes attributes)
    {
        double low = attributes.Number("min", -1), high = attributes.Number("max", 1);
        // The same numbers, and PyTorch's own derivative at the bounds.
        if (low == 0 && high == 6) return x => x[0].relu6();
        Scalar least = low, most = high;
        return x => x[0].clamp(least, most);
    }

    /// <summary>clamp(alpha · x + beta, 0, 1), alpha 1/6 and beta 1/2 when not given.</summary>
    private static Func<OperatorCall, Tensor> HardSigmoid(OperatorAttributes attributes)
    {
        if (!attributes.Has("alpha") && !attributes.Has("beta")) return x => F.hardsigmoid(x[0]);
        Scalar alpha = attributes.Number("alpha", 1.0 / 6), beta = attributes.Number("beta", 0.5), none = 0.0, all = 1.0;
        return x =>
        {
            using var scope = NewDisposeScope();
            return x[0].mul(alpha).add(beta).clamp(none, all).MoveToOuterDisposeScope();
        };
    }

    private static Func<OperatorCall, Tensor> Clamped(OperatorAttributes attributes)
    {
        Scalar? low = attributes.Has("min") ? attributes.Scalar("min") : null, high = attributes.Has("max")
            ? attributes.Scalar("max") : null;
        return x => x[0].clamp(low, high);
    }

    private static Func<OperatorCall, Tensor> Converted(OperatorAttributes attributes)
    {
        ScalarType type = TypeOf(attributes);
        return x => x[0].dtype == type ? x[0].alias() : x[0].to(type);
    }

    /// <summary>The older, approximate form (Hendrycks and Gimpel 2016): x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))).</summary>
    private static Tensor GeluByTanh(Tensor x)
    {
        using var scope = NewDisposeScope();
        Tensor inner = (x + x * x * x * 0.044715f) * (float)Math.Sqrt(2 / Math.PI);
        return (x * 0.5f * (inner.tanh() + 1f)).MoveToOuterDisposeScope();
    }
}
