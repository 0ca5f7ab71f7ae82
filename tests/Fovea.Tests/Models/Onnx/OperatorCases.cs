using Fovea.Models.Onnx;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>
/// Small networks of one operator for what ONNX's own data do not tell apart, and for versions from 18 to the newest. Inputs are the same
/// each time: drawn from a seed.
/// </summary>
internal static class OperatorCases
{
    /// <summary>The newest version that ONNX Runtime 1.31.1 knows.</summary>
    public const long Newest = OnnxVersions.LastOpset;

    public static IEnumerable<OperatorCase> All =>
    [
        .. Windows(), .. Pooling(), .. Transposed(), .. Softmaxes(), .. Slopes(), .. Normalisations(), .. Reductions(), .. Pads(),
        .. Resizes(), .. Shapes(), .. Tables(), .. Numbers(), .. Matrices(),
    ];

    private static OperatorCase Case(string name, long opset, Func<Tensor?[]> inputs, params (string, object)[] attributes) =>
        new(name, opset, inputs, attributes);

    private static Tensor Random(int seed, params long[] sizes)
    {
        random.manual_seed(seed);
        return randn(sizes);
    }

    private static Tensor Wholes(params long[] numbers) => tensor(numbers);

    private static Tensor Reals(params float[] numbers) => tensor(numbers);

    private static IEnumerable<OperatorCase> Windows()
    {
        foreach (long size in (long[])[6, 7, 8, 9])
            foreach (long[] pads in (long[][])[[1, 1, 0, 0], [0, 0, 1, 1], [3, 3, 2, 2], [2, 0, 1, 3], [0, 1, 2, 0]])
                yield return Case("Conv", 11, () => [Random(1, 2, 3, size, size + 1), Random(2, 4, 3, 3, 3), Random(3, 4)], ("pads", pads),
                    ("strides", new long[] { 2, 2 }));
        foreach (long opset in (long[])[7, 11, 22])
            foreach (string auto in (string[])["SAME_UPPER", "SAME_LOWER", "VALID"])
                foreach (long stride in (long[])[1, 2, 3])
                    yield return Case("Conv", opset, () => [Random(1, 1, 2, 7, 8), Random(2, 2, 2, 4, 3)], ("auto_pad", auto),
                        ("strides", new[] { stride, stride }));
        yield return Case("Conv", 11, () => [Random(1, 1, 4, 9), Random(2, 4, 2, 3)], ("pads", new long[] { 2, 1 }), ("group", 2));
        yield return Case("Conv", 11, () => [Random(1, 1, 2, 5, 6, 7), Random(2, 3, 2, 2, 3, 2)],
            ("pads", new long[] { 1, 0, 1, 0, 1, 0 }));
        yield return Case("Conv", 11, () => [Random(1, 1, 2, 11, 11), Random(2, 3, 2, 3, 3)], ("dilations", new long[] { 2, 3 }),
            ("pads", new long[] { 1, 2, 3, 4 }));
    }

