using Fovea.Checkpoints;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>Operations that reorder and cut, and those that make tensors from nothing.</summary>
internal static partial class ExportLines
{
    private static void AddShapes()
    {
        foreach (string name in (string[])["reshape", "unflatten", "flatten"]) Line(name, c => c.Reshape(c.X, c.Result.Sizes));
        Line("expand", c => c.Op("Expand", [c.X, c.Sizes(c.Result.Sizes)]));
        Line("repeat", Repeated);
        Line("permute", c => c.Op("Transpose", [c.X], ("perm", c.Dimensions("dims"))));
        Line("transpose", c =>
        {
            long[] order = [.. Enumerable.Range(0, c.Of.Rank).Select(i => (long)i)];
            int one = c.Of.Dimension(c.Attributes.Int("dim0")), other = c.Of.Dimension(c.Attributes.Int("dim1"));
            (order[one], order[other]) = (order[other], order[one]);
            return c.Op("Transpose", [c.X], ("perm", order));
        });
        Line("unsqueeze", c => c.Op("Unsqueeze", [c.X, c.Graph.Integers(c.Result.Dimension(c.Attributes.Int("dim")))]));
        Line("squeeze", c =>
        {
            long[] dims = c.Attributes.Has("dims") ? c.Dimensions("dims") : [.. Enumerable.Range(0, c.Of.Rank).Select(i => (long)i)];
            // PyTorch passes over dimensions of another size than 1.
            dims = [.. dims.Where(dim => c.Of.Sizes[(int)dim] is { Count: 1, PerImage: false })];
            return dims.Length == 0 ? c.X : c.Op("Squeeze", [c.X, c.Graph.Integers(dims)]);
        });
        Line("full", c => c.Op("Expand", [Number(c, c.Attributes.Number("scalar")), c.Sizes(c.Result.Sizes)]));
        Line("arange", c => c.Constant("range", arange(
            c.Attributes.Scalar("start"), c.Attributes.Scalar("end"), c.Attributes.Scalar("step"), dtype: c.Result.Type.ToScalarType())));
    }

    private static void AddParts()
    {
        Line("select", c => c.Op("Gather", [c.X, c.Graph.Scalar(c.Attributes.Int("index"), ElementType.I64)],
            ("axis", (long)c.Of.Dimension(c.Attributes.Int("dim")))));
        // Backwards too, from the end where a number is below zero.
        Line("slice", c => c.Slice(c.X, c.Of.Dimension(c.Attributes.Int("dim", 0)), c.Attributes.Int("start", 0),
            c.Attributes.Int("end", long.MaxValue), c.Attributes.Int("step", 1)));
        Line("index_select", c => c.Op("Gather", [c.X, c.As(1, ElementType.I64)],
            ("axis", (long)c.Of.Dimension(c.Attributes.Int("dim")))));
        Line("index", Indexed);
        Line("roll", c =>
        {
            (long[] shifts, long[] dims, string x) = (c.Attributes.Ints("shifts"), c.Dimensions("dims"), c.X);
            for (int i = 0; i < dims.Length; i++)
            {
                long size = c.Of.Fixed(dims[i]), shift = (shifts[i] % size + size) % size;
                if (shift == 0) continue;
                x = c.Op("Concat", [c.Slice(x, dims[i], size - shift, size), c.Slice(x, dims[i], 0, size - shift)], ("axis", dims[i]));
            }
            return x;
        });
        Line("flip", c => c.Dimensions("dims").Aggregate(c.X, (x, dim) => c.Slice(x, dim, -1, long.MinValue, -1)));
        // PyTorch lists what is added before and behind the last dimension first.
        Line("pad", c =>
        {
            long[] given = c.Attributes.Ints("pads"), pads = new long[2 * c.Of.Rank];
            for (int i = 0; i < given.Length / 2; i++)
                (pads[c.Of.Rank - 1 - i], pads[2 * c.Of.Rank - 1 - i]) = (given[2 * i], given[2 * i + 1]);
            return c.Op("Pad", [c.X, c.Graph.Integers(pads), Number(c, c.Attributes.Number("value", 0))], ("mode", "constant"));
        });
        Line("cat", c => c.Op("Concat", [.. Enumerable.Range(0, c.Count).Select(i => c.As(i, c.Result.Type))],
            ("axis", (long)c.Of.Dimension(c.Attributes.Int("dim", 1)))));
        Line("stack", c =>
        {
            long dim = c.Result.Dimension(c.Attributes.Int("dim", 0));
            return c.Op("Concat", [.. Enumerable.Range(0, c.Count).Select(
                i => c.Op("Unsqueeze", [c.As(i, c.Result.Type), c.Graph.Integers(dim)]))], ("axis", dim));
        });
        Lines.Add("chunk", c =>
        {
            long size = c.Of.Fixed(c.Attributes.Int("dim", 1)), count = c.Attributes.Int("chunks");
            return Split(c, Equal(size, (size + count - 1) / count));
        });
        Lines.Add("split", c =>
        {
            long[] sizes = c.Attributes.Ints("sizes");
            return Split(c, sizes.Length == 1 ? Equal(c.Of.Fixed(c.Attributes.Int("dim", 1)), sizes[0]) : sizes);
        });
        Lines.Add("unbind", c =>
        {
            long dim = c.Of.Dimension(c.Attributes.Int("dim", 0));
            return [.. c.Outputs.Select((name, i) => name.Length == 0 ? ""
                : c.Op("Gather", [c.X, c.Graph.Scalar(i, ElementType.I64)], ("axis", dim)))];
        });
        Line("pixel_shuffle", c => c.Op("DepthToSpace", [c.X], ("blocksize", c.Attributes.Int("factor")), ("mode", "CRD")));
    }

