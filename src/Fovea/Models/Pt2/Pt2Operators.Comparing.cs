using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Pt2;

/// <summary>Operators that compare: with bounds, with a tolerance, with what is no number, by rank.</summary>
internal static partial class Pt2Operators
{
    private const long MostBounds = 1 << 12;

    private static void AddComparing()
    {
        // |self − other| ≤ atol + rtol · |other|.
        Lines["isclose"] = c =>
        {
            if (c.Flag("equal_nan", false)) throw new Pt2RefusedException("it takes what is no number as equal to itself");
            Pt2Slot other = c.Tensor("other"), apart = Of(c, "abs", Of(c, "sub", c.Tensor("self"), other));
            Pt2Slot allowed = c.Before("add", new() { ["scalar"] = c.Number("atol", 1e-8) }, Times(c, Of(c, "abs", other), c.Number("rtol", 1e-5)));
            return new("le", OperatorAttributes.None, [apart, allowed]);
        };
        // 0 below 0, 1 above, and at 0 what is given.
        Lines["heaviside"] = c => new("where", OperatorAttributes.None, [c.Before("eq", Zero(), c.Tensor("self")), c.Tensor("values"),
            c.Before("to", new() { ["type"] = "float32" }, c.Before("gt", Zero(), c.Tensor("self")))]);
        // Also of −0.
        Lines["signbit"] = c => new("lt", Zero(), [Of(c, "copysign", Pt2Call.Known(tensor(1f)), c.Tensor("self"))]);
        Lines["bucketize"] = c => Bounded(c, c.Tensor("self"), "boundaries", c.Flag("right", false));
        Lines["searchsorted"] = c => Bounded(c, c.Tensor("self"), "sorted_sequence", c.Flag("right", false) || c.Text("side", "left") == "right");
        // What is no number counts as 0, or not at all.
        Lines["nansum"] = c => new("sum", Over(c, new() { ["keepdim"] = c.Flag("keepdim", false) }), [WithoutNone(c)]);
        Lines["nanmean"] = c =>
        {
            OperatorAttributes over = Over(c, new() { ["keepdim"] = c.Flag("keepdim", false) });
            Pt2Slot numbers = c.Before("to", new() { ["type"] = "float32" }, Of(c, "logical_not", Of(c, "isnan", c.Tensor("self"))));
            return new("div", OperatorAttributes.None, [c.Before("sum", over, WithoutNone(c)), c.Before("sum", over, numbers)]);
        };
        Lines["aminmax"] = c => c.Has("dim")
            ? new("min_and_max", new() { ["dim"] = c.Int("dim", 0), ["keepdim"] = c.Flag("keepdim", false) }, [c.Tensor("self")])
            : throw new Pt2RefusedException("it runs over everything: name the dimension");
        Lines["kthvalue"] = c =>
        {
            long dim = c.Int("dim", -1), length = Length(c, "self", ref dim), place = c.Int("k", 1);
            if (place < 1 || place > length) throw new Pt2RefusedException($"it asks for number {place} of {length}");
            return Placed(c, dim, length, place - 1);
        };
    }

    /// <summary>The number that stands at a place when they are sorted.</summary>
    private static Pt2Step Placed(Pt2Call c, long dim, long length, long place)
    {
        Pt2Slot sorted = c.Before("topk", new() { ["count"] = length, ["dim"] = dim, ["largest"] = false }, c.Tensor("self"));
        return c.Flag("keepdim", false) ? new("slice", new() { ["dim"] = dim, ["start"] = place, ["end"] = place + 1 }, [sorted])
            : new("select", new() { ["dim"] = dim, ["index"] = place }, [sorted]);
    }

    /// <summary>How many bounds lie below each number; right: or are equal to it.</summary>
    private static Pt2Step Bounded(Pt2Call c, Pt2Slot numbers, string name, bool right)
    {
        if (c.Tensor(name).Value is not Pt2Value.Known { Tensor: var bounds } || bounds.dim() != 1 || bounds.numel() is not (> 0 and <= MostBounds))
            throw new Pt2RefusedException("its bounds are not a fixed row of numbers");
        Pt2Slot below = c.Before(right ? "ge" : "gt", OperatorAttributes.None, c.Before("unsqueeze", new() { ["dim"] = -1L }, numbers), c.Tensor(name));
        return new("sum", new() { ["dims"] = new[] { -1L } }, [c.Before("to", new() { ["type"] = "int64" }, below)]);
    }

    private static Pt2Slot WithoutNone(Pt2Call c) => c.Before("masked_fill", Zero(), c.Tensor("self"), Of(c, "isnan", c.Tensor("self")));
}