    private static IEnumerable<OperatorCase> Pooling()
    {
        long[] three = [3, 3], two = [2, 2];
        foreach (long opset in (long[])[8, 11, 12, 22])
            foreach (long size in (long[])[7, 8])
                foreach (long[] pads in (long[][])[[1, 1, 0, 0], [0, 0, 1, 1], [2, 2, 2, 2], [1, 1, 1, 1]])
                    foreach (long ceil in opset >= 10 ? (long[])[0, 1] : [0])
                        yield return Case("MaxPool", opset, () => [Random(1, 1, 2, size, size)], opset >= 10
                            ? [("kernel_shape", three), ("strides", two), ("pads", pads), ("ceil_mode", ceil)]
                            : [("kernel_shape", three), ("strides", two), ("pads", pads)]);
        yield return Case("MaxPool", 11, () => [Random(1, 1, 2, 9, 9)], ("kernel_shape", two), ("dilations", new long[] { 2, 3 }),
            ("pads", new long[] { 1, 0, 0, 1 }));
        yield return Case("MaxPool", 12, () => [Random(1, 2, 3, 6, 6)], ("kernel_shape", two), ("strides", two))
            with
        { Results = 2, Type = 7 };
        yield return Case("MaxPool", 11, () => [Random(1, 1, 2, 9)], ("kernel_shape", new long[] { 3 }), ("pads", new long[] { 0, 2 }));
        foreach (long opset in (long[])[7, 10, 11, 19, 22])
            foreach (long[] pads in (long[][])[[1, 1, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1]])
                foreach (long counted in (long[])[0, 1])
                    foreach (long ceil in opset >= 10 ? (long[])[0, 1] : [0])
                        yield return Case("AveragePool", opset, () => [Random(1, 1, 2, 7, 8)], opset >= 10
                            ? [("kernel_shape", three), ("strides", two), ("pads", pads), ("count_include_pad", counted),
                                ("ceil_mode", ceil)]
                            : [("kernel_shape", three), ("strides", two), ("pads", pads), ("count_include_pad", counted)]);
        yield return Case("AveragePool", 19, () => [Random(1, 1, 2, 9, 9)], ("kernel_shape", two), ("dilations", new long[] { 2, 3 }),
            ("pads", new long[] { 1, 0, 1, 0 }));
        yield return Case("AveragePool", 11, () => [Random(1, 1, 2, 9)], ("kernel_shape", new long[] { 4 }), ("auto_pad", "SAME_LOWER"));
        yield return Case("LpPool", 18, () => [Random(1, 1, 2, 7, 7)], ("kernel_shape", three), ("strides", two), ("p", 3L));
        yield return Case("GlobalLpPool", 7, () => [Random(1, 2, 3, 4, 5)], ("p", 3L));
        yield return Case("GlobalMaxPool", 7, () => [Random(1, 2, 3, 4)]);
    }

    private static IEnumerable<OperatorCase> Transposed()
    {
        Tensor?[] Inputs() => [Random(1, 1, 4, 5, 6), Random(2, 4, 3, 3, 3), Random(3, 3)];
        long[] two = [2, 2];
        foreach (long[] pads in (long[][])[[0, 0, 0, 0], [1, 1, 1, 1], [1, 0, 0, 1], [2, 1, 0, 0], [0, 0, 2, 1]])
            foreach (long more in (long[])[0, 1])
                yield return Case("ConvTranspose", 11, Inputs, ("strides", two), ("pads", pads), ("output_padding", new[] { more, more }));
        foreach (string auto in (string[])["SAME_UPPER", "SAME_LOWER"])
            yield return Case("ConvTranspose", 11, Inputs, ("strides", two), ("auto_pad", auto));
        yield return Case("ConvTranspose", 22, Inputs, ("strides", two), ("output_shape", new long[] { 10, 12 }));
        yield return Case("ConvTranspose", 11, () => [Random(1, 1, 4, 5, 6), Random(2, 4, 1, 2, 3)], ("group", 2L),
            ("dilations", new long[] { 2, 1 }));
        yield return Case("ConvTranspose", 11, () => [Random(1, 1, 4, 5), Random(2, 4, 2, 3)], ("strides", new long[] { 3 }));
    }

    private static IEnumerable<OperatorCase> Softmaxes()
    {
        foreach (string name in (string[])["Softmax", "LogSoftmax", "Hardmax"])
            foreach (long opset in (long[])[7, 11, 12, 13, 18])
                foreach (long axis in opset < 11 ? (long[])[0, 1, 2, 3] : [0, 1, 2, 3, -1, -2])
                    yield return Case(name, opset, () => [Random(1, 2, 3, 4, 5)], ("axis", axis));
        foreach (long opset in (long[])[7, 13]) yield return Case("Softmax", opset, () => [Random(1, 2, 3, 4)]);
    }

    private static IEnumerable<OperatorCase> Slopes()
    {
        foreach (long opset in (long[])[7, 9, 16])
            foreach (long[] slope in (long[][])[[1], [3, 1, 1], [5], [4, 5], [3, 4, 5], [1, 3, 1, 1], [3, 4, 1]])
                yield return Case("PRelu", opset, () => [Random(1, 2, 3, 4, 5), Random(2, slope)]);
        yield return Case("PRelu", 9, () => [Random(1, 2, 3), Random(2, 3)]);
    }

