using Fovea.Models.Graph;

namespace Fovea.Tests.Models.Onnx;

/// <summary>Small networks of one operation each; the first word of a case is the operation.</summary>
internal static partial class ExportCases
{
    public const int Side = 9;

    /// <summary>By name: adds the operation to a graph and gives its value.</summary>
    public static Dictionary<string, Func<GraphBuilder, string>> All { get; } = Make();

    private static Dictionary<string, Func<GraphBuilder, string>> Make()
    {
        var all = new Dictionary<string, Func<GraphBuilder, string>>(StringComparer.Ordinal);
        Layers(all);
        Numbers(all);
        Shapes(all);
        Reductions(all);
        Functions(all);
        Tables(all);
        Windows(all);
        MoreReductions(all);
        return all;
    }

    private static string Do(GraphBuilder g, string name, OperatorAttributes attributes, params string[] inputs) =>
        g.Apply(Operators.Get(name), attributes, inputs);

    private static string Parameter(GraphBuilder g, string name, params long[] shape) => g.Weight(name, WeightKind.Parameter, shape);

    private static string Whole(GraphBuilder g, string name, params long[] shape) => g.Weight(name, WeightKind.Counter, shape);

    private static string Positive(GraphBuilder g) =>
        Do(g, "add", new() { ["scalar"] = 0.3 }, Do(g, "abs", OperatorAttributes.None, g.Input));

    /// <summary>One row of numbers for each image, <c>[N, 243]</c>.</summary>
    private static string Rows(GraphBuilder g) => Do(g, "flatten", OperatorAttributes.None, g.Input);

    /// <summary>Tokens, <c>[N, 81, 3]</c>.</summary>
    private static string Tokens(GraphBuilder g) => Do(
        g, "permute", new() { ["dims"] = new[] { 0L, 2, 1 } }, Do(g, "flatten", new() { ["start"] = 2 }, g.Input));

