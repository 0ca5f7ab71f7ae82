using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>
/// ONNX's operators in the catalogue's: a line for each, which adds operations of the catalogue. What a version of an operator (opset)
/// changed is asked of the call. Source: https://onnx.ai/onnx/operators/.
/// </summary>
internal static partial class OnnxOperators
{
    private static readonly Dictionary<string, Func<OnnxCall, OnnxValue?[]>> Lines = new(StringComparer.Ordinal);

    static OnnxOperators()
    {
        AddLayers();
        AddNumbers();
        AddShapes();
    }

    /// <summary>ONNX's names of all of them.</summary>
    public static IReadOnlyCollection<string> Names => Lines.Keys;

    /// <summary>The line of an operator; null where there is none. Operators of other domains have theirs before the name and a
    /// dot.</summary>
    public static Func<OnnxCall, OnnxValue?[]>? Find(string domain, string name) =>
        Lines.GetValueOrDefault(domain.Length == 0 ? name : $"{domain}.{name}");

    /// <summary>An operator with one result.</summary>
    private static void Add(string name, Func<OnnxCall, OnnxValue> line) => Lines[name] = c => [line(c)];

    /// <summary>An operator with several results; null where one is not made.</summary>
    private static void AddMany(string name, Func<OnnxCall, OnnxValue?[]> line) => Lines[name] = line;

    private static void AddLayers()
    {
        Add("Conv", Convolution);
        AddMany("BatchNormalization", c => [Normalisation(c)]);
        AddMany("MaxPool", c => [MaximumPooling(c)]);
        Add("AveragePool", AveragePooling);
        Add("GlobalAveragePool", c => c.Rank(c[0]) == 4
            ? c.Add("adaptive_avg_pool2d", new() { ["size"] = 1 }, c[0]) : throw new OnnxRefusedException("its input is no map of images"));
        Add("Gemm", Linear);
        Add("MatMul", c => c.Add("matmul", OperatorAttributes.None, c[0], c[1]));
        // What drops in training hands its input on, also where the file says that it is in training: a network is run in evaluation.
        AddMany("Dropout", c =>
        {
            if (c.Fixed(2) is { } training && training.numel() == 1 && training.reshape(1).to(int64).item<long>() != 0) c.Training();
            return [c[0]];
        });
    }

    private static OnnxValue Convolution(OnnxCall c)
    {
        OnnxSize[] weight = c.SizesOf(c[1]);
        if (weight is not [_, _, { PerImage: false, Count: var height }, { PerImage: false, Count: var width }])
            throw new OnnxRefusedException($"its weight has {weight.Length} sizes: only convolutions of images are read");
        OnnxWindows windows = OnnxWindows.Of(c, [height, width]);
        OnnxValue x = windows.Padded(c, c[0], 0);
        return c.Add("conv2d", new()
        {
            ["kernel"] = windows.Kernel,
            ["stride"] = windows.Stride,
            ["padding"] = windows.Padding,
            ["dilation"] = windows.Dilation,
            ["groups"] = c.Int("group", 1),
        }, x, c[1], c.Optional(2));
    }

    private static OnnxValue Normalisation(OnnxCall c)
    {
        if (c.Int("spatial", 1) == 0) throw new OnnxRefusedException("it normalises each position by itself (spatial = 0)");
        if (c.Int("training_mode", 0) != 0 || c.Version < 7 && c.Int("is_test", 0) == 0 && c.Node.Outputs.Count > 1) c.Training();
        return c.Add("batch_norm", new() { ["eps"] = c.Number("epsilon", 1e-5) }, c[0], c[1], c[2], c[3], c[4]);
    }

    private static OnnxValue MaximumPooling(OnnxCall c)
    {
        OnnxWindows windows = OnnxWindows.Of(c, c.Pair("kernel_shape"));
        // libtorch refuses more padding than half of a window.
        bool apart = windows.Padding.Zip(windows.Kernel).Any(pair => pair.First > pair.Second / 2);
        OnnxValue x = windows.Padded(c, c[0], double.NegativeInfinity, apart);
        return c.Add("max_pool2d", new()
        {
            ["kernel"] = windows.Kernel,
            ["stride"] = windows.Stride,
            ["padding"] = windows.Padding,
            ["dilation"] = windows.Dilation,
            ["ceil"] = windows.Ceil,
        }, x);
    }

    private static OnnxValue AveragePooling(OnnxCall c)
    {
        OnnxWindows windows = OnnxWindows.Of(c, c.Pair("kernel_shape"));
        if (windows.Dilation.Any(step => step != 1)) throw new OnnxRefusedException("its windows skip positions");
        OnnxSize[] sizes = c.SizesOf(c[0]);
        if (windows.IsPlain && sizes is [_, _, { PerImage: false, Count: var rows }, { PerImage: false, Count: var columns }]
            && rows == windows.Kernel[0] && columns == windows.Kernel[1])
            return c.Add("adaptive_avg_pool2d", new() { ["size"] = 1 }, c[0]);
        bool padded = c.Flag("count_include_pad", false);
        if (!windows.IsSymmetric && !padded) throw new OnnxRefusedException("its padding differs on the two sides");
        OnnxValue x = windows.Padded(c, c[0], 0);
        if (windows.Padding.Zip(windows.Kernel).Any(pair => pair.First > pair.Second / 2))
            throw new OnnxRefusedException("its padding is more than half of its windows");
        return c.Add("avg_pool2d", new()
        {
            ["kernel"] = windows.Kernel,
            ["stride"] = windows.Stride,
            ["padding"] = windows.Padding,
            ["ceil"] = windows.Ceil,
            ["count_include_pad"] = padded,
        }, x);
    }

    /// <summary>alpha · A · B + beta · C; a linear layer where that is what it is.</summary>
    private static OnnxValue Linear(OnnxCall c)
    {
        double alpha = c.Number("alpha", 1), beta = c.Number("beta", 1);
        OnnxValue a = c.Flag("transA", false) ? Transposed(c, c[0]) : c[0];
        if (c.Rank(a) != 2 || c.Rank(c[1]) != 2) throw new OnnxRefusedException("it multiplies something else than two matrices");
        if (alpha == 1 && beta == 1 && c[1] is OnnxValue.Known && (!c.Has(2) || c.Rank(c[2]) == 1 && c.SizesOf(c[2])[0].Count > 1))
            return c.Add("linear", OperatorAttributes.None, a, c.Flag("transB", false) ? c[1] : Transposed(c, c[1]), c.Optional(2));
        OnnxValue product = c.Add("matmul", OperatorAttributes.None, a, c.Flag("transB", false) ? Transposed(c, c[1]) : c[1]);
        if (alpha != 1) product = c.Add("mul", new() { ["scalar"] = alpha }, product);
        if (!c.Has(2) || beta == 0) return product;
        return c.Two("add", product, beta == 1 ? c[2] : c.Add("mul", new() { ["scalar"] = beta }, c[2]));
    }

    private static OnnxValue Transposed(OnnxCall c, OnnxValue matrix)
    {
        OnnxValue made = c.Add("permute", new() { ["dims"] = new[] { 1L, 0 } }, matrix);
        if (made is OnnxValue.Known && matrix.Name.Length > 0) made.Name = $"{matrix.Name}.transposed";
        return made;
    }
}