    private static IEnumerable<OperatorCase> Normalisations()
    {
        foreach (long opset in (long[])[7, 9, 14, 15])
            yield return Case("BatchNormalization", opset,
                () => [Random(1, 2, 3, 4, 4), Random(2, 3), Random(3, 3), Random(4, 3), Random(5, 3).abs() + 0.1], ("epsilon", 0.01f));
        yield return Case("InstanceNormalization", 7, () => [Random(1, 2, 3, 4, 4), Random(2, 3), Random(3, 3)], ("epsilon", 0.01f));
        yield return Case("InstanceNormalization", 22, () => [Random(1, 2, 3, 7), Random(2, 3), Random(3, 3)]);
        yield return Case("GroupNormalization", 21, () => [Random(1, 2, 6, 4, 4), Random(2, 6), Random(3, 6)], ("num_groups", 3L));
        foreach (long axis in (long[])[-1, -2, 1])
        {
            yield return Case("LayerNormalization", 17,
                () => [Random(1, 2, 3, 4), axis == -1 ? Random(2, 4) : Random(2, 3, 4), axis == -1 ? Random(3, 4) : Random(3, 3, 4)],
                ("axis", axis));
            yield return Case("RMSNormalization", 23, () => [Random(1, 2, 3, 4), axis == -1 ? Random(2, 4) : Random(2, 3, 4)],
                ("axis", axis));
        }
        yield return Case("LayerNormalization", 17, () => [Random(1, 2, 3, 4), Random(2, 4)]) with { Results = 3 };
        foreach (long size in (long[])[1, 3, 5])
            yield return Case("LRN", 13, () => [Random(1, 2, 6, 4, 4)], ("size", size), ("alpha", 0.3f), ("beta", 0.6f), ("bias", 2f));
        foreach (long p in (long[])[1, 2])
            yield return Case("LpNormalization", 7, () => [Random(1, 2, 3, 4)], ("p", p), ("axis", 1L));
        yield return Case("MeanVarianceNormalization", 13, () => [Random(1, 2, 3, 4, 5)], ("axes", new long[] { 1, 2, 3 }));
    }

    private static IEnumerable<OperatorCase> Reductions()
    {
        string[] names =
        [
            "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceSumSquare",
        ];
        foreach (string name in names)
        {
            foreach (long opset in (long[])[7, 11, 12])
                foreach (long keep in (long[])[0, 1])
                    yield return Case(name, opset, () => [Random(1, 2, 3, 4, 5)], ("axes", new long[] { 1, 3 }), ("keepdims", keep));
            foreach (long opset in (long[])[18, 20, Newest])
                foreach (long empty in (long[])[0, 1])
                {
                    yield return Case(name, opset, () => [Random(1, 2, 3, 4, 5), Wholes(-1, 1)], ("keepdims", empty));
                    if (name is "ReduceSum" or "ReduceMean" or "ReduceMax")
                        yield return Case(name, opset, () => [Random(1, 2, 3, 4)], ("noop_with_empty_axes", empty));
                }
        }
        yield return Case("ReduceLogSum", 18, () => [Random(1, 2, 3, 4).abs(), Wholes(2)]);
        foreach (string name in (string[])["ArgMax", "ArgMin"])
            foreach (long opset in (long[])[7, 11, 13])
                foreach (long last in opset >= 12 ? (long[])[0, 1] : [0])
                    yield return Case(name, opset, () => [Random(1, 3, 4, 5).round()], opset >= 12
                        ? [("axis", 1L), ("keepdims", 0L), ("select_last_index", last)] : [("axis", 1L), ("keepdims", 0L)])
                        with
                    { Type = 7 };
        foreach (long exclusive in (long[])[0, 1])
            foreach (long reverse in (long[])[0, 1])
                yield return Case("CumSum", 14, () => [Random(1, 3, 4), Wholes(1).squeeze()], ("exclusive", exclusive),
                    ("reverse", reverse));
        yield return Case("TopK", 7, () => [Random(1, 3, 6)], ("axis", 1L), ("k", 2L)) with { Results = 2, Type = 7 };
        yield return Case("TopK", 10, () => [Random(1, 3, 6), Wholes(3)], ("axis", 0L)) with { Results = 2, Type = 7 };
        yield return Case("TopK", 24, () => [Random(1, 3, 6).round(), Wholes(4)], ("largest", 0L)) with { Results = 2, Type = 7 };
    }

