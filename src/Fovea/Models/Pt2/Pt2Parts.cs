using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Pt2;

/// <summary>
/// Writing to a part of a tensor (<c>y[:, :4] = …</c>): the whole as another value, with other numbers where the part was cut out. What may
/// be a copy (<c>contiguous</c>, <c>reshape</c>, <c>to</c>) is no such part.
/// </summary>
internal static class Pt2Parts
{
    private const long Longest = 1 << 20;

    /// <summary>Whether a step shows its input, or a part of it, for sure.</summary>
    public static bool IsShown(Pt2Step step) => step.IsSame || step.Operator is "slice" or "select" or "unsqueeze" or "transpose" or "permute";

    /// <summary>The whole with another part.</summary>
    /// <param name="cut">How the part is shown.</param>
    /// <param name="whole">What it was cut out of.</param>
    /// <param name="part">What stands there now.</param>
    /// <param name="make">Runs a step.</param>
    /// <returns>Null where it would be written to some images of a batch, or where sizes are not known.</returns>
    public static Pt2Slot? Put(
        Pt2Step cut, Pt2Slot whole, Pt2Slot part, Func<string, OperatorAttributes, IReadOnlyList<Pt2Slot?>, Pt2Slot> make)
    {
        switch (cut.Operator)
        {
            case "identity":
                return part;
            case "unsqueeze":
                return make("squeeze", new() { ["dims"] = new[] { cut.Attributes.Int("dim") } }, [part]);
            case "transpose":
                return make("transpose", cut.Attributes, [part]);
            case "permute":
                long[] order = cut.Attributes.Ints("dims"), back = new long[order.Length];
                for (int i = 0; i < order.Length; i++) back[order[i] < 0 ? order[i] + order.Length : order[i]] = i;
                return make("permute", new() { ["dims"] = back }, [part]);
        }
        long dim = cut.Attributes.Int("dim", 0);
        if (whole.Shape is not { Count: > 0 and var rank } shape || dim < -rank || dim >= rank) return null;
        if (dim < 0) dim += rank;
        long start, end, step = 1;
        if (cut.Operator == "select")
        {
            start = cut.Attributes.Int("index");
            part = make("unsqueeze", new() { ["dim"] = dim }, [part]);
            end = start == -1 ? long.MaxValue : start + 1;
        }
        else
        {
            (start, end, step) = (cut.Attributes.Int("start", 0), cut.Attributes.Int("end", long.MaxValue), cut.Attributes.Int("step", 1));
        }
        if (start == 0 && end == long.MaxValue && step == 1) return make("expand_as", OperatorAttributes.None, [part, whole]);
        if (shape[(int)dim].Length is not (> 0 and <= Longest and var length) || step < 1) return null;
        (start, end) = (Math.Clamp(start < 0 ? start + length : start, 0, length), Math.Clamp(end < 0 ? end + length : end, 0, length));
        if (end <= start) return whole;
        if (step > 1)
        {
            // A table of both, and the places in it.
            long[] from = [.. Enumerable.Range(0, (int)length).Select(i => i < start || i >= end || (i - start) % step != 0
                ? i : length + (i - start) / step)];
            Pt2Slot both = make("cat", new() { ["dim"] = dim }, [whole, part]);
            return make("take", new() { ["dim"] = dim }, [both, Pt2Call.Known(tensor(from))]);
        }
        List<Pt2Slot> parts = [part];
        if (start > 0) parts.Insert(0, Rest(0, start));
        if (end < length) parts.Add(Rest(end, length));
        return parts.Count == 1 ? part : make("cat", new() { ["dim"] = dim }, parts);

        Pt2Slot Rest(long from, long to) => make("slice", new() { ["dim"] = dim, ["start"] = from, ["end"] = to }, [whole]);
    }
}
