using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Pt2;

/// <summary>
/// Parts of a tensor that share its numbers (<c>y[:, :4]</c>), and writing to them: the whole as another value, with other numbers where the
/// part was cut out. What may be a copy (<c>contiguous</c>, <c>reshape</c>, <c>flatten</c>) is no such part.
/// </summary>
internal static class Pt2Parts
{
    private const long Longest = 1 << 20;

    private static readonly HashSet<string> Views =
        ["slice", "select", "unsqueeze", "squeeze", "transpose", "permute", "expand", "expand_as", "diagonal", "windows"];

    /// <summary>The step that shows one of another's results in its first input; null where it is not sure that it does.</summary>
    /// <param name="step">The step.</param>
    /// <param name="result">Which of its results.</param>
    public static Pt2Step? Shown(Pt2Step step, int result)
    {
        if (!step.View) return null;
        if (step.IsSure || Views.Contains(step.Operator)) return step;
        if (step.Operator is not ("chunk" or "split" or "unbind") || step.Inputs[0] is not { Shape: { Count: var rank } shape } whole) return null;
        long dim = step.Attributes.Int("dim", 0);
        if (dim < -rank || dim >= rank) return null;
        if (step.Operator == "unbind")
            return new("select", new() { ["dim"] = dim, ["index"] = (long)result }, [whole], View: true);
        if (shape[(int)(dim < 0 ? dim + rank : dim)].Length is not (> 0 and <= Longest and var length)) return null;
        long[] sizes = step.Operator == "split" ? step.Attributes.Ints("sizes") : [(length - 1) / Math.Max(1, step.Attributes.Int("chunks")) + 1];
        long start = sizes.Length == 1 ? result * sizes[0] : sizes[..Math.Min(result, sizes.Length)].Sum();
        long end = Math.Min(length, start + (sizes.Length == 1 ? sizes[0] : sizes[Math.Min(result, sizes.Length - 1)]));
        return new("slice", new() { ["dim"] = dim, ["start"] = start, ["end"] = end }, [whole], View: true);
    }

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
            case "identity" or "to":
                return part;
            case "unsqueeze":
                return make("squeeze", new() { ["dims"] = new[] { cut.Attributes.Int("dim") } }, [part]);
            case "transpose":
                return make("transpose", cut.Attributes, [part]);
            case "reshape" or "reshape_as" or "unflatten" or "squeeze":
                return make("reshape_as", OperatorAttributes.None, [part, whole]);
            case not ("slice" or "select" or "permute"):
                return ByTable(cut, whole, part, make);
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

    /// <summary>The same for any view of images: which number of the whole each of the part is shows a view of a table of places.</summary>
    private static Pt2Slot? ByTable(
        Pt2Step cut, Pt2Slot whole, Pt2Slot part, Func<string, OperatorAttributes, IReadOnlyList<Pt2Slot?>, Pt2Slot> make)
    {
        if (Taken(cut, whole) is not { } from) return null;
        OperatorAttributes rows = new() { ["start"] = 1L, ["end"] = -1L };
        Pt2Slot both = make("cat", new() { ["dim"] = 1L }, [make("flatten", rows, [whole]), make("flatten", rows, [part])]);
        return make("reshape_as", OperatorAttributes.None, [make("take", new() { ["dim"] = 1L }, [both, Pt2Call.Known(tensor(from))]), whole]);
    }

    /// <summary>For each number of an image, where it stands in a row of the whole's and then the part's; null where that is not known.</summary>
    private static long[]? Taken(Pt2Step cut, Pt2Slot whole)
    {
        if (whole.Shape is not { Count: > 1 } shape || shape.Skip(1).Any(size => size.Length is not (> 0 and <= Longest))) return null;
        Int128 product = shape.Skip(1).Aggregate((Int128)1, (all, size) => all > Longest ? all : all * size.Length!.Value);
        if (product > Longest || cut.Inputs.Count != 1 || Operators.Get(cut.Operator).Bind(cut.Attributes).One is not { } view) return null;
        long numbers = (long)product;
        using var scope = NewDisposeScope();
        // Of two images, of which the second must be as the first is: what runs along the images is no part of each.
        long[] sizes = [2, .. shape.Skip(1).Select(size => size.Length!.Value)];
        Tensor places;
        try
        {
            places = view(new OperatorCall([arange(2 * numbers, int64).view(sizes)], new ForwardMode(), -1, 2));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // It has the number of images in it.
            return null;
        }
        if (places.dim() == 0 || places.shape[0] != 2 || (places[0] + numbers).ne(places[1]).any().item<bool>()) return null;
        long[] shown = [.. places[0].flatten().data<long>()];
        // Where two of them are one number, nobody can say which is written last.
        if (shown.Distinct().Count() != shown.Length) return null;
        long[] from = [.. Enumerable.Range(0, (int)numbers).Select(i => (long)i)];
        for (int i = 0; i < shown.Length; i++) from[shown[i]] = numbers + i;
        return from;
    }
}