    private static IEnumerable<OperatorCase> Pads()
    {
        long[] pads = [0, 0, 1, 2, 0, 0, 2, 1];
        foreach (string mode in (string[])["constant", "reflect", "edge"])
        {
            yield return Case("Pad", 7, () => [Random(1, 1, 2, 4, 5)], ("pads", pads), ("mode", mode));
            foreach (long opset in (long[])[11, 13, 18, 21, 23, Newest])
                yield return Case("Pad", opset, () => [Random(1, 1, 2, 4, 5), Wholes(pads)], ("mode", mode));
            yield return Case("Pad", 13, () => [Random(1, 1, 2, 4, 5), Wholes(0, 0, -1, 2, 0, 0, 2, -1)], ("mode", mode));
        }
        yield return Case("Pad", 19, () => [Random(1, 1, 2, 4, 5), Wholes(0, 1, 1, 2, 0, 1, 2, 3)], ("mode", "wrap"));
        yield return Case("Pad", 18, () => [Random(1, 1, 2, 4, 5), Wholes(1, 2, 2, 0), Reals(-3).squeeze(), Wholes(-1, 1)]);
    }

    private static IEnumerable<OperatorCase> Resizes()
    {
        string[] coordinates = ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"];
        foreach (string mode in (string[])["nearest", "linear", "cubic"])
            foreach (string coordinate in coordinates)
                foreach (float[] scales in (float[][])[[1, 1, 2, 2.6f], [1, 1, 0.6f, 0.8f]])
                    yield return Case("Resize", 13, () => [Random(1, 1, 2, 7, 9), null, Reals(scales)], ("mode", mode),
                        ("coordinate_transformation_mode", coordinate));
        foreach (string nearest in (string[])["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"])
            foreach (string coordinate in coordinates)
                yield return Case("Resize", 11, () => [Random(1, 1, 1, 10, 23), Reals(), Reals(1, 1, 2.6f, 1.7f)], ("mode", "nearest"),
                    ("nearest_mode", nearest), ("coordinate_transformation_mode", coordinate));
        foreach (long opset in (long[])[13, 18, 19, Newest])
            yield return Case("Resize", opset, () => [Random(1, 2, 3, 5, 6), null, null, Wholes(2, 3, 8, 4)], ("mode", "linear"));
        yield return Case("Resize", 18, () => [Random(1, 1, 2, 8, 9), null, null, Wholes(5, 4)], ("mode", "linear"), ("antialias", 1L),
            ("axes", new long[] { 2, 3 }));
        yield return Case("Resize", 18, () => [Random(1, 1, 2, 8, 9), null, null, Wholes(20, 20)], ("mode", "linear"),
            ("axes", new long[] { 2, 3 }), ("keep_aspect_ratio_policy", "not_larger"));
        yield return Case("Resize", 19, () => [Random(1, 1, 1, 7, 7), null, Reals(1, 1, 0.6f, 0.6f)], ("mode", "linear"),
            ("coordinate_transformation_mode", "half_pixel_symmetric"));
        yield return Case("Resize", 13, () => [Random(1, 1, 1, 6, 6), null, Reals(1, 1, 0.8f, 0.8f)], ("mode", "cubic"),
            ("exclude_outside", 1L), ("cubic_coeff_a", -0.5f));
        foreach (string mode in (string[])["nearest", "linear"])
        {
            yield return Case("Resize", 10, () => [Random(1, 1, 2, 4, 5), Reals(1, 1, 2, 3)], ("mode", mode));
            yield return Case("Upsample", 7, () => [Random(1, 1, 2, 4, 5)], ("mode", mode), ("scales", new[] { 1f, 1, 2, 3 }));
            yield return Case("Upsample", 9, () => [Random(1, 1, 2, 4, 5), Reals(1, 1, 2, 3)], ("mode", mode));
        }
        foreach (long opset in (long[])[16, 20])
            foreach (string padding in (string[])["zeros", "border", "reflection"])
                yield return Case("GridSample", opset, () => [Random(1, 1, 2, 4, 5), Random(2, 1, 3, 3, 2)],
                    ("mode", opset == 16 ? "bilinear" : "linear"), ("padding_mode", padding)) with
                { Unknown = 2 };
    }

