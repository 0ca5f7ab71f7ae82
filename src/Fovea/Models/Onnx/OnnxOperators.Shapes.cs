using Fovea.Checkpoints;
using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>Operators that reorder, cut and join, and those that make tables.</summary>
internal static partial class OnnxOperators
{
    private const long MostNumbers = 1 << 21;

    private static void AddShapes()
    {
        Add("Flatten", Flatten);
        Add("Transpose", c =>
        {
            int rank = c.Rank(c[0]);
            long[] dims = c.HasAttribute("perm") ? c.Ints("perm") : [.. Enumerable.Range(0, rank).Select(dim => rank - 1L - dim)];
            if (!dims.Order().SequenceEqual(Enumerable.Range(0, rank).Select(dim => (long)dim)))
                throw new OnnxRefusedException($"it orders {rank} dimensions as [{string.Join(", ", dims)}]");
            return rank == 0 ? c[0] : c.Add("permute", new() { ["dims"] = dims }, c[0]);
        });
        Add("Squeeze", Squeeze);
        Add("Unsqueeze", c =>
        {
            long[] axes = Axes(c, 1, 13) ?? throw new OnnxRefusedException("the file does not say where");
            int rank = c.Rank(c[0]) + axes.Length;
            return axes.Select(axis => c.Axis(axis, rank)).Order()
                .Aggregate(c[0], (value, axis) => c.Add("unsqueeze", new() { ["dim"] = axis }, value));
        });
        AddMany("Split", Split);
        Add("Slice", Slice);
        Add("Expand", c => c.Add("broadcast", OnnxCall.Attributes(Freed(c, c.Sizes(1))), c[0]));
        Add("Tile", c => c.Version < 6 ? throw new OnnxRefusedException("it repeats in the form before version 6")
            : c.Add("repeat", OnnxCall.Attributes(c.Sizes(1)), c[0]));
        Add("Pad", Pad);
        Add("CenterCropPad", CentreCropPad);
        Add("Range", c => c.Calculate(bounds =>
        {
            double[] at = [.. bounds.Select(one => one.numel() == 1
                ? one.to(float64).reshape(1).item<double>() : throw new OnnxRefusedException("a bound of it is no number"))];
            double count = (at[1] - at[0]) / at[2];
            if (!(at[2] != 0 && Math.Abs(count) < MostNumbers)) throw new OnnxRefusedException("it counts further than any network needs");
            double end = count <= 0 ? at[0] : at[1];
            return bounds[0].is_floating_point() ? arange(at[0], end, at[2], dtype: bounds[0].dtype)
                : arange((long)at[0], (long)end, (long)at[2], dtype: bounds[0].dtype);
        }));
        Add("EyeLike", c =>
        {
            ScalarType type = c.HasAttribute("dtype") ? OnnxTypes.Here(c.Int("dtype"))?.ToScalarType()
                ?? throw new OnnxRefusedException("it makes numbers of no known type") : OnnxCall.TypeOf(c[0]);
            OperatorAttributes attributes = OnnxCall.Attributes(c.SizesOf(c[0]));
            attributes["scalar"] = 1L;
            attributes["type"] = ElementTypes.Of(type).TorchName();
            OperatorAttributes at = new() { ["diagonal"] = c.Int("k", 0) };
            return c.Add("tril", at, c.Add("triu", at, c.Add("full", attributes)));
        });
        Add("Trilu", c => c.Add(
            c.Flag("upper", true) ? "triu" : "tril", new() { ["diagonal"] = c.Has(1) ? (long)c.Scalar(1) : 0 }, c[0]));
        Add("DepthToSpace", c => c.Add("depth_to_space",
            new() { ["block"] = c.Int("blocksize"), ["columns_first"] = c.Text("mode", "DCR") == "CRD" }, c[0]));
        Add("SpaceToDepth", c => c.Add("space_to_depth", new() { ["block"] = c.Int("blocksize") }, c[0]));
    }

