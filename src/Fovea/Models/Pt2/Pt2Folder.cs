using Fovea.Models.Graph;
using Fovea.Models.Import;
using static TorchSharp.torch;

namespace Fovea.Models.Pt2;

/// <summary>
/// Calculates what depends on nothing but the code while a file is read: masks, index tables. How large a result can become is known before
/// it is calculated, so that a short file cannot fill a memory.
/// </summary>
/// <param name="budget">How large.</param>
internal sealed class Pt2Folder(ConstantBudget budget)
{
    private static readonly HashSet<string> Elementwise =
    [
        "add", "sub", "rsub", "mul", "div", "floor_divide", "remainder", "pow", "maximum", "minimum", "eq", "ne", "lt", "le", "gt", "ge",
            "logical_not", "where",
        "masked_fill", "copy", "fill", "to", "neg", "abs", "exp", "log", "sqrt", "rsqrt", "erf", "reciprocal", "sigmoid", "tanh", "relu",
            "clamp", "softmax", "roll", "flip", "sin", "cos", "square", "logical_and", "logical_or", "tril", "triu",
        "sum", "mean", "amax",
    ];

    private static readonly HashSet<string> Views =
    [
        "identity", "reshape", "expand", "permute", "transpose", "unsqueeze", "squeeze", "select", "slice", "chunk", "split", "unbind",
            "flatten", "unflatten",
    ];

    /// <summary>How many steps were calculated.</summary>
    public int Count { get; private set; }

    /// <summary>The results; null where something it needs is not known yet, or where it is left to be run.</summary>
    /// <exception cref="Pt2RefusedException">It cannot be calculated.</exception>
    public Tensor[]? Fold(Pt2Step step)
    {
        if (step.Inputs.Any(input => input is not null && input.Value is not Pt2Value.Known) || step.Attributes.Has("from")) return null;
        Tensor?[] inputs = [.. step.Inputs.Select(input => (input?.Value as Pt2Value.Known)?.Tensor)];
        if (Bound(step, inputs) is not { } bound || bound > budget.OfOne) return null;
        Reserve(bound);
        using var mode = new ForwardMode();
        var (one, many) = Operators.Get(step.Operator).Bind(step.Attributes);
        try
        {
            var call = new OperatorCall(inputs, mode, -1, 1);
            Tensor[] made = one is not null ? [one(call)] : many!(call);
            // A copy is one of its own also where the operation only hands its input on.
            if (step is { Operator: "identity" or "to", View: false }) made = [made[0].clone()];
            Count++;
            return made;
        }
        catch (Exception e) when (e is not (Pt2RefusedException or FoveaException or OutOfMemoryException))
        {
            throw new Pt2RefusedException($"it cannot be calculated ({e.Message.Split('\n')[0]})");
        }
    }

    /// <summary>Accounts for numbers that are kept.</summary>
    /// <exception cref="Pt2RefusedException">They are more than any network's constants.</exception>
    public void Reserve(long numbers)
    {
        if (!budget.Take(numbers)) throw new Pt2RefusedException("the constants that it calculates are larger than a network of this size needs");
    }

    /// <summary>The most numbers that a step can make; null where that is not known.</summary>
    private long? Bound(Pt2Step step, Tensor?[] inputs)
    {
        Int128 size = 1;
        switch (step.Operator)
        {
            case "eye":
                size = (Int128)step.Attributes.Int("rows") * step.Attributes.Int("columns");
                break;
            case "full":
                foreach (long length in step.Attributes.Ints("shape")) size *= Math.Clamp(length, 0, budget.OfOne + 1);
                break;
            case "arange":
                double count = (step.Attributes.Number("end") - step.Attributes.Number("start")) / step.Attributes.Number("step");
                if (!(Math.Abs(count) < budget.OfOne)) return long.MaxValue;
                size = (Int128)Math.Abs(count) + 1;
                break;
            case "index" or "index_select":
                size = inputs.Skip(1).Where(input => input is not null)
                    .Aggregate((Int128)inputs[0]!.numel(), (all, input) => Capped(all * Math.Max(1, input!.numel())));
                break;
            case "cat" or "stack":
                size = inputs.Aggregate((Int128)0, (all, input) => all + (input?.numel() ?? 0));
                break;
            case var name when Views.Contains(name):
                // The same numbers; a reshape may copy them.
                size = inputs.Length == 0 || inputs[0] is null ? 0 : inputs[0]!.numel();
                if (name == "expand") foreach (long length in step.Attributes.Ints("shape")) size = Capped(size * Math.Max(1, length));
                break;
            case var name when Elementwise.Contains(name):
                int dims = inputs.Max(input => (int?)input?.dim()) ?? 0;
                for (int i = 1; i <= dims; i++)
                    size = Capped(size * inputs.Max(input => input is not null && input.dim() >= i ? input.shape[^i] : 1));
                break;
            default:
                return null;
        }
        return (long)Capped(size);
    }

    private static Int128 Capped(Int128 size) => size < long.MaxValue ? size : long.MaxValue;
}
