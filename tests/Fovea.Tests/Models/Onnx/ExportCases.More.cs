using Fovea.Models.Graph;

namespace Fovea.Tests.Models.Onnx;

/// <summary>Operations that files of other tools brought.</summary>
internal static partial class ExportCases
{
    private static void Functions(Dictionary<string, Func<GraphBuilder, string>> all)
    {
        foreach (string name in (string[])["acos", "asin", "atanh"])
            all[name] = g => Do(g, name, OperatorAttributes.None, Do(g, "tanh", OperatorAttributes.None, g.Input));
        all["acosh"] = g => Do(g, "acosh", OperatorAttributes.None, Do(g, "add", new() { ["scalar"] = 1.5 }, Positive(g)));
        foreach (string name in (string[])["log1p", "log2", "log10"]) all[name] = g => Do(g, name, OperatorAttributes.None, Positive(g));
        foreach (string name in (string[])["asinh", "atan", "cos", "cosh", "sin", "sinh", "tan", "ceil", "floor", "round", "sign",
            "softsign", "selu", "square", "trunc", "log_sigmoid", "expm1", "exp2", "celu", "shrink"])
            all[name] = g => Do(g, name, OperatorAttributes.None, Do(g, "mul", new() { ["scalar"] = 1.5 }, g.Input));
        all["isnan"] = g => Do(g, "isnan", OperatorAttributes.None, Do(g, "sqrt", OperatorAttributes.None, g.Input));
        all["isinf"] = g => Do(g, "isinf", new() { ["positive"] = false }, Infinite(g));
        all["celu with alpha"] = g => Do(g, "celu", new() { ["alpha"] = 0.3 }, g.Input);
        all["shrink with a bias"] = g => Do(g, "shrink", new() { ["lambda"] = 0.3, ["bias"] = 0.1 }, g.Input);
        all["threshold"] = g => Do(g, "threshold", new() { ["threshold"] = 0.2, ["value"] = -3.0 }, g.Input);
        all["softplus with beta"] = g => Do(g, "softplus", new() { ["beta"] = 2.0 }, g.Input);
        all["hardsigmoid with numbers"] = g => Do(g, "hardsigmoid", new() { ["alpha"] = 0.2, ["beta"] = 0.4 }, g.Input);
        all["power_of"] = g => Do(g, "power_of", new() { ["scalar"] = 1.7 }, g.Input);
        all["fmod"] = g => Do(g, "fmod", new() { ["scalar"] = 0.7 }, g.Input);
        all["div_floor"] = g => Do(g, "div_floor", OperatorAttributes.None, g.Input, Parameter(g, "other", 3, 1, 9));
        all["div_trunc"] = g => Do(g, "div_trunc", OperatorAttributes.None, g.Input, Parameter(g, "other", 3, 1, 9));
        foreach (string name in (string[])["sum_of", "maximum_of", "minimum_of"])
            all[name] = g => Do(g, name, OperatorAttributes.None, g.Input, Parameter(g, "other", 3, 1, 9), Parameter(g, "third", 9));
        foreach (string name in (string[])["logical_and", "logical_or", "logical_xor"])
            all[name] = g => Do(g, name, OperatorAttributes.None, Mask(g),
                Do(g, "lt", new() { ["scalar"] = 0.7 }, Do(g, "abs", OperatorAttributes.None, g.Input)));
        all["prelu_broadcast"] = g => Do(g, "prelu_broadcast", OperatorAttributes.None, g.Input, Parameter(g, "slope", 3, 1, 9));
        all["hardmax"] = g => Do(g, "hardmax", new() { ["dim"] = 1 }, g.Input);
        all["glu"] = g => Do(g, "glu", new() { ["dim"] = 1 }, g.Conv("conv", g.Input, 3, 4, 3));
    }

    private static string Infinite(GraphBuilder g) =>
        Do(g, "div", OperatorAttributes.None, g.Input, Do(g, "relu", OperatorAttributes.None, g.Input));