    private static void Layers(Dictionary<string, Func<GraphBuilder, string>> all)
    {
        all["conv2d"] = g => g.Conv("conv", g.Input, 3, 4, 3, 2, 1, bias: true);
        all["conv2d in groups, unlike on the axes"] = g => Do(g, "conv2d", new()
        {
            ["kernel"] = new[] { 2L, 3 },
            ["stride"] = new[] { 1L, 2 },
            ["padding"] = new[] { 2L, 0 },
            ["dilation"] = new[] { 2L, 1 },
            ["groups"] = 3,
        }, g.Input, Parameter(g, "weight", 6, 1, 2, 3));
        all["batch_norm"] = g => g.BatchNorm("bn", g.Input, 3);
        all["batch_norm without weights"] = g => Do(g, "batch_norm", new() { ["eps"] = 0.01 }, g.Input, "", "",
            Parameter(g, "mean", 3), Parameter(g, "variance", 3));
        all["linear"] = g => g.Linear("fc", Rows(g), 243, 5);
        all["linear of tokens"] = g => g.Linear("fc", Tokens(g), 3, 5);
        all["linear of tokens without a bias"] = g => Do(g, "linear", OperatorAttributes.None, Tokens(g), Parameter(g, "weight", 5, 3));
        all["max_pool2d"] = g => g.MaxPool("pool", g.Input, 3, 2, 1);
        // Nothing but negative numbers within: the frame's zeros are the largest.
        all["max_pool2d in a frame of zeros"] = g => g.MaxPool("pool",
            Do(g, "pad", new() { ["pads"] = new[] { 1L, 1, 1, 1 } }, Do(g, "sub", new() { ["scalar"] = 9.0 }, g.Input)), 3, 2, 0);
        all["max_pool2d with dilation"] = g => Do(g, "max_pool2d", new()
        {
            ["kernel"] = new[] { 2L, 3 },
            ["stride"] = new[] { 1L, 2 },
            ["padding"] = new[] { 0L, 1 },
            ["dilation"] = new[] { 3L, 2 },
        }, g.Input);
        all["max_pool2d rounded up"] = g => Do(g, "max_pool2d",
            new() { ["kernel"] = new[] { 2L, 4 }, ["stride"] = new[] { 2L, 3 }, ["padding"] = new[] { 1L, 0 }, ["ceil"] = true }, g.Input);
        all["avg_pool2d"] = g => Do(g, "avg_pool2d",
            new() { ["kernel"] = new[] { 3L, 3 }, ["stride"] = new[] { 2L, 2 }, ["padding"] = new[] { 1L, 1 } }, g.Input);
        all["avg_pool2d of what is there"] = g => Do(g, "avg_pool2d",
            new() { ["kernel"] = new[] { 3L, 2 }, ["padding"] = new[] { 1L, 0 }, ["count_include_pad"] = false }, g.Input);
        all["avg_pool2d rounded up"] = g => Do(g, "avg_pool2d",
            new() { ["kernel"] = new[] { 2L, 4 }, ["stride"] = new[] { 2L, 3 }, ["ceil"] = true }, g.Input);
        all["avg_pool2d rounded up with padding"] = g => Do(g, "avg_pool2d",
            new() { ["kernel"] = new[] { 4L, 4 }, ["stride"] = new[] { 4L, 3 }, ["padding"] = new[] { 1L, 2 }, ["ceil"] = true }, g.Input);
        foreach (string kind in (string[])["avg", "max"])
        {
            all[$"adaptive_{kind}_pool2d"] = g => Do(g, $"adaptive_{kind}_pool2d", new() { ["grid"] = new[] { 1L, 1 } }, g.Input);
            all[$"adaptive_{kind}_pool2d of windows"] = g =>
                Do(g, $"adaptive_{kind}_pool2d", new() { ["grid"] = new[] { 3L, 9 } }, g.Input);
            all[$"adaptive_{kind}_pool2d of parts"] = g => Do(g, $"adaptive_{kind}_pool2d", new() { ["grid"] = new[] { 4L, 7 } }, g.Input);
            all[$"adaptive_{kind}_pool2d of all"] = g => Do(g, $"adaptive_{kind}_pool2d", new() { ["grid"] = new[] { 9L, 9 } }, g.Input);
        }
        all["layer_norm"] = g => Do(g, "layer_norm", new() { ["shape"] = new[] { 9L }, ["eps"] = 1e-3 }, g.Input,
            Parameter(g, "weight", 9), Parameter(g, "bias", 9));
        all["layer_norm without weights"] = g => Do(g, "layer_norm", new() { ["shape"] = new[] { 3L, 9, 9 } }, g.Input);
        all["group_norm"] = g => Do(g, "group_norm", new() { ["groups"] = 2, ["eps"] = 1e-3 }, g.Conv("conv", g.Input, 3, 4, 3),
            Parameter(g, "weight", 4), Parameter(g, "bias", 4));
        all["group_norm without weights"] = g => Do(g, "group_norm", new() { ["groups"] = 3 }, g.Input);
        all["dropout"] = g => g.Dropout("drop", g.Input, 0.5);
    }