    private static IEnumerable<OperatorCase> Shapes()
    {
        yield return Case("Slice", 7, () => [Random(1, 4, 5, 6)], ("starts", new long[] { 1, -4 }), ("ends", new long[] { 9, -1 }),
            ("axes", new long[] { 0, 2 }));
        foreach (long opset in (long[])[10, 11, 13])
            yield return Case("Slice", opset, () => [Random(1, 6, 7), Wholes(-1, 5), Wholes(-6, -100), Wholes(0, 1), Wholes(-2, -1)]);
        yield return Case("Slice", 13, () => [Random(1, 6, 7), Wholes(0), Wholes(long.MaxValue), Wholes(1), Wholes(3)]);
        yield return Case("Split", 7, () => [Random(1, 6, 4)], ("axis", 0L), ("split", new long[] { 2, 4 })) with { Results = 2 };
        yield return Case("Split", 11, () => [Random(1, 6, 4)], ("axis", -1L)) with { Results = 2 };
        yield return Case("Split", 13, () => [Random(1, 6, 4), Wholes(1, 2, 3)]) with { Results = 3 };
        yield return Case("Split", 18, () => [Random(1, 7, 4)], ("num_outputs", 3L)) with { Results = 3 };
        yield return Case("Squeeze", 7, () => [Random(1, 1, 3, 1, 2)], ("axes", new long[] { 0, 2 }));
        yield return Case("Squeeze", 11, () => [Random(1, 1, 3, 1, 2)], ("axes", new long[] { -2 }));
        foreach (long opset in (long[])[13, 21, Newest])
        {
            yield return Case("Squeeze", opset, () => [Random(1, 1, 3, 1, 2), Wholes(-2, 0)]);
            yield return Case("Unsqueeze", opset, () => [Random(1, 3, 2), Wholes(3, 0)]);
            yield return Case("Flatten", opset, () => [Random(1, 2, 3, 4)], ("axis", -1L));
            yield return Case("Reshape", opset, () => [Random(1, 2, 3, 4), Wholes(0, -1)]);
            yield return Case("Transpose", opset, () => [Random(1, 2, 3, 4)], ("perm", new long[] { 2, 0, 1 }));
        }
        yield return Case("Unsqueeze", 7, () => [Random(1, 3, 2)], ("axes", new long[] { 0, 3 }));
        yield return Case("Squeeze", 13, () => [Random(1, 1, 3, 1, 2)]);
        yield return Case("Expand", 13, () => [Random(1, 3, 1), Wholes(2, 1, 4)]);
        yield return Case("Expand", 13, () => [Random(1, 2, 3, 4), Wholes(1)]);
        yield return Case("Tile", 13, () => [Random(1, 2, 3), Wholes(2, 3)]);
        foreach (string mode in (string[])["DCR", "CRD"])
            yield return Case("DepthToSpace", 13, () => [Random(1, 1, 8, 2, 3)], ("blocksize", 2L), ("mode", mode));
        yield return Case("SpaceToDepth", 13, () => [Random(1, 1, 2, 4, 6)], ("blocksize", 2L));
        yield return Case("CenterCropPad", 18, () => [Random(1, 2, 7, 4), Wholes(4, 9)], ("axes", new long[] { 1, 2 }));
        foreach (long upper in (long[])[0, 1])
            yield return Case("Trilu", 14, () => [Random(1, 4, 5), Wholes(-1).squeeze()], ("upper", upper));
        yield return Case("EyeLike", 22, () => [Random(1, 3, 4)], ("k", 1L));
    }

