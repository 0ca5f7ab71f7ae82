using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>Convolutions and pooling.</summary>
internal static partial class OnnxOperators
{
    private static void AddWindows()
    {
        Add("Conv", Convolution);
        Add("ConvTranspose", Transposed);
        AddMany("MaxPool", MaximumPooling);
        Add("AveragePool", AveragePooling);
        Add("LpPool", c =>
        {
            OnnxWindows w = OnnxWindows.Read(c);
            return c.Add("lp_pool", w.Attributes(("end", w.End), ("p", c.Number2("p", 2))), c[0]);
        });
        Add("GlobalAveragePool", c => c.Rank(c[0]) == 4
            ? c.Add("adaptive_avg_pool2d", OperatorAttributes.None, c[0]) : Positions(c, "mean"));
        Add("GlobalMaxPool", c => c.Rank(c[0]) == 4
            ? c.Add("adaptive_max_pool2d", new() { ["grid"] = new long[] { 1, 1 } }, c[0]) : Positions(c, "amax"));
        Add("GlobalLpPool", c => c.Add("vector_norm",
            new() { ["dims"] = Spatial(c), ["keepdim"] = true, ["order"] = c.Number2("p", 2) }, c[0]));
    }

    private static OnnxValue Positions(OnnxCall c, string name) =>
        c.Add(name, new() { ["dims"] = Spatial(c), ["keepdim"] = true }, c[0]);

    private static long[] Spatial(OnnxCall c) => c.Rank(c[0]) > 2 ? [.. Enumerable.Range(2, c.Rank(c[0]) - 2).Select(dim => (long)dim)]
        : throw new OnnxRefusedException("its input has no positions");

    /// <summary>A number that an attribute says, whole or not.</summary>
    private static double Number2(this OnnxCall c, string name, double fallback) =>
        c.Node.Attributes.TryGetValue(name, out OnnxAttribute? given) && given.Kind == 2 ? given.Whole : c.Number(name, fallback);

    private static OnnxValue Convolution(OnnxCall c)
    {
        long[] weight = [.. c.SizesOf(c[1]).Select(size => size.Count)];
        OnnxWindows w = OnnxWindows.Read(c, weight.Length > 2 ? weight[2..] : throw new OnnxRefusedException("its weight has no window"));
        OnnxValue x = c[0];
        OperatorAttributes attributes;
        if (w.Even(c)) attributes = w.Attributes(("groups", c.Int("group", 1)));
        else
        {
            x = w.Pad(c, x, 0);
            attributes = w.Unpadded().Attributes(("groups", c.Int("group", 1)));
        }
        return c.Add($"conv{w.Rank}d", attributes, x, c[1], c.Optional(2));
    }

    private static OnnxValue Transposed(OnnxCall c)
    {
        long[] weight = [.. c.SizesOf(c[1]).Select(size => size.Count)];
        OnnxWindows w = OnnxWindows.Read(
            c, weight.Length > 2 ? weight[2..] : throw new OnnxRefusedException("its weight has no window"), transposed: true);
        long[] more = c.Ints("output_padding", [.. Enumerable.Repeat(0L, w.Rank)]);
        if (more.Length != w.Rank) throw new OnnxRefusedException($"its output_padding has {more.Length} numbers");
        // What is cut off less at the end than at the beginning is more output.
        long[] end = [.. more.Select((one, i) => one + w.Begin[i] - w.End[i])];
        bool direct = end.Select((one, i) => one >= 0 && one < Math.Max(w.Stride[i], w.Dilation[i])).All(one => one);
        OperatorAttributes attributes = (direct ? w : w.Unpadded()).Attributes(
            ("groups", c.Int("group", 1)), ("output_padding", direct ? end : more));
        OnnxValue made = c.Add($"conv_transpose{w.Rank}d", attributes, c[0], c[1], c.Optional(2));
        if (direct) return made;
        if (w.End.Any(one => one < 0)) throw new OnnxRefusedException("it makes more positions than its windows reach");
        OnnxSize[] sizes = c.SizesOf(made);
        for (int i = 0; i < w.Rank; i++)
        {
            long length = sizes[i + 2].Count - w.Begin[i] - w.End[i];
            made = c.Add("slice", new() { ["dim"] = i + 2L, ["start"] = w.Begin[i], ["end"] = w.Begin[i] + length }, made);
        }
        return made;
    }

    private static OnnxValue[] MaximumPooling(OnnxCall c)
    {
        OnnxWindows w = OnnxWindows.Read(c);
        OnnxValue x = c[0];
        ScalarType type = OnnxCall.TypeOf(x);
        x = To(c, x, ScalarType.Float32);
        bool even = w.Even(c) && w.Begin.Zip(w.Kernel).All(pair => pair.First <= pair.Second / 2);
        if (Needs(c, 1))
        {
            if (w.Rank != 2 || !even || c.Int("storage_order", 0) != 0)
                throw new OnnxRefusedException("it gives places in a form that is not made here");
            OnnxValue[] both = c.AddMany("max_pool2d_with_indices", w.Attributes(), 2, x);
            return [To(c, both[0], type), both[1]];
        }
        if (!even)
        {
            w = w.Exact(c);
            x = w.Pad(c, x, double.NegativeInfinity);
            w = w.Unpadded();
        }
        return [To(c, c.Add($"max_pool{w.Rank}d", w.Attributes(), x), type)];
    }

    private static OnnxValue AveragePooling(OnnxCall c)
    {
        OnnxWindows w = OnnxWindows.Read(c);
        // One window over everything: the mean of all positions.
        if (w is { Rank: 2, Plain: true } && c.AllSizesOf(c[0]).All(sizes => sizes.AsSpan()[2..].SequenceEqual(w.Kernel)))
            return c.Add("adaptive_avg_pool2d", OperatorAttributes.None, c[0]);
        bool padded = c.Flag("count_include_pad", false);
        // Where padding counts, a last window that partly lies behind it counts what of it is there.
        bool even = w.Dilation.All(step => step == 1) && w.Begin.Zip(w.Kernel).All(pair => pair.First <= pair.Second / 2)
            && (w.Begin.SequenceEqual(w.End) || w.Even(c) && !(padded && w.Ceil));
        return even
            ? c.Add($"avg_pool{w.Rank}d", w.Attributes(("count_include_pad", padded)), c[0])
            : c.Add("avg_pool_uneven", w.Attributes(("end", w.End), ("count_include_pad", padded)), c[0]);
    }
}
