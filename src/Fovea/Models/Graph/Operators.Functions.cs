using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Fovea.Models.Graph;

/// <summary>More operations that work on each number by itself: functions of one number, arithmetic, logic.</summary>
public static partial class Operators
{
    private static readonly (string Name, Func<Tensor, Tensor> Function)[] OfOneNumber =
    [
        ("acos", x => x.acos()), ("acosh", x => x.acosh()), ("asin", x => x.asin()), ("asinh", x => x.asinh()),
        ("atan", x => x.atan()), ("atanh", x => x.atanh()), ("cos", x => x.cos()), ("cosh", x => x.cosh()), ("sin", x => x.sin()),
        ("sinh", x => x.sinh()), ("tan", x => x.tan()), ("ceil", x => x.ceil()), ("floor", x => x.floor()),
        // Halves to the even neighbour.
        ("round", x => x.round()), ("sign", x => x.sign()), ("softsign", x => F.softsign(x)), ("selu", x => x.selu()),
        ("square", x => x.square()), ("isnan", x => x.isnan()), ("bitwise_not", x => x.bitwise_not()),
    ];

    private static void AddFunctions()
    {
        foreach (var (name, function) in OfOneNumber) Add(name, _ => x => function(x[0]), Same);
        Add("isinf", a =>
        {
            (bool negative, bool positive) = (a.Flag("negative", true), a.Flag("positive", true));
            if (negative && positive) return x => x[0].isinf();
            if (negative) return x => x[0].isneginf();
            return x => positive ? x[0].isposinf() : zeros_like(x[0], @bool);
        }, Same);
        Add("celu", a => { Scalar alpha = a.Number("alpha", 1); return x => x[0].celu(alpha); }, Same);
        // x where it is larger than the attribute threshold, otherwise value.
        Add("threshold", a =>
        {
            (Scalar threshold, Scalar value) = (a.Number("threshold", 0), a.Number("value", 0));
            return x => x[0].threshold(threshold, value);
        }, Same);
        Add("shrink", Shrunk, Same);
        Add("fmod", Two((a, b) => a.fmod(b), (a, number) => a.fmod(number)), Same);
        Add("div_trunc", _ => x => x[0].div(x[1], RoundingMode.trunc), Same);
        // Any number of values, which broadcast.
        Add("sum_of", _ => Joined((a, b) => a + b), Same);
        Add("maximum_of", _ => Joined((a, b) => a.maximum(b)), Same);
        Add("minimum_of", _ => Joined((a, b) => a.minimum(b)), Same);
        Add("logical_and", _ => x => x[0].logical_and(x[1]), Same);
        Add("logical_or", _ => x => x[0].logical_or(x[1]), Same);
        Add("logical_xor", _ => x => x[0].logical_xor(x[1]), Same);
        Add("bitwise_and", _ => x => x[0].bitwise_and(x[1]), Same);
        Add("bitwise_or", _ => x => x[0].bitwise_or(x[1]), Same);
        Add("bitwise_xor", _ => x => x[0].bitwise_xor(x[1]), Same);
        // A value and slopes below zero that broadcast to it, where PyTorch's prelu has one for all or one a channel.
        Add("prelu_broadcast", _ => x =>
        {
            using var scope = NewDisposeScope();
            return where(x[0].lt(Zero), x[0] * x[1], x[0]).MoveToOuterDisposeScope();
        }, Same);
        // 1 for the first number that is the largest along dim, otherwise 0.
        Add("hardmax", a =>
        {
            long dim = a.Int("dim", -1);
            return x =>
            {
                using var scope = NewDisposeScope();
                return zeros_like(x[0]).scatter(dim, x[0].argmax(dim, true), ones_like(x[0])).MoveToOuterDisposeScope();
            };
        });
    }

    /// <summary>Made once: docs/decisions/0009-scalars-and-the-collector.md.</summary>
    private static Scalar Zero { get; } = 0.0;

    private static Func<OperatorCall, Tensor> Joined(Func<Tensor, Tensor, Tensor> two) => x =>
    {
        if (x.Count == 1) return x[0].alias();
        using var scope = NewDisposeScope();
        return x.All().Aggregate(two).MoveToOuterDisposeScope();
    };

    /// <summary>x + bias below −lambda, x − bias above lambda, between them 0.</summary>
    private static Func<OperatorCall, Tensor> Shrunk(OperatorAttributes attributes)
    {
        double lambda = attributes.Number("lambda", 0.5);
        Scalar high = lambda, low = -lambda, bias = attributes.Number("bias", 0);
        return x =>
        {
            using var scope = NewDisposeScope();
            Tensor nothing = zeros_like(x[0]);
            Tensor above = where(x[0].gt(high), x[0].sub(bias), nothing);
            return where(x[0].lt(low), x[0].add(bias), above).MoveToOuterDisposeScope();
        };
    }
}