    private static IEnumerable<OperatorCase> Tables()
    {
        yield return Case("Gather", 13, () => [Random(1, 4, 5), Wholes(0, -1, 2, 2).reshape(2, 2)], ("axis", 1L));
        yield return Case("Gather", 7, () => [Random(1, 4, 5), Wholes(1).squeeze()]);
        yield return Case("GatherElements", 13, () => [Random(1, 3, 3), Wholes(0, -1, 2, 1).reshape(2, 2)], ("axis", 0L));
        yield return Case("GatherND", 13, () => [Random(1, 2, 3, 4), Wholes(0, 1, -1, 2).reshape(2, 2)]);
        yield return Case("GatherND", 13, () => [Random(1, 2, 3, 4), Wholes(1, -1).reshape(2, 1)], ("batch_dims", 1L));
        Tensor?[] Scattered() => [Random(1, 3, 4), Wholes(0, 2, 2, -1).reshape(2, 2), Random(2, 2, 2)];
        foreach (long opset in (long[])[11, 13, 18])
            yield return Case("ScatterElements", opset, () => [Random(1, 3, 4), Wholes(0, 2, 1, -4).reshape(2, 2), Random(2, 2, 2)],
                ("axis", 1L));
        foreach (string reduction in (string[])["add", "mul", "max", "min"])
        {
            yield return Case("ScatterElements", 18, Scattered, ("axis", 1L), ("reduction", reduction));
            yield return Case("ScatterND", 18, () => [Random(1, 4, 3), Wholes(1, 3, 1).reshape(3, 1), Random(2, 3, 3)],
                ("reduction", reduction));
        }
        yield return Case("ScatterND", 11, () => [Random(1, 4, 3), Wholes(1, 2, 3, -2).reshape(2, 2), Random(2, 2)]);
        yield return Case("OneHot", 11, () => [Wholes(0, -2, 5).reshape(3, 1), Wholes(4), Reals(2, 3)], ("axis", 1L));
        yield return Case("Compress", 11, () => [Random(1, 3, 4), tensor(new[] { true, false, true })], ("axis", 0L));
        yield return Case("Where", 16, () => [Random(1, 3, 1).gt(0), Random(2, 1, 4), Random(3, 3, 4)]);
    }

