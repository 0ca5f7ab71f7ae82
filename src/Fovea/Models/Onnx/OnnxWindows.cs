namespace Fovea.Models.Onnx;

/// <summary>
/// The windows of a convolution or a pooling over images. ONNX pads each side by its own number; the catalogue pads both alike. Where
/// windows never reach the end of the padding, both sides alike are the same; else zeros are put around in an operation of its own.
/// </summary>
internal sealed class OnnxWindows
{
    private readonly long[] _end;

    private OnnxWindows(long[] kernel, long[] stride, long[] dilation, long[] begin, long[] end, bool ceil)
    {
        (Kernel, Stride, Dilation, Padding, _end, Ceil) = (kernel, stride, dilation, begin, end, ceil);
    }

    public long[] Kernel { get; }

    public long[] Stride { get; }

    public long[] Dilation { get; }

    /// <summary>Positions added at the top and at the left, and as many at the other sides.</summary>
    public long[] Padding { get; private set; }

    public bool Ceil { get; }

    /// <summary>Whether both sides are padded alike.</summary>
    public bool IsSymmetric => Padding.AsSpan().SequenceEqual(_end);

    /// <summary>Whether nothing is padded.</summary>
    public bool IsPlain => IsSymmetric && Padding.All(one => one == 0);

    /// <summary>The windows of a call on its input 0.</summary>
    /// <param name="c">The call.</param>
    /// <param name="kernel">Height and width.</param>
    public static OnnxWindows Of(OnnxCall c, long[] kernel)
    {
        if (c.Rank(c[0]) != 4) throw new OnnxRefusedException($"its input has {c.Rank(c[0])} dimensions: only values of images are read");
        if (c.HasAttribute("kernel_shape") && !c.Pair("kernel_shape").AsSpan().SequenceEqual(kernel))
            throw new OnnxRefusedException("its kernel_shape is not that of its weight");
        long[] stride = c.Pair("strides", 1, 1), dilation = c.Pair("dilations", 1, 1), begin = [0, 0], end = [0, 0];
        if (kernel.Any(one => one is < 1 or > 1 << 10) || stride.Any(one => one < 1) || dilation.Any(one => one < 1))
            throw new OnnxRefusedException("its windows have no size or do not move");
        bool ceil = c.Flag("ceil_mode", false);
        string automatic = c.Text("auto_pad", "NOTSET");
        switch (automatic)
        {
            case "NOTSET" or "":
                long[] pads = c.Ints("pads", 0, 0, 0, 0);
                if (pads.Length != 4 || pads.Any(one => one is < 0 or > 1 << 10))
                    throw new OnnxRefusedException($"its pads are [{string.Join(", ", pads)}], which cannot be");
                (begin, end) = ([pads[0], pads[1]], [pads[2], pads[3]]);
                break;
            case "SAME_UPPER" or "SAME_LOWER":
                (begin, end) = Same(c, kernel, stride, dilation, automatic == "SAME_UPPER");
                break;
            case "VALID": break;
            default: throw new OnnxRefusedException($"it pads by '{automatic}'");
        }
        var windows = new OnnxWindows(kernel, stride, dilation, begin, end, ceil);
        if (!windows.IsSymmetric && windows.NeverReachesTheEnd(c)) windows = new(kernel, stride, dilation, begin, begin, ceil);
        return windows;
    }

    /// <summary>The input with what the operation itself does not pad put around it.</summary>
    /// <param name="c">The call.</param>
    /// <param name="x">Its input.</param>
    /// <param name="value">What is put around.</param>
    /// <param name="apart">Whether to do so also where both sides are padded alike.</param>
    public OnnxValue Padded(OnnxCall c, OnnxValue x, double value, bool apart = false)
    {
        if (IsPlain || IsSymmetric && !apart) return x;
        // PyTorch's order: the last dimension first.
        long[] pads = [Padding[1], _end[1], Padding[0], _end[0]];
        Padding = [0, 0];
        return c.Add("pad", new() { ["pads"] = pads, ["value"] = value }, x);
    }

    /// <summary>As many windows as there are steps in the input, whatever the padding that needs.</summary>
    private static (long[] Begin, long[] End) Same(OnnxCall c, long[] kernel, long[] stride, long[] dilation, bool upper)
    {
        OnnxSize[] sizes = c.SizesOf(c[0]);
        long[] begin = [0, 0], end = [0, 0];
        for (int i = 0; i < 2; i++)
        {
            long count = (sizes[i + 2].Count + stride[i] - 1) / stride[i], extent = (kernel[i] - 1) * dilation[i] + 1;
            long all = Math.Max(0, (count - 1) * stride[i] + extent - sizes[i + 2].Count);
            (begin[i], end[i]) = upper ? (all / 2, all - all / 2) : (all - all / 2, all / 2);
        }
        return (begin, end);
    }

    private bool NeverReachesTheEnd(OnnxCall c)
    {
        if (Ceil) return false;
        return c.SidesOf(c[0]).All(side => Enumerable.Range(0, 2).All(i =>
        {
            long extent = (Kernel[i] - 1) * Dilation[i] + 1;
            long asked = side[i] + Padding[i] + _end[i] - extent, alike = side[i] + 2 * Padding[i] - extent;
            return asked >= 0 && alike >= 0 && asked / Stride[i] == alike / Stride[i];
        }));
    }
}