    private static void Numbers(Dictionary<string, Func<GraphBuilder, string>> all)
    {
        foreach (string name in (string[])["relu", "relu6", "neg", "abs", "exp", "erf", "sigmoid", "tanh", "softplus", "hardswish",
            "hardsigmoid", "silu", "mish", "gelu", "leaky_relu", "elu", "hardtanh", "identity"])
            all[name] = g => Do(g, name, OperatorAttributes.None, Do(g, "mul", new() { ["scalar"] = 3.0 }, g.Input));
        all["gelu by tanh"] = g => Do(g, "gelu", new() { ["tanh"] = true }, g.Input);
        all["leaky_relu with a slope"] = g => Do(g, "leaky_relu", new() { ["slope"] = 0.3 }, g.Input);
        all["elu with alpha"] = g => Do(g, "elu", new() { ["alpha"] = 0.3 }, g.Input);
        all["hardtanh with bounds"] = g => Do(g, "hardtanh", new() { ["min"] = -0.3, ["max"] = 0.7 }, g.Input);
        foreach (string name in (string[])["log", "sqrt", "rsqrt", "reciprocal"])
            all[name] = g => Do(g, name, OperatorAttributes.None, Positive(g));
        all["prelu"] = g => Do(g, "prelu", OperatorAttributes.None, g.Input, Parameter(g, "slope", 3));
        all["prelu with one slope"] = g => Do(g, "prelu", OperatorAttributes.None, g.Input, Parameter(g, "slope", 1));
        all["clamp"] = g => Do(g, "clamp", new() { ["min"] = -0.3, ["max"] = 0.7 }, g.Input);
        all["clamp above"] = g => Do(g, "clamp", new() { ["max"] = 0.7 }, g.Input);
        all["to"] = g => Do(g, "to", new() { ["type"] = "int64" }, Do(g, "mul", new() { ["scalar"] = 5.0 }, g.Input));
        foreach (string name in (string[])["add", "sub", "rsub", "mul", "div", "maximum", "minimum", "floor_divide", "remainder"])
        {
            all[name] = g => Do(g, name, OperatorAttributes.None, g.Input, Parameter(g, "other", 3, 1, 9));
            all[$"{name} of another type"] = g => Do(g, name, OperatorAttributes.None, g.Input,
                Do(g, "add", new() { ["scalar"] = 7L }, Whole(g, "other", 3, 1, 9)));
            if (name is "maximum" or "minimum") continue;
            all[$"{name} with a number"] = g => Do(g, name, new() { ["scalar"] = 1.7 }, g.Input);
            all[$"{name} of whole numbers"] = g => Do(g, name, new() { ["scalar"] = 3L },
                Do(g, "to", new() { ["type"] = "int64" }, Do(g, "mul", new() { ["scalar"] = 5.0 }, g.Input)));
        }
        all["pow"] = g => Do(g, "pow", new() { ["scalar"] = 2L }, g.Input);
        all["pow of two values"] = g => Do(g, "pow", OperatorAttributes.None, Positive(g), Parameter(g, "exponent", 9));
        foreach (string name in (string[])["eq", "ne", "lt", "le", "gt", "ge"])
        {
            all[name] = g => Do(g, name, OperatorAttributes.None, g.Input, Parameter(g, "other", 3, 9, 9));
            all[$"{name} with a number"] = g => Do(g, name, new() { ["scalar"] = 1L },
                Do(g, "to", new() { ["type"] = "int64" }, Do(g, "mul", new() { ["scalar"] = 2.0 }, g.Input)));
        }
        // Equal numbers do not come about by chance.
        all["eq"] = g => Do(g, "eq", OperatorAttributes.None, g.Input, Do(g, "relu", OperatorAttributes.None, g.Input));
        all["logical_not"] = g => Do(g, "logical_not", OperatorAttributes.None, Mask(g));
        all["logical_not of numbers"] = g => Do(g, "logical_not", OperatorAttributes.None, Do(g, "relu", OperatorAttributes.None, g.Input));
        all["where"] = g => Do(g, "where", OperatorAttributes.None, Mask(g), g.Input, Whole(g, "other", 3, 9, 9));
        all["masked_fill"] = g => Do(g, "masked_fill", new() { ["scalar"] = -2.5 }, g.Input, Mask(g));
        all["masked_fill by a value"] = g => Do(g, "masked_fill", OperatorAttributes.None, g.Input, Mask(g), Parameter(g, "value"));
        all["copy"] = g => Do(g, "copy", OperatorAttributes.None, g.Input, Parameter(g, "other", 3, 1, 9));
        all["fill"] = g => Do(g, "fill", new() { ["scalar"] = -2.5 }, g.Input);
    }

    private static string Mask(GraphBuilder g) => Do(g, "gt", new() { ["scalar"] = 0.2 }, g.Input);