    /// <summary>Dimensions come before the value's own where more repeats than dimensions are given.</summary>
    private static string Repeated(ExportCall c)
    {
        string x = c.X;
        long[] own = c.Attributes.Ints("shape");
        int missing = own.Length - c.Of.Rank;
        if (missing > 0) x = c.Op("Unsqueeze", [x, c.Graph.Integers([.. Enumerable.Range(0, missing).Select(i => (long)i)])]);
        var repeats = new ExportSize[own.Length];
        for (int i = 0; i < own.Length; i++)
        {
            ExportSize before = i < missing ? new(1, false) : c.Of.Sizes[i - missing], after = c.Result.Sizes[i];
            repeats[i] = after.PerImage && !before.PerImage ? new(own[i], true) : new(own[i], false);
        }
        return c.Op("Tile", [x, c.Sizes(repeats)]);
    }

    private static long[] Equal(long size, long part) =>
        [.. Enumerable.Range(0, (int)((size + part - 1) / part)).Select(i => Math.Min(part, size - i * part))];

    private static string[] Split(ExportCall c, long[] sizes) => c.Many("Split", [c.X, c.Graph.Integers(sizes)], sizes.Length,
        ("axis", (long)c.Of.Dimension(c.Attributes.Int("dim", 1))));

    /// <summary>
    /// Whole numbers in place of one dimension, or of several in a row: these are made one, and their numbers one number.
    /// </summary>
    private static string Indexed(ExportCall c)
    {
        int[] dims = [.. Enumerable.Range(0, c.Count - 1).Where(dim => c.Has(dim + 1))];
        if (dims.Length == 0) return c.X;
        if (dims.Any(dim => c.Input(dim + 1).Type is ElementType.Bool or ElementType.U8))
            throw new ExportRefusedException("it picks by a mask, so that its size follows from numbers");
        if (dims.Length == 1) return c.Op("Gather", [c.X, c.As(dims[0] + 1, ElementType.I64)], ("axis", (long)dims[0]));
        if (dims[^1] - dims[0] != dims.Length - 1) throw new ExportRefusedException("it picks in dimensions that are not side by side");
        string place = "";
        long together = 1;
        foreach (int dim in dims.Reverse())
        {
            long size = c.Of.Fixed(dim);
            // A number below zero counts from the end.
            string one = c.Op("Mod", [c.As(dim + 1, ElementType.I64), c.Graph.Scalar(size, ElementType.I64)]);
            if (together > 1) one = c.Op("Mul", [one, c.Graph.Scalar(together, ElementType.I64)]);
            place = place.Length == 0 ? one : c.Op("Add", [place, one]);
            together *= size;
        }
        string flat = c.Reshape(c.X, [.. c.Of.Sizes.Take(dims[0]), new(together, false), .. c.Of.Sizes.Skip(dims[^1] + 1)]);
        return c.Op("Gather", [flat, place], ("axis", (long)dims[0]));
    }
}