    /// <summary>
    /// Where the file fixed the number of images, a first size that is a multiple of it, of a value whose first size depends on it, is so
    /// many for each image.
    /// </summary>
    private static OnnxSize[] Freed(OnnxCall c, OnnxSize[] sizes)
    {
        if (c.BakedBatch is not { } batch || sizes.Length == 0 || sizes[0].PerImage || sizes[0].Count <= 0 || sizes[0].Count % batch != 0
            || c[0] is not OnnxValue.InGraph { OfImages: true } || c.SizesOf(c[0]) is not [{ PerImage: true }, ..]) return sizes;
        c.Freed();
        return [new OnnxSize(sizes[0].Count / batch, true), .. sizes.Skip(1)];
    }

    private static OnnxValue Flatten(OnnxCall c)
    {
        int rank = c.Rank(c[0]);
        long axis = c.Int("axis", 1);
        if (axis == rank) return c.Add("unsqueeze", new() { ["dim"] = 1L }, All(c[0]));
        axis = c.Axis(axis, rank);
        if (axis == 0) return c.Add("unsqueeze", new() { ["dim"] = 0L }, All(c[0]));
        OnnxValue rows = axis == 1 ? c[0] : c.Add("flatten", new() { ["start"] = 0L, ["end"] = axis - 1 }, c[0]);
        return c.Add("flatten", new() { ["start"] = 1L, ["end"] = -1L }, rows);

        OnnxValue All(OnnxValue x) => c.Add("flatten", new() { ["start"] = 0L, ["end"] = -1L }, x);
    }

    private static OnnxValue Squeeze(OnnxCall c)
    {
        OnnxSize[] sizes = c.SizesOf(c[0]);
        long[] dims = Axes(c, 1, 13) is { } axes ? [.. axes.Select(axis => c.Axis(axis, sizes.Length))]
            : [.. Enumerable.Range(0, sizes.Length).Where(dim => sizes[dim] is { Count: 1, PerImage: false }).Select(dim => (long)dim)];
        if (dims.Any(dim => sizes[dim] is not { Count: 1, PerImage: false }))
            throw new OnnxRefusedException("it drops a dimension that has not the size 1");
        return dims.Length == 0 ? c[0] : c.Add("squeeze", new() { ["dims"] = dims }, c[0]);
    }

    private static OnnxValue[] Split(OnnxCall c)
    {
        long dim = c.Axis(c.Int("axis", 0), c.Rank(c[0]));
        OnnxSize size = c.SizesOf(c[0])[dim];
        long[]? sizes = Axes(c, 1, 13, "split");
        if (size.PerImage) throw new OnnxRefusedException("it splits the images of a batch");
        if (sizes is null)
        {
            int parts = c.Node.Outputs.Count;
            long each = (size.Count + parts - 1) / Math.Max(parts, 1);
            if (c.Version < 18 && size.Count % Math.Max(parts, 1) != 0)
                throw new OnnxRefusedException($"it splits {size.Count} into {parts} equal parts");
            sizes = [.. Enumerable.Range(0, parts).Select(i => Math.Clamp(size.Count - i * each, 0, each))];
        }
        if (sizes.Any(one => one < 0) || sizes.Sum() != size.Count || sizes.Length < c.Node.Outputs.Count)
            throw new OnnxRefusedException($"it splits {size.Count} into [{string.Join(", ", sizes)}]");
        return sizes.Length == 1 ? [c[0]] : c.AddMany("split", new() { ["sizes"] = sizes, ["dim"] = dim }, sizes.Length, c[0]);
    }

    private static OnnxValue Slice(OnnxCall c)
    {
        int rank = c.Rank(c[0]);
        bool old = c.Version < 10;
        long[] starts = old ? c.Ints("starts") : c.Wholes(1);
        long[] axes = (old ? c.HasAttribute("axes") ? c.Ints("axes") : null : c.Has(3) ? c.Wholes(3) : null)
            ?? [.. Enumerable.Range(0, starts.Length).Select(axis => (long)axis)];
        long[] ends = old ? c.Ints("ends") : Ends(c, [.. axes.Select(axis => c.Axis(axis, rank))]);
        long[] steps = !old && c.Has(4) ? c.Wholes(4) : [.. Enumerable.Repeat(1L, starts.Length)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length || steps.Contains(0))
            throw new OnnxRefusedException("what it cuts out is not said for each dimension");
        OnnxValue value = c[0];
        for (int i = 0; i < starts.Length; i++)
        {
            if (starts[i] == 0 && steps[i] == 1 && ends[i] >= int.MaxValue) continue;
            value = c.Add("slice", new()
            {
                ["dim"] = c.Axis(axes[i], rank),
                ["start"] = starts[i],
                ["end"] = ends[i],
                ["step"] = steps[i],
            }, value);
        }
        return value;
    }

