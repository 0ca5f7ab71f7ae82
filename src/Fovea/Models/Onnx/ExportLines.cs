using Fovea.Checkpoints;

namespace Fovea.Models.Onnx;

/// <summary>
/// The catalogue's operations in ONNX's (opset 17): a line for each, which adds nodes and gives the name of what they make. What ONNX has
/// no operator for is put together from others.
/// </summary>
internal static partial class ExportLines
{
    private static readonly Dictionary<string, Func<ExportCall, string[]>> Lines = new(StringComparer.Ordinal);

    static ExportLines()
    {
        AddLayers();
        AddNumbers();
        AddReductions();
        AddShapes();
        AddParts();
        AddMatrices();
        AddFunctions();
        AddTables();
        AddWindows();
        AddNormalisations();
    }

    /// <summary>The catalogue's names of all of them.</summary>
    public static IReadOnlyCollection<string> Names => Lines.Keys;

    /// <summary>The line of an operation; null where there is none.</summary>
    public static Func<ExportCall, string[]>? Of(string operation) => Lines.GetValueOrDefault(operation);

    private static void Line(string name, Func<ExportCall, string> write) => Lines.Add(name, c => [write(c)]);

    private static void AddLayers()
    {
        Line("conv2d", c => c.Op("Conv", [c.X, c[1], c.Optional(2)],
            [.. Windows(c, c.Input(1).Sizes[^2].Count, c.Input(1).Sizes[^1].Count), ("dilations", c.Pair("dilation", 1, 1)),
                ("group", c.Attributes.Int("groups", 1))]));
        Line("batch_norm", c =>
        {
            long channels = c.Of.Fixed(1);
            return c.Op("BatchNormalization",
                [c.X, c.Has(1) ? c[1] : c.Graph.Channels(1, channels, c.Of.Type),
                    c.Has(2) ? c[2] : c.Graph.Channels(0, channels, c.Of.Type), c[3], c[4]],
                ("epsilon", (float)c.Attributes.Number("eps", 1e-5)));
        });
        Line("linear", c =>
        {
            if (c.Of.Rank == 2) return c.Op("Gemm", [c.X, c[1], c.Optional(2)], ("transB", 1L));
            string product = c.Op("MatMul", [c.X, c.Op("Transpose", [c[1]], ("perm", new long[] { 1, 0 }))]);
            return c.Has(2) ? c.Op("Add", [product, c[2]]) : product;
        });
        Line("max_pool2d", c =>
        {
            long[] kernel = c.Pair("kernel");
            return c.Op("MaxPool", [Unpadded(c)], [.. Windows(c, kernel[0], kernel[1], kernel), ("dilations", c.Pair("dilation", 1, 1)), Ceil(c)]);
        });
        Line("avg_pool2d", c =>
        {
            long[] kernel = c.Pair("kernel");
            return Means(c, Windows(c, kernel[0], kernel[1], kernel));
        });
        Line("adaptive_avg_pool2d", c => Adaptive(c, "GlobalAveragePool", "AveragePool", MeansOfParts));
        Line("adaptive_max_pool2d", c => Adaptive(c, "GlobalMaxPool", "MaxPool", LargestOfParts));
        Line("layer_norm", c =>
        {
            long[] shape = c.Attributes.Ints("shape");
            string scale = c.Has(1) ? c[1] : c.Constant("ones", TorchSharp.torch.ones(shape, dtype: c.Of.Type.ToScalarType()));
            return c.Op("LayerNormalization", [c.X, scale, c.Optional(2)],
                ("axis", (long)-shape.Length), ("epsilon", (float)c.Attributes.Number("eps", 1e-5)));
        });
        Line("group_norm", c =>
        {
            long groups = c.Attributes.Int("groups"), channels = c.Of.Fixed(1);
            long together = c.Of.Sizes.Skip(1).Aggregate(1L, (a, b) => a * b.Count) / groups;
            string parts = c.Op("InstanceNormalization",
                [c.Reshape(c.X, [c.Of.Sizes[0], new(groups, false), new(together, false)]), c.Graph.Channels(1, groups, c.Of.Type),
                    c.Graph.Channels(0, groups, c.Of.Type)],
                ("epsilon", (float)c.Attributes.Number("eps", 1e-5)));
            string whole = c.Reshape(parts, c.Of.Sizes);
            long[] each = [channels, .. Enumerable.Repeat(1L, c.Of.Rank - 2)];
            if (c.Has(1)) whole = c.Op("Mul", [whole, c.Reshape(c[1], each)]);
            return c.Has(2) ? c.Op("Add", [whole, c.Reshape(c[2], each)]) : whole;
        });
        // In evaluation it hands its input on.
        Line("dropout", c => c.X);
        Line("identity", c => c.X);
    }

    private static (string, object) Ceil(ExportCall c) => ("ceil_mode", c.Attributes.Flag("ceil", false) ? 1L : 0L);

    /// <summary>The attributes of windows: ONNX lists what is added before each axis, then what is added behind.</summary>
    private static (string, object)[] Windows(ExportCall c, long height, long width, params long[] stride)
    {
        long[] padding = c.Pair("padding", 0, 0);
        return
        [
            ("kernel_shape", new[] { height, width }),
            ("strides", c.Pair("stride", stride.Length == 0 ? [1, 1] : stride)),
            ("pads", new[] { padding[0], padding[1], padding[0], padding[1] }),
        ];
    }

    /// <summary>Pooling to a grid of given size: over everything, in windows where the parts are alike, else part by part.</summary>
    private static string Adaptive(
        ExportCall c, string everything, string windows, Func<ExportCall, string, int, long, long, string> parts)
    {
        long size = c.Attributes.Int("size", 1);
        long[] grid = c.Attributes.Ints("grid", size, size);
        if (grid is [1, 1]) return c.Op(everything, [c.X]);
        long height = c.Of.Fixed(-2), width = c.Of.Fixed(-1);
        if (height == grid[0] && width == grid[1]) return c.X;
        if (height % grid[0] == 0 && width % grid[1] == 0)
        {
            long[] window = [height / grid[0], width / grid[1]];
            return c.Op(windows, [c.X], ("kernel_shape", window), ("strides", window));
        }
        return parts(c, parts(c, c.X, -2, height, grid[0]), -1, width, grid[1]);
    }

    /// <summary>Where part i of n begins and ends on an axis: PyTorch's ⌊i · size / n⌋ and ⌈(i + 1) · size / n⌉.</summary>
    private static (long Start, long End) Part(long i, long size, long count) => (i * size / count, ((i + 1) * size + count - 1) / count);

    private static string MeansOfParts(ExportCall c, string x, int dim, long size, long count)
    {
        var weights = new float[count * size];
        for (long i = 0; i < count; i++)
        {
            (long start, long end) = Part(i, size, count);
            for (long j = start; j < end; j++) weights[dim == -2 ? i * size + j : j * count + i] = 1f / (end - start);
        }
        long[] shape = dim == -2 ? [count, size] : [size, count];
        string matrix = c.Constant(dim == -2 ? "rows" : "columns", TorchSharp.torch.tensor(weights, shape));
        return c.Op("MatMul", dim == -2 ? [matrix, x] : [x, matrix]);
    }

    private static string LargestOfParts(ExportCall c, string x, int dim, long size, long count) => c.Op("Concat",
        [.. Enumerable.Range(0, (int)count).Select(i => Part(i, size, count)).Select(part =>
            c.Op("ReduceMax", [c.Slice(x, dim, part.Start, part.End)], ("axes", new long[] { dim }), ("keepdims", 1L)))],
        ("axis", (long)dim));
}