    private static void Shapes(Dictionary<string, Func<GraphBuilder, string>> all)
    {
        all["reshape"] = g => Do(g, "reshape", new() { ["shape"] = new[] { -1L, 27, 9 } }, g.Input);
        all["reshape by images"] = g => Do(g, "reshape",
            new() { ["shape"] = new[] { 1L, 3, 3, 27 }, ["from"] = new[] { 1L, 0, 0, 0 } }, g.Input);
        all["reshape with images in two sizes"] = g => Do(g, "reshape",
            new() { ["shape"] = new[] { 3L, 1, 81 }, ["from"] = new[] { 1L, 0, 0 } },
            Do(g, "reshape", new() { ["shape"] = new[] { 9L, 27 }, ["from"] = new[] { 1L, 0 } }, g.Input));
        all["unflatten"] = g => Do(g, "unflatten", new() { ["dim"] = -1, ["shape"] = new[] { 3L, 3 } }, g.Input);
        all["flatten"] = g => Do(g, "flatten", new() { ["start"] = 0, ["end"] = 1 }, g.Input);
        all["expand"] = g => Do(g, "cat", new() { ["dim"] = 1 }, Do(g, "expand",
            new() { ["shape"] = new[] { 1L, -1, 9, 9 }, ["from"] = new[] { 1L, 0, 0, 0 } }, Parameter(g, "token", 1, 4, 1, 9)), g.Input);
        all["repeat"] = g => Do(g, "repeat", new() { ["shape"] = new[] { 2L, 1, 3, 1, 2 } }, g.Input);
        all["repeat for each image"] = g => Do(g, "add", OperatorAttributes.None, g.Input, Do(g, "repeat",
            new() { ["shape"] = new[] { 1L, 3, 1, 1 }, ["from"] = new[] { 1L, 0, 0, 0 } }, Parameter(g, "token", 1, 1, 9, 9)));
        all["permute"] = g => Do(g, "permute", new() { ["dims"] = new[] { 0L, -1, 1, 2 } }, g.Input);
        all["transpose"] = g => Do(g, "transpose", new() { ["dim0"] = 1, ["dim1"] = -1 }, g.Input);
        all["unsqueeze"] = g => Do(g, "unsqueeze", new() { ["dim"] = -1 }, g.Input);
        all["squeeze"] = g => Do(g, "squeeze", new() { ["dims"] = new[] { 1L, -1, 2 } },
            Do(g, "unsqueeze", new() { ["dim"] = 1 }, g.Input));
        all["full"] = g => Do(g, "add", OperatorAttributes.None, g.Input, Do(g, "full",
            new() { ["shape"] = new[] { 1L, 3, 9, 9 }, ["from"] = new[] { 1L, 0, 0, 0 }, ["scalar"] = 2.5, ["type"] = "float32" }));
        all["arange"] = g => Do(g, "add", OperatorAttributes.None, g.Input,
            Do(g, "arange", new() { ["start"] = 1L, ["end"] = 19L, ["step"] = 2L, ["type"] = "int64" }));
        all["select"] = g => Do(g, "select", new() { ["dim"] = -1, ["index"] = -2 }, g.Input);
        all["slice"] = g => Do(g, "slice", new() { ["dim"] = -1, ["start"] = 1, ["end"] = -1, ["step"] = 3 }, g.Input);
        all["index_select"] = g => Do(g, "index_select", new() { ["dim"] = 1 }, g.Input,
            Do(g, "abs", OperatorAttributes.None, Whole(g, "places", 4)));
        all["index"] = g => Do(g, "index", OperatorAttributes.None, g.Input, "", Whole(g, "places", 2, 4));
        all["index in two dimensions"] = g => Do(g, "index", OperatorAttributes.None, g.Input, "", Whole(g, "places", 5, 1),
            Whole(g, "others", 4));
        all["roll"] = g => Do(g, "roll", new() { ["shifts"] = new[] { -4L, 13 }, ["dims"] = new[] { 2L, -1 } }, g.Input);
        all["flip"] = g => Do(g, "flip", new() { ["dims"] = new[] { -1L, 1 } }, g.Input);
        all["pad"] = g => Do(g, "pad", new() { ["pads"] = new[] { 1L, 2, 0, 3, 1, 0 }, ["value"] = -0.5 }, g.Input);
        all["pad by less than nothing"] = g => Do(g, "pad", new() { ["pads"] = new[] { -1L, 2 } }, g.Input);
        all["cat"] = g => Do(g, "cat", new() { ["dim"] = -3 }, g.Input, Do(g, "relu", OperatorAttributes.None, g.Input), Mask(g));
        all["stack"] = g => Do(g, "stack", new() { ["dim"] = -1 }, g.Input, Do(g, "relu", OperatorAttributes.None, g.Input));
        all["chunk"] = g => Do(g, "chunk", new() { ["chunks"] = 2, ["dim"] = 2 }, g.Input);
        all["split"] = g => Do(g, "split", new() { ["sizes"] = new[] { 4L }, ["dim"] = -1 }, g.Input);
        all["split into unlike parts"] = g => Do(g, "split", new() { ["sizes"] = new[] { 1L, 2 }, ["dim"] = 1 }, g.Input);
        all["unbind"] = g => Do(g, "unbind", new() { ["dim"] = 3 }, g.Input);
        all["pixel_shuffle"] = g => Do(g, "pixel_shuffle", new() { ["factor"] = 2 }, g.Conv("conv", g.Input, 3, 8, 3));
    }