    /// <summary>Where a slice ends: a number that grows with the images but lies behind the last position anyway is the end.</summary>
    private static long[] Ends(OnnxCall c, long[] axes)
    {
        if (c.Fixed(2) is not null) return c.Wholes(2);
        IReadOnlyList<long[]> ends = c.WholesAt(2), sizes = c.AllSizesOf(c[0]);
        if (ends.Any(one => one.Length != axes.Length)) throw new OnnxRefusedException("what it cuts out is not said for each dimension");
        return [.. axes.Select((axis, i) => ends.All(one => one[i] == ends[0][i]) ? ends[0][i]
            : ends.Index().All(one => one.Item[i] >= sizes[one.Index % sizes.Count][axis]) ? long.MaxValue
            : throw new OnnxRefusedException("where it ends depends on the number of images"))];
    }

    private static OnnxValue Pad(OnnxCall c)
    {
        int rank = c.Rank(c[0]);
        long[] pads = c.Version >= 11 ? c.Wholes(1) : c.Ints(c.HasAttribute("paddings") ? "paddings" : "pads");
        double value = c.Version >= 11 ? c.Has(2) ? c.Scalar(2) : 0 : c.Number("value", 0);
        long[] axes = c.Version >= 18 && c.Has(3) ? [.. c.Wholes(3).Select(axis => c.Axis(axis, rank))]
            : [.. Enumerable.Range(0, rank).Select(axis => (long)axis)];
        if (pads.Length != 2 * axes.Length || pads.Any(one => one is < -1 << 20 or > 1 << 20))
            throw new OnnxRefusedException($"it pads {axes.Length} dimensions by [{string.Join(", ", pads)}]");
        long[] before = new long[rank], after = new long[rank];
        for (int i = 0; i < axes.Length; i++) (before[axes[i]], after[axes[i]]) = (pads[i], pads[i + axes.Length]);
        return Padded(c, c[0], before, after, c.Text("mode", "constant"), value);
    }

    private static OnnxValue Padded(OnnxCall c, OnnxValue x, long[] before, long[] after, string mode, double value)
    {
        if (before.Concat(after).All(one => one == 0)) return x;
        if (mode != "constant") return c.Add("pad_by", new() { ["before"] = before, ["after"] = after, ["mode"] = mode }, x);
        // libtorch's order: the last dimension first, and no more dimensions than are padded.
        int first = Enumerable.Range(0, before.Length).First(dim => before[dim] != 0 || after[dim] != 0);
        List<long> pads = [];
        for (int dim = before.Length - 1; dim >= first; dim--) pads.AddRange([before[dim], after[dim]]);
        return c.Add("pad", new() { ["pads"] = pads.ToArray(), ["value"] = value }, x);
    }

    private static OnnxValue CentreCropPad(OnnxCall c)
    {
        int rank = c.Rank(c[0]);
        long[] shape = c.Wholes(1);
        long[] axes = c.HasAttribute("axes") ? c.Ints("axes") : [.. Enumerable.Range(0, rank).Select(axis => (long)axis)];
        OnnxSize[] sizes = c.SizesOf(c[0]);
        if (axes.Length != shape.Length) throw new OnnxRefusedException("its sizes are not said for each dimension");
        OnnxValue value = c[0];
        long[] before = new long[rank], after = new long[rank];
        for (int i = 0; i < axes.Length; i++)
        {
            long axis = c.Axis(axes[i], rank), size = sizes[axis].PerImage
                ? throw new OnnxRefusedException("it cuts the images of a batch") : sizes[axis].Count, more = shape[i] - size;
            if (more > 0) (before[axis], after[axis]) = (more / 2, more - more / 2);
            else if (more < 0)
                value = c.Add("slice", new() { ["dim"] = axis, ["start"] = -more / 2, ["end"] = -more / 2 + shape[i] }, value);
        }
        return Padded(c, value, before, after, "constant", 0);
    }
}