    private static IEnumerable<OperatorCase> Numbers()
    {
        yield return Case("Clip", 7, () => [Random(1, 3, 4)], ("min", -0.5f), ("max", 0.5f));
        yield return Case("Clip", 11, () => [Random(1, 3, 4), null, Reals(0.5f).squeeze()]);
        yield return Case("Clip", 13, () => [Random(1, 3, 4), Reals(-0.5f).squeeze(), Reals(0.5f).squeeze()]) with { Unknown = 3 };
        foreach (string name in (string[])["Max", "Min", "Sum", "Mean"])
            foreach (long opset in (long[])[8, 13])
                yield return Case(name, opset, () => [Random(1, 3, 4), Random(2, 4), Random(3, 3, 1)]) with { Unknown = 3 };
        foreach (string name in (string[])["Add", "Sub", "Mul", "Div", "Pow"])
            foreach (long opset in (long[])[7, 13, 14])
                yield return Case(name, opset, () => [Random(1, 2, 3, 4).abs() + 0.1, Random(2, 3, 1)]);
        yield return Case("Div", 14, () => [Wholes(7, -7, 7, -7), Wholes(2, 2, -2, -2)]) with { Type = 7 };
        yield return Case("Mod", 13, () => [Wholes(7, -7, 7, -7), Wholes(3, 3, -3, -3)]) with { Type = 7 };
        yield return Case("Mod", 13, () => [Random(1, 3, 4) * 5, Random(2, 3, 4)], ("fmod", 1L));
        yield return Case("Selu", 7, () => [Random(1, 3, 4)], ("alpha", 2f), ("gamma", 3f));
        yield return Case("HardSigmoid", 7, () => [Random(1, 3, 4)], ("alpha", 0.3f), ("beta", 0.4f));
        yield return Case("HardSigmoid", 22, () => [Random(1, 3, 4) * 4]);
        yield return Case("ThresholdedRelu", 10, () => [Random(1, 3, 4)], ("alpha", 0.3f));
        yield return Case("Shrink", 9, () => [Random(1, 3, 4)], ("lambd", 0.3f), ("bias", 0.1f));
        yield return Case("Celu", 12, () => [Random(1, 3, 4)], ("alpha", 2f));
        foreach (string how in (string[])["none", "tanh"]) yield return Case("Gelu", 20, () => [Random(1, 3, 4)], ("approximate", how));
        foreach (long opset in (long[])[18, 22]) yield return Case("Mish", opset, () => [Random(1, 3, 4)]);
        yield return Case("Swish", 24, () => [Random(1, 3, 4)], ("alpha", 1.5f));
        yield return Case("HardSwish", 14, () => [Random(1, 3, 4) * 4]);
        foreach (string name in (string[])["Elu", "Softplus", "Softsign", "Erf", "Sigmoid", "Tanh", "Relu", "LeakyRelu", "Round", "Sign",
            "Floor", "Ceil", "Atan", "Sinh", "Reciprocal", "Exp", "Abs", "Neg", "Cos", "Identity"])
            foreach (long opset in (long[])[11, 18, Newest])
                yield return Case(name, opset, () => [Random(1, 3, 4) * 2]);
        foreach (long opset in (long[])[7, 10, 12, 13, 22]) yield return Case("Dropout", opset, () => [Random(1, 3, 4)]);
        yield return Case("Cast", 13, () => [Random(1, 3, 4) * 5], ("to", 7L)) with { Type = 7 };
        yield return Case("Cast", 21, () => [Random(1, 3, 4).round()], ("to", 9L)) with { Type = 9 };
        foreach (string name in (string[])["BitwiseAnd", "BitwiseOr", "BitwiseXor"])
            yield return Case(name, 18, () => [Wholes(5, 6, 12), Wholes(3, 3, 10)]) with { Type = 7 };
    }

    private static IEnumerable<OperatorCase> Matrices()
    {
        foreach (long opset in (long[])[7, 9, 11, 13])
            foreach (long[] bias in (long[][])[[5], [1, 5], [4, 1], [4, 5], [1]])
                yield return Case("Gemm", opset, () => [Random(1, 4, 3), Random(2, 5, 3), Random(3, bias)], ("transB", 1L), ("alpha", 0.5f),
                    ("beta", 2f));
        yield return Case("Gemm", 13, () => [Random(1, 3, 4), Random(2, 3, 5)], ("transA", 1L));
        yield return Case("MatMul", 13, () => [Random(1, 2, 3, 4), Random(2, 4, 5)]);
        yield return Case("Einsum", 12, () => [Random(1, 2, 3, 4), Random(2, 2, 4, 5)], ("equation", "bij,bjk->bik"));
        foreach (long causal in (long[])[0, 1])
        {
            yield return Case("Attention", 23, () => [Random(1, 2, 4, 24), Random(2, 2, 6, 24), Random(3, 2, 6, 24)], ("q_num_heads", 3L),
                ("kv_num_heads", 3L), ("is_causal", causal)) with
            { Unknown = 3 };
            yield return Case("Attention", 23, () => [Random(1, 2, 6, 4, 8), Random(2, 2, 3, 5, 8), Random(3, 2, 3, 5, 8)],
                causal == 1 ? [("is_causal", 1L), ("scale", 0.3f)] : [("softcap", 2f), ("scale", 0.3f)]) with
            { Unknown = 3 };
        }
        yield return Case("Attention", 23, () => [Random(1, 2, 3, 4, 8), Random(2, 2, 3, 5, 8), Random(3, 2, 3, 5, 8), Random(4, 4, 5)])
            with
        { Unknown = 3 };
    }
}