    private static void Tables(Dictionary<string, Func<GraphBuilder, string>> all)
    {
        all["take"] = g => Do(g, "take", new() { ["dim"] = -1 }, g.Input, Whole(g, "places", 2, 3));
        all["gather"] = g => Do(g, "gather", new() { ["dim"] = 1 }, g.Input,
            Do(g, "expand", new() { ["shape"] = new[] { 1L, 2, 9, 9 }, ["from"] = new[] { 1L, 0, 0, 0 } }, Whole(g, "places", 1, 2, 1, 9)));
        all["gather_nd"] = g => Joined(
            g, Do(g, "gather_nd", OperatorAttributes.None, Parameter(g, "table", 3, 3, 4), Whole(g, "places", 2, 5, 2)));
        all["scatter"] = g => Joined(g, Do(g, "scatter", new() { ["dim"] = 1, ["reduce"] = "add" }, Parameter(g, "table", 2, 4),
            Whole(g, "places", 2, 3), Parameter(g, "updates", 2, 3)));
        all["scatter_nd"] = g => Joined(g, Do(g, "scatter_nd", OperatorAttributes.None, Parameter(g, "table", 3, 4),
            Whole(g, "places", 2, 1), Parameter(g, "updates", 2, 4)));
        foreach (string mode in (string[])["constant", "edge", "reflect"])
        {
            all[mode == "constant" ? "pad_by" : $"pad_by {mode}"] = g => Do(g, "pad_by", new()
            {
                ["before"] = new[] { 0L, 0, 2, 1 },
                ["after"] = new[] { 0L, 0, 0, 3 },
                ["mode"] = mode,
                ["value"] = 0.5,
            }, g.Input);
        }
        all["broadcast"] = g => Do(g, "broadcast", new() { ["shape"] = new[] { 4L, 1, 1, 1 } },
            Do(g, "reshape", new() { ["shape"] = new[] { -1L, 27, 9 } }, g.Input));
        all["expand_as"] = g => Do(g, "expand_as", OperatorAttributes.None, Parameter(g, "token", 1, 3, 1, 9), g.Input);
        all["reshape_as"] = g => Do(g, "reshape_as", OperatorAttributes.None, Rows(g), g.Input);
        all["tril"] = g => Do(g, "tril", new() { ["diagonal"] = -1 }, g.Input);
        all["triu"] = g => Do(g, "triu", new() { ["diagonal"] = 2 }, g.Input);
        all["eye"] = g => Do(g, "matmul", OperatorAttributes.None, g.Input,
            Do(g, "eye", new() { ["rows"] = 9, ["columns"] = 4, ["type"] = "float32" }));
        foreach (bool columns in (bool[])[true, false])
            all[columns ? "depth_to_space" : "depth_to_space by rows"] = g =>
                Do(g, "depth_to_space", new() { ["block"] = 2, ["columns_first"] = columns }, g.Conv("conv", g.Input, 3, 8, 3));
        foreach (string name in (string[])["space_to_depth", "pixel_unshuffle"])
            all[name] = g => Do(g, name, new() { [name[0] == 's' ? "block" : "factor"] = 3 }, g.Input);
        all["grid_sample"] = g => Do(g, "grid_sample", new() { ["padding"] = "border" }, g.Input, Do(g, "permute",
            new() { ["dims"] = new[] { 0L, 2, 3, 1 } }, Do(g, "slice", new() { ["dim"] = 1, ["end"] = 2 }, g.Input)));
        all["slice backwards"] = g => Do(g, "slice", new() { ["dim"] = 2, ["start"] = 7, ["end"] = 1, ["step"] = -2 }, g.Input);
    }

    /// <summary>A value of tables alone, beside the images: one image more or less changes nothing in it.</summary>
    private static string Joined(GraphBuilder g, string made) => Do(g, "add", OperatorAttributes.None,
        Do(g, "mean", new() { ["dims"] = new[] { 1L, 2, 3 }, ["keepdim"] = true }, g.Input), made);

