using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>Windows in any number of dimensions, further normalisations, resampling.</summary>
internal static partial class ExportLines
{
    private static void AddWindows()
    {
        foreach (int rank in (int[])[1, 2, 3])
        {
            Line($"conv_transpose{rank}d", c => c.Op("ConvTranspose", [c.X, c[1], c.Optional(2)],
                [.. Around(c, Kernel(c.Input(1))), ("dilations", List(c, "dilation", rank, 1)), ("group", c.Attributes.Int("groups", 1)),
                    ("output_padding", List(c, "output_padding", rank, 0))]));
            if (rank == 2) continue;
            Line($"conv{rank}d", c => c.Op("Conv", [c.X, c[1], c.Optional(2)],
                [.. Around(c, Kernel(c.Input(1))), ("dilations", List(c, "dilation", rank, 1)), ("group", c.Attributes.Int("groups", 1))]));
            Line($"max_pool{rank}d", c => c.Op("MaxPool", [Unpadded(c)],
                [.. Around(c, c.Attributes.Ints("kernel")), ("dilations", List(c, "dilation", rank, 1)), Ceil(c)]));
            Line($"avg_pool{rank}d", c => Means(c, Around(c, c.Attributes.Ints("kernel"))));
        }
        Line("avg_pool_uneven", c =>
        {
            RequireNoDilation(c);
            return Means(c, Around(c, c.Attributes.Ints("kernel")));
        });
        Line("lp_pool", c =>
        {
            RequireNoDilation(c);
            if (c.Attributes.Flag("ceil", false)) throw new ExportRefusedException("its last windows are cut, which opset 18 brought");
            double order = c.Attributes.Number("p", 2);
            if (order % 1 != 0) throw new ExportRefusedException($"its order is {order}, and ONNX knows whole ones");
            return c.Op("LpPool", [c.X], [.. Around(c, c.Attributes.Ints("kernel")), ("p", (long)order)]);
        });
        Line("resize", Resized);
    }

    /// <summary>
    /// Average pooling. Of windows that count what is padded and hang over the padded edge too, ONNX Runtime 1.23 divides by other numbers
    /// than ONNX says: the padding is an operation of its own there, and nothing of the pooling's own is counted.
    /// </summary>
    private static string Means(ExportCall c, (string Name, object Value)[] windows)
    {
        bool counted = c.Attributes.Flag("count_include_pad", true);
        int at = Array.FindIndex(windows, one => one.Name == "pads");
        var pads = (long[])windows[at].Value;
        string x = Unpadded(c);
        if (counted && c.Attributes.Flag("ceil", false) && pads.Any(pad => pad != 0))
        {
            int rank = pads.Length / 2;
            // One axis more: right before the pooling ONNX Runtime 1.23 puts the padding back into it, and counts it by another rule.
            string more = c.Op("Unsqueeze", [x, c.Graph.Integers([0])]);
            string padded = c.Op(
                "Pad", [more, c.Graph.Integers([0, 0, 0, .. pads[..rank], 0, 0, 0, .. pads[rank..]]), Number(c, 0)], ("mode", "constant"));
            x = c.Op("Squeeze", [padded, c.Graph.Integers([0])]);
            (windows[at], counted) = (("pads", new long[pads.Length]), false);
        }
        return c.Op("AveragePool", [x], [.. windows, ("count_include_pad", counted ? 1L : 0L), Ceil(c)]);
    }

    /// <summary>
    /// The value that windows run over. ONNX Runtime puts a padding by zeros that stands right before a pooling into it, where zeros are no
    /// longer counted, so that the largest of negative numbers comes out: one axis more and less keeps them apart.
    /// </summary>
    private static string Unpadded(ExportCall c) => !c.Graph.Nodes.Any(node => node.Operator == "Pad" && node.Outputs.Contains(c.X)) ? c.X
        : c.Op("Squeeze", [c.Op("Unsqueeze", [c.X, c.Graph.Integers([0])]), c.Graph.Integers([0])]);

    private static void RequireNoDilation(ExportCall c)
    {
        if (c.Attributes.Has("dilation") && c.Attributes.Ints("dilation").Any(step => step != 1))
            throw new ExportRefusedException("the positions of its windows lie apart, which opset 18 brought");
    }

    private static long[] Kernel(ExportedValue weight) => [.. weight.Sizes.Skip(2).Select(size => size.Count)];

    /// <summary>One number for each spatial dimension.</summary>
    private static long[] List(ExportCall c, string name, int rank, long fallback) =>
        c.Attributes.Has(name) ? c.Attributes.Ints(name) : [.. Enumerable.Repeat(fallback, rank)];

    private static (string, object)[] Around(ExportCall c, long[] kernel)
    {
        long[] padding = List(c, "padding", kernel.Length, 0), end = c.Attributes.Has("end") ? c.Attributes.Ints("end") : padding;
        long[] stride = c.Attributes.Has("stride") ? c.Attributes.Ints("stride")
            : c.Attributes.Has("kernel") ? kernel : [.. Enumerable.Repeat(1L, kernel.Length)];
        return [("kernel_shape", kernel), ("strides", stride), ("pads", (long[])[.. padding, .. end])];
    }

