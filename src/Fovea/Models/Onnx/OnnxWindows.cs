using Fovea.Models.Graph;

namespace Fovea.Models.Onnx;

/// <summary>The windows of a convolution or a pooling, with what a file leaves to be calculated (<c>auto_pad</c>) calculated.</summary>
internal sealed record OnnxWindows(long[] Kernel, long[] Stride, long[] Begin, long[] End, long[] Dilation, bool Ceil)
{
    private const long Largest = 1 << 10;

    /// <summary>Number of spatial dimensions.</summary>
    public int Rank => Kernel.Length;

    /// <summary>The windows of a node.</summary>
    /// <param name="c">The node.</param>
    /// <param name="kernel">The windows' sizes; null: the node says them.</param>
    /// <param name="transposed">Whether it makes more positions of fewer.</param>
    public static OnnxWindows Read(OnnxCall c, long[]? kernel = null, bool transposed = false)
    {
        kernel = c.HasAttribute("kernel_shape") || kernel is null ? c.Ints("kernel_shape") : kernel;
        int rank = kernel.Length;
        if (rank is < 1 or > 3 || c.Rank(c[0]) != rank + 2)
            throw new OnnxRefusedException($"its windows have {rank} dimensions, its input {c.Rank(c[0])}");
        var w = new OnnxWindows(kernel, List(c, "strides", rank, 1), new long[rank], new long[rank], List(c, "dilations", rank, 1),
            c.Flag("ceil_mode", false));
        if (kernel.Concat(w.Stride).Concat(w.Dilation).Any(one => one is < 1 or > Largest))
            throw new OnnxRefusedException("its windows have no size, do not move, or are larger than any network needs");
        if (transposed) return w.Cut(c);
        string auto = c.Text("auto_pad", "NOTSET");
        if (auto is "SAME_UPPER" or "SAME_LOWER") return w.Keep(c, auto == "SAME_LOWER");
        return auto == "VALID" ? w : w.With(c);
    }

    /// <summary>Whether nothing is padded and each position is read.</summary>
    public bool Plain => Begin.Concat(End).All(one => one == 0) && Dilation.All(one => one == 1);

    /// <summary>These without padding.</summary>
    public OnnxWindows Unpadded() => this with { Begin = new long[Rank], End = new long[Rank] };

    /// <summary>The catalogue's attributes, and others.</summary>
    public OperatorAttributes Attributes(params ReadOnlySpan<(string Name, object Value)> others)
    {
        var attributes = new OperatorAttributes
        {
            ["kernel"] = Kernel,
            ["stride"] = Stride,
            ["padding"] = Begin,
            ["dilation"] = Dilation,
        };
        if (Ceil) attributes["ceil"] = true;
        foreach (var (name, value) in others) attributes[name] = value;
        return attributes;
    }

    /// <summary>
    /// Whether padding by as much at the end as at the beginning makes the same windows: then what is added at the end is either the same
    /// or never read, and nothing has to be copied.
    /// </summary>
    public bool Even(OnnxCall c)
    {
        if (Begin.SequenceEqual(End)) return true;
        return c.AllSizesOf(c[0]).All(sizes => Enumerable.Range(0, Rank).All(
            i => Count(sizes[i + 2], i, End[i]) == Count(sizes[i + 2], i, Begin[i])));

        long Count(long size, int axis, long end) =>
            SpatialReach.AxisWindow.Count(size, Kernel[axis], Stride[axis], Begin[axis], end, Dilation[axis], Ceil);
    }

    /// <summary>
    /// These with as much padding at the end as the last window needs: one that only partly lies on the input, and is none where it begins
    /// behind it, can then be padded like all others.
    /// </summary>
    public OnnxWindows Exact(OnnxCall c)
    {
        if (!Ceil) return this;
        long[][] ends = [.. c.AllSizesOf(c[0]).Select(sizes => Enumerable.Range(0, Rank).Select(i =>
        {
            long count = SpatialReach.AxisWindow.Count(sizes[i + 2], Kernel[i], Stride[i], Begin[i], End[i], Dilation[i], true);
            return (count - 1) * Stride[i] + (Kernel[i] - 1) * Dilation[i] + 1 - sizes[i + 2] - Begin[i];
        }).ToArray())];
        return ends.All(one => one.SequenceEqual(ends[0])) ? this with { End = ends[0], Ceil = false }
            : throw new OnnxRefusedException("its last windows depend on the images' height or width: export with those fixed");
    }