    private static void Windows(Dictionary<string, Func<GraphBuilder, string>> all)
    {
        string Row(GraphBuilder g) => Do(g, "flatten", new() { ["start"] = 2 }, g.Input);
        string Boxes(GraphBuilder g) => Do(g, "unsqueeze", new() { ["dim"] = 1 }, g.Input);
        all["conv1d"] = g => Do(g, "conv1d", new() { ["stride"] = new[] { 3L }, ["padding"] = new[] { 2L } }, Row(g),
            Parameter(g, "weight", 4, 3, 5), Parameter(g, "bias", 4));
        all["conv3d"] = g => Do(g, "conv3d", new() { ["stride"] = new[] { 1L, 2, 1 }, ["padding"] = new[] { 1L, 0, 1 } }, Boxes(g),
            Parameter(g, "weight", 4, 1, 3, 2, 3));
        all["conv_transpose1d"] = g => Do(
            g, "conv_transpose1d", new() { ["stride"] = new[] { 2L } }, Row(g), Parameter(g, "weight", 3, 4, 3));
        all["conv_transpose2d"] = g => Do(g, "conv_transpose2d", new()
        {
            ["stride"] = new[] { 2L, 3 },
            ["padding"] = new[] { 1L, 0 },
            ["output_padding"] = new[] { 1L, 2 },
            ["groups"] = 3,
        }, g.Input, Parameter(g, "weight", 3, 2, 3, 4), Parameter(g, "bias", 6));
        all["conv_transpose3d"] = g => Do(g, "conv_transpose3d", OperatorAttributes.None, Boxes(g), Parameter(g, "weight", 1, 2, 2, 2, 2));
        foreach (string kind in (string[])["max", "avg"])
        {
            all[$"{kind}_pool1d"] = g => Do(
                g, $"{kind}_pool1d", new() { ["kernel"] = new[] { 4L }, ["stride"] = new[] { 3L }, ["padding"] = new[] { 2L } }, Row(g));
            all[$"{kind}_pool3d"] = g => Do(g, $"{kind}_pool3d", new() { ["kernel"] = new[] { 2L, 3, 2 } }, Boxes(g));
        }
        foreach (bool padded in (bool[])[true, false])
        {
            all[padded ? "avg_pool_uneven" : "avg_pool_uneven of what is there"] = g => Do(g, "avg_pool_uneven", new()
            {
                ["kernel"] = new[] { 3L, 2 },
                ["stride"] = new[] { 2L, 2 },
                ["padding"] = new[] { 0L, 1 },
                ["end"] = new[] { 2L, 0 },
                ["count_include_pad"] = padded,
            }, g.Input);
        }
        all["lp_pool"] = g => Do(g, "lp_pool", new() { ["kernel"] = new[] { 3L, 2 }, ["stride"] = new[] { 2L, 2 }, ["p"] = 3.0 }, g.Input);
        foreach (var (name, mode, sizes, coordinates) in ((string, string, long[], string)[])[
            ("resize", "nearest", [18, 13], "asymmetric"), ("resize linear", "linear", [5, 20], "half_pixel"),
            ("resize linear by corners", "linear", [18, 4], "align_corners"), ("resize cubic", "cubic", [20, 6], "half_pixel")])
        {
            all[name] = g => Do(g, "resize", new()
            {
                ["axes"] = new[] { 2L, 3 },
                ["sizes"] = sizes,
                ["mode"] = mode,
                ["coordinates"] = coordinates,
                ["nearest"] = "floor",
            }, g.Input);
        }
        all["instance_norm"] = g => Do(
            g, "instance_norm", new() { ["eps"] = 0.01 }, g.Input, Parameter(g, "weight", 3), Parameter(g, "bias", 3));
        all["instance_norm without weights"] = g => Do(g, "instance_norm", OperatorAttributes.None, g.Input);
        all["rms_norm"] = g => Do(g, "rms_norm", new() { ["count"] = 1, ["eps"] = 0.01 }, g.Input, Parameter(g, "weight", 9));
        all["local_response_norm"] = g => Do(g, "local_response_norm",
            new() { ["before"] = 1, ["after"] = 1, ["alpha"] = 0.3, ["beta"] = 0.6, ["k"] = 1.5 }, g.Input);
        all["standardise"] = g => Do(g, "standardise", new() { ["dims"] = new[] { 2L, 3 } }, g.Input);
        all["normalise"] = g => Do(g, "normalise", new() { ["dim"] = 1 }, g.Input);
        all["weight_norm"] = g => Do(g, "conv2d", new() { ["kernel"] = new[] { 3L, 3 } }, g.Input, Do(g, "weight_norm",
            new() { ["dim"] = 0 }, Parameter(g, "v", 4, 3, 3, 3), Parameter(g, "g", 4, 1, 1, 1)));
    }

    private static void MoreReductions(Dictionary<string, Func<GraphBuilder, string>> all)
    {
        foreach (string name in (string[])["amin", "prod", "sum_square", "logsumexp", "l1_norm", "l2_norm", "variance"])
            all[name] = g => Do(g, name, new() { ["dims"] = new[] { -1L, 2 } }, g.Input);
        all["log_sum"] = g => Do(g, "log_sum", new() { ["dims"] = new[] { 1L } }, Positive(g));
        all["variance with its root"] = g => Do(g, "variance",
            new() { ["dims"] = new[] { 3L }, ["correction"] = 0.0, ["root"] = true, ["keepdim"] = true }, g.Input);
        foreach (string name in (string[])["argmax", "argmin"])
            all[name] = g => Do(g, name, new() { ["dim"] = 2, ["keepdim"] = true }, g.Input);
        all["cumsum"] = g => Do(g, "cumsum", new() { ["dim"] = -1, ["reverse"] = true, ["exclusive"] = true }, g.Input);
        foreach (string name in (string[])["max_along", "min_along"]) all[name] = g => Do(g, name, new() { ["dim"] = 2 }, g.Input);
        all["topk"] = g => Do(g, "topk", new() { ["count"] = 4, ["largest"] = false }, g.Input);
        all["variance_and_mean"] = g => Do(g, "variance_and_mean", new() { ["dims"] = new[] { 2L, 3 }, ["keepdim"] = true }, g.Input);
    }
}