    private static void AddNormalisations()
    {
        Line("instance_norm", c =>
        {
            long channels = c.Of.Fixed(1);
            return c.Op("InstanceNormalization", [c.X, c.Has(1) ? c[1] : c.Graph.Channels(1, channels, c.Of.Type),
                c.Has(2) ? c[2] : c.Graph.Channels(0, channels, c.Of.Type)], ("epsilon", (float)c.Attributes.Number("eps", 1e-5)));
        });
        Line("rms_norm", c =>
        {
            long[] last = [.. Enumerable.Range(1, (int)c.Attributes.Int("count", 1)).Select(i => -(long)i)];
            string mean = c.Op("ReduceMean", [c.Op("Mul", [c.X, c.X])], ("axes", last), ("keepdims", 1L));
            string size = c.Op("Sqrt", [c.Op("Add", [mean, Number(c, c.Attributes.Number("eps", 1e-5))])]);
            return c.Op("Mul", [c.Op("Div", [c.X, size]), c[1]]);
        });
        // ONNX Runtime takes windows of odd sizes alone.
        Line("local_response_norm", c => c.Attributes.Int("before") == c.Attributes.Int("after")
            ? c.Op("LRN", [c.X], ("size", c.Attributes.Int("before") + c.Attributes.Int("after") + 1),
                ("alpha", (float)c.Attributes.Number("alpha", 1e-4)), ("beta", (float)c.Attributes.Number("beta", 0.75)),
                ("bias", (float)c.Attributes.Number("k", 1)))
            : throw new ExportRefusedException("it sees more channels on one side than on the other"));
        Line("standardise", c =>
        {
            string centred = c.Op("Sub", [c.X, c.Op("ReduceMean", [c.X], ("axes", c.Dimensions("dims")), ("keepdims", 1L))]);
            string deviation = c.Op("Sqrt", [c.Op("ReduceMean", [c.Op("Mul", [centred, centred])], ("axes", c.Dimensions("dims")),
                ("keepdims", 1L))]);
            return c.Op("Div", [centred, c.Op("Add", [deviation, Number(c, c.Attributes.Number("eps", 1e-9))])]);
        });
        Line("normalise", c => c.Op("Div", [c.X, Norm(c, c.X, [c.Of.Dimension(c.Attributes.Int("dim", -1))], ("keepdims", 1L))]));
        Line("weight_norm", c =>
        {
            long dim = c.Of.Dimension(c.Attributes.Int("dim", 0));
            long[] others = [.. Enumerable.Range(0, c.Of.Rank).Select(one => (long)one).Where(one => one != dim)];
            return c.Op("Mul", [c.X, c.Op("Div", [c[1], c.Op("ReduceL2", [c.X], ("axes", others), ("keepdims", 1L))])]);
        });
    }

    /// <summary>Resampling, axis by axis, as the catalogue's: neighbours by a table of places, sums of them by a matrix.</summary>
    private static string Resized(ExportCall c)
    {
        OperatorAttributes a = c.Attributes;
        (long[] axes, string x) = (a.Ints("axes"), c.X);
        if (a.Text("policy", "stretch") != "stretch") throw new ExportRefusedException("its axes share one scale");
        string coordinates = a.Text("coordinates", "half_pixel");
        if (coordinates == "tf_crop_and_resize") throw new ExportRefusedException("it cuts out while it resamples");
        var way = new AxisResampling
        {
            Mode = a.Text("mode", "nearest"),
            Coordinates = coordinates,
            Nearest = a.Text("nearest", "round_prefer_floor"),
            Cubic = (float)a.Number("cubic", -0.75),
            ExcludeOutside = a.Flag("exclude_outside", false),
            Antialias = a.Flag("antialias", false),
        };
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = c.Of.Dimension(axes[i]);
            if (c.Of.Sizes[axis].PerImage) continue;
            long size = c.Of.Fixed(axis), made = c.Result.Fixed(axis);
            string key = FormattableString.Invariant($"scale.{i}");
            float scale = a.Has(key) ? (float)a.Number(key) : (float)made / size;
            if (scale != 1) x = Resampled(c, x, axis, way, size, made, scale);
        }
        return x;
    }

    private static string Resampled(ExportCall c, string x, int axis, AxisResampling way, long size, long made, float scale)
    {
        float[] positions = [.. Enumerable.Range(0, (int)made).Select(at => way.Position(at, size, made, scale))];
        if (way.Mode == "nearest")
        {
            string places = c.Constant("places", tensor(positions.Select(at => way.NearestTo(at, size)).ToArray()));
            return c.Op("Gather", [x, places], ("axis", (long)axis));
        }
        var weights = new float[made * size];
        for (int i = 0; i < made; i++) way.Weigh(positions[i], size, scale, weights.AsSpan((int)(i * size), (int)size));
        string matrix = c.Constant("weights", tensor(weights, [made, size]).t().contiguous());
        long[] order = [.. Enumerable.Range(0, c.Of.Rank).Select(dim => (long)dim)];
        (order[axis], order[^1]) = (order[^1], order[axis]);
        string last = axis == c.Of.Rank - 1 ? x : c.Op("Transpose", [x], ("perm", order));
        string product = c.Op("MatMul", [last, matrix]);
        return axis == c.Of.Rank - 1 ? product : c.Op("Transpose", [product], ("perm", order));
    }
}