    private static void Reductions(Dictionary<string, Func<GraphBuilder, string>> all)
    {
        foreach (string name in (string[])["mean", "sum", "amax", "vector_norm"])
        {
            all[name] = g => Do(g, name, new() { ["dims"] = new[] { -1L, 2 } }, g.Input);
            all[$"{name} with a size of one"] = g => Do(g, name, new() { ["dims"] = new[] { 1L }, ["keepdim"] = true }, g.Input);
        }
        all["sum of a mask"] = g => Do(g, "sum", new() { ["dims"] = new[] { 2L } }, Mask(g));
        all["vector_norm of order one"] = g => Do(g, "vector_norm", new() { ["dims"] = new[] { 1L }, ["order"] = 1.0 }, g.Input);
        all["vector_norm of the largest"] = g => Do(g, "vector_norm",
            new() { ["dims"] = new[] { 1L }, ["order"] = double.PositiveInfinity }, g.Input);
        all["softmax"] = g => Do(g, "softmax", new() { ["dim"] = 1 }, g.Input);
        all["log_softmax"] = g => Do(g, "log_softmax", new() { ["dim"] = -1 }, g.Input);
        all["matmul"] = g => Do(g, "matmul", OperatorAttributes.None, g.Input, Parameter(g, "other", 9, 4));
        all["addmm"] = g => Do(g, "addmm", OperatorAttributes.None, Parameter(g, "bias", 5), Rows(g), Parameter(g, "weight", 243, 5));
        all["einsum"] = g => Do(g, "einsum", new() { ["equation"] = "B C H W, C W D -> B D H" }, g.Input, Parameter(g, "other", 3, 9, 4));
        all["scaled_dot_product_attention"] = g => Do(g, "scaled_dot_product_attention", OperatorAttributes.None, g.Input,
            Do(g, "mul", new() { ["scalar"] = 0.7 }, g.Input), Do(g, "tanh", OperatorAttributes.None, g.Input));
        all["scaled_dot_product_attention causal and scaled"] = g => Do(g, "scaled_dot_product_attention",
            new() { ["causal"] = true, ["scale"] = 0.2 }, g.Input, g.Input, Do(g, "tanh", OperatorAttributes.None, g.Input));
        all["scaled_dot_product_attention with a mask"] = g => Do(g, "scaled_dot_product_attention", OperatorAttributes.None, g.Input,
            g.Input, g.Input, Parameter(g, "mask", 9, 9));
        all["scaled_dot_product_attention with a mask of flags"] = g => Do(g, "scaled_dot_product_attention", OperatorAttributes.None,
            g.Input, g.Input, g.Input, Do(g, "ge", new() { ["scalar"] = -1L }, Whole(g, "mask", 9, 9)));
    }
}
