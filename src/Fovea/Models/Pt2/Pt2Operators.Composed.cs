using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Pt2;

/// <summary>Operators that are several of the catalogue's, one after the other.</summary>
internal static partial class Pt2Operators
{
    private static void AddComposed()
    {
        Lines["addcmul"] = c => Added(c, "mul");
        Lines["addcdiv"] = c => Added(c, "div");
        // self + weight · (end − self).
        Lines["lerp"] = c =>
        {
            OperatorAttributes weight = new();
            Pt2Slot? share = c.ScalarOr("weight", weight);
            Pt2Slot difference = c.Before("sub", OperatorAttributes.None, c.Tensor("end"), c.Tensor("self"));
            Pt2Slot part = share is null ? c.Before("mul", weight, difference) : c.Before("mul", weight, difference, share);
            return new("add", OperatorAttributes.None, [c.Tensor("self"), part]);
        };
        // beta · self + alpha · batch1 @ batch2; with beta 0, self is not read at all.
        Lines["baddbmm"] = c =>
        {
            double beta = c.Number("beta", 1), alpha = c.Number("alpha", 1);
            _ = c.Argument("self");
            Pt2Slot[] factors = [c.Tensor("batch1"), c.Tensor("batch2")];
            if (beta == 0 && alpha == 1) return new("matmul", OperatorAttributes.None, factors);
            Pt2Slot product = c.Before("matmul", OperatorAttributes.None, factors);
            if (beta == 0) return new("mul", new() { ["scalar"] = alpha }, [product]);
            return new("add", OperatorAttributes.None, [Times(c, c.Tensor("self"), beta), Times(c, product, alpha)]);
        };
        // Of numbers, whether any, or every, is not 0.
        foreach (var (name, extreme) in ((string, string)[])[("any", "amax"), ("all", "amin")])
        {
            Lines[name] = c => new("ne", Zero(), [c.Before(extreme, Over(c, new() { ["keepdim"] = c.Flag("keepdim", false) }),
                c.Before("to", new() { ["type"] = "float32" }, c.Before("ne", Zero(), c.Tensor("self"))))]);
        }
        Lines["slice_scatter"] = c => Scattered(c, new("slice", new()
        {
            ["dim"] = c.Int("dim", 0),
            ["start"] = c.Int("start", 0),
            ["end"] = c.Int("end", long.MaxValue),
            ["step"] = c.Int("step", 1),
        }, []));
        Lines["select_scatter"] = c => Scattered(c, new("select", new() { ["dim"] = c.Int("dim", 0), ["index"] = c.Int("index", 0) }, []));
        Lines["diagonal_scatter"] = c => Scattered(c, new("diagonal",
            new() { ["offset"] = c.Int("offset", 0), ["dim1"] = c.Int("dim1", 0), ["dim2"] = c.Int("dim2", 1) }, [c.Tensor("self")], View: true));
        Lines["std_mean"] = c => Spread(c, "variance_and_mean", root: true);
        Lines["sort"] = c => c.Tensor("self").Shape is { Count: var rank } shape && c.Int("dim", -1) is var dim && dim >= -rank && dim < rank
            && shape[(int)(dim < 0 ? dim + rank : dim)].Length is { } count
                ? new("topk", new() { ["count"] = count, ["dim"] = dim, ["largest"] = c.Flag("descending", false) }, [c.Tensor("self")])
                : throw new Pt2RefusedException("how many numbers it sorts is not fixed");
    }

    private static OperatorAttributes Zero() => new() { ["scalar"] = 0.0 };

    private static Pt2Step Scattered(Pt2Call c, Pt2Step cut) => Pt2Parts.Put(cut, c.Tensor("self"), c.Tensor("src"), c.Before) is { } put
        ? new("identity", OperatorAttributes.None, [put]) : throw new Pt2RefusedException("it writes to some of the images of a batch, or to what has no sizes");

    /// <summary>self + value · tensor1 ∘ tensor2.</summary>
    private static Pt2Step Added(Pt2Call c, string operation) => new("add", OperatorAttributes.None, [c.Tensor("self"),
        Times(c, c.Before(operation, OperatorAttributes.None, c.Tensor("tensor1"), c.Tensor("tensor2")), c.Number("value", 1))]);

    private static Pt2Slot Times(Pt2Call c, Pt2Slot value, double factor) =>
        factor == 1 ? value : c.Before("mul", new() { ["scalar"] = factor }, value);

    /// <summary>Attention whose queries share keys and values in groups: each of those stands as often as there are queries for it.</summary>
    private static Pt2Slot Repeated(Pt2Call c, string name)
    {
        Pt2Slot given = c.Tensor(name);
        if (c.Tensor("query").Shape is not [.., { Length: { } queries }, _, _] || given.Shape is not [.., { Length: { } heads }, _, _]
            || heads < 1 || queries < heads || queries > 1 << 12 || queries % heads != 0)
            throw new Pt2RefusedException("its queries are in groups that cannot be");
        Pt2Slot places = Pt2Call.Known(arange(queries, dtype: int64).div(queries / heads, RoundingMode.floor));
        return queries == heads ? given : c.Before("take", new() { ["dim"] = -3L }, given, places);
    }

    /// <summary>Bounds that are values: the larger of each number and its lower bound, the smaller of that and the upper one.</summary>
    private static Pt2Step Clamped(Pt2Call c)
    {
        var attributes = new OperatorAttributes();
        Pt2Slot? least = c.Has("min") ? c.ScalarOr("min", attributes, "min") : null, most = c.Has("max")
            ? c.ScalarOr("max", attributes, "max") : null;
        if (least is null && most is null) return new("clamp", attributes, [c.Tensor("self")]);
        if (attributes.Has("min") || attributes.Has("max")) throw new Pt2RefusedException("one of its bounds is a number, the other a value");
        Pt2Slot raised = least is null ? c.Tensor("self") : most is null
            ? c.Tensor("self") : c.Before("maximum", OperatorAttributes.None, c.Tensor("self"), least);
        return most is null ? new("maximum", OperatorAttributes.None, [c.Tensor("self"), least!])
            : new("minimum", OperatorAttributes.None, [raised, most]);
    }
}