    /// <summary>The value with the padding around it.</summary>
    public OnnxValue Pad(OnnxCall c, OnnxValue x, double value)
    {
        var pads = new long[2 * Rank];
        for (int i = 0; i < Rank; i++) (pads[^(2 * i + 2)], pads[^(2 * i + 1)]) = (Begin[i], End[i]);
        return c.Add("pad", new() { ["pads"] = pads, ["value"] = value }, x);
    }

    /// <summary>What the attribute <c>pads</c> says: all beginnings, then all ends.</summary>
    private OnnxWindows With(OnnxCall c)
    {
        long[] pads = List(c, "pads", 2 * Rank, 0);
        if (pads.Any(one => one is < 0 or > Largest)) throw new OnnxRefusedException($"its pads are [{string.Join(", ", pads)}]");
        return this with { Begin = pads[..Rank], End = pads[Rank..] };
    }

    /// <summary>As many windows as steps fit into the input, which lies in their middle: at an odd number one more at the end, or (lower)
    /// at the beginning.</summary>
    private OnnxWindows Keep(OnnxCall c, bool lower)
    {
        OnnxSize[]? sizes = Stride.All(one => one == 1) ? null : c.SizesOf(c[0]);
        (long[] begin, long[] end) = (new long[Rank], new long[Rank]);
        for (int i = 0; i < Rank; i++)
        {
            long extent = (Kernel[i] - 1) * Dilation[i] + 1, all = extent - 1;
            if (sizes is not null)
            {
                if (sizes[i + 2].PerImage) throw new OnnxRefusedException("its padding depends on the number of images");
                long size = sizes[i + 2].Count;
                all = Math.Max(0, ((size + Stride[i] - 1) / Stride[i] - 1) * Stride[i] + extent - size);
            }
            (begin[i], end[i]) = lower ? (all - all / 2, all / 2) : (all / 2, all - all / 2);
        }
        return this with { Begin = begin, End = end };
    }

    /// <summary>What a transposed convolution cuts off.</summary>
    private OnnxWindows Cut(OnnxCall c)
    {
        string auto = c.Text("auto_pad", "NOTSET");
        bool same = auto is "SAME_UPPER" or "SAME_LOWER";
        if (!same && !c.HasAttribute("output_shape")) return auto == "VALID" ? this : With(c);
        OnnxSize[] sizes = c.SizesOf(c[0]);
        long[] more = List(c, "output_padding", Rank, 0), made = c.HasAttribute("output_shape")
            ? c.Ints("output_shape") : [.. Stride.Select((stride, i) => stride * sizes[i + 2].Count)];
        if (made.Length > Rank) made = made[^Rank..];
        if (made.Length != Rank || sizes.Skip(2).Any(size => size.PerImage)) throw new OnnxRefusedException("its sizes are not known");
        (long[] begin, long[] end) = (new long[Rank], new long[Rank]);
        for (int i = 0; i < Rank; i++)
        {
            long all = Stride[i] * (sizes[i + 2].Count - 1) + more[i] + (Kernel[i] - 1) * Dilation[i] + 1 - made[i];
            if (all is < -Largest or > Largest) throw new OnnxRefusedException($"it makes {made[i]} of {sizes[i + 2].Count} positions");
            (begin[i], end[i]) = all < 0 ? (0, all) : auto == "SAME_UPPER" ? (all / 2, all - all / 2) : (all - all / 2, all / 2);
        }
        return this with { Begin = begin, End = end };
    }

    private static long[] List(OnnxCall c, string name, int length, long fallback)
    {
        long[] given = c.HasAttribute(name) ? c.Ints(name) : [.. Enumerable.Repeat(fallback, length)];
        return given.Length == length ? given
            : throw new OnnxRefusedException($"its attribute {name} has {given.Length} numbers where {length} are needed");
    }
}
