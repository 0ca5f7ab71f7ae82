using Fovea.Models;
using Fovea.Models.Graph;

namespace Fovea.Interventions.Effects;

/// <summary>What an operation does that is not linear.</summary>
[Flags]
internal enum NonlinearKind
{
    /// <summary>It is linear.</summary>
    None = 0,

    /// <summary>It has a side on which it is steep and one on which it is flat: rectifiers and their smooth kin, the largest of a window.</summary>
    Rectifier = 1,

    /// <summary>It is flat beyond a bound.</summary>
    Saturation = 2,

    /// <summary>It divides by a size that the values themselves have.</summary>
    Normalisation = 4,

    /// <summary>It multiplies values with each other, as attention and gates do; and everything else.</summary>
    Product = 8,
}

/// <summary>What stands between a layer and the answer that is not linear in the layer's output.</summary>
internal static class Nonlinearities
{
    /// <summary>Linear in evaluation mode, where one input comes from the layer.</summary>
    private static readonly HashSet<string> Linear =
    [
        "conv2d", "linear", "batch_norm", "addmm", "matmul", "mean", "sum", "add", "sub", "rsub", "neg", "avg_pool2d", "adaptive_avg_pool2d",
        "flatten", "reshape", "unflatten", "squeeze", "unsqueeze", "permute", "transpose", "cat", "stack", "split", "chunk", "slice", "select",
        "dropout", "identity", "to", "expand", "pad", "roll", "index_select", "narrow", "grid", "ungrid", "pixel_shuffle", "channel_shuffle",
        "unbind", "repeat", "flip", "reshape_as", "expand_as", "pixel_unshuffle", "depth_to_space", "space_to_depth",
    ];

    private static readonly HashSet<string> Rectifiers =
        ["relu", "leaky_relu", "prelu", "elu", "celu", "gelu", "silu", "hardswish", "mish", "softplus", "max_pool2d", "maximum", "abs"];

    private static readonly HashSet<string> Bounded =
        ["sigmoid", "hardsigmoid", "tanh", "hardtanh", "clamp", "minimum", "erf", "atan", "log_sigmoid"];

    private static readonly HashSet<string> Normalising =
    [
        "layer_norm", "layer_norm_with_statistics", "group_norm", "instance_norm", "rms_norm", "local_response_norm", "standardise",
        "normalise",
    ];

    /// <summary>The operations' names, each once, in the network's order.</summary>
    /// <exception cref="FoveaException">Configuration: there is no such layer.</exception>
    public static IReadOnlyList<string> After(ImageModel model, string layer) =>
        [.. Nodes(model, layer).Select(node => node.Operator.Name).Distinct()];

    /// <summary>The operations themselves, in the network's order.</summary>
    /// <exception cref="FoveaException">Configuration: there is no such layer.</exception>
    public static IReadOnlyList<GraphNode> Nodes(ImageModel model, string layer)
    {
        NetworkGraph graph = model.Graph;
        int value = graph.ValueOf(graph.Layer(layer).Value);
        GraphNode[] nodes = [.. new GraphCut(graph, value).Nodes];
        HashSet<int> following = [value, .. nodes.SelectMany(node => node.Outputs).Where(name => name.Length > 0).Select(graph.ValueOf)];
        return [.. nodes.Where(node => !IsLinear(node))];

        bool IsLinear(GraphNode node)
        {
            int changed = node.Inputs.Count(name => name.Length > 0 && following.Contains(graph.ValueOf(name)));
            if (node.Operator.Name is "mul" or "div" && changed == 1)
                return node.Operator.Name == "mul" || following.Contains(graph.ValueOf(node.Inputs[0]));
            // A product of two changed values is not linear; a sum of any number is.
            return Linear.Contains(node.Operator.Name) && (changed == 1 || node.Operator.Name is not ("matmul" or "linear" or "addmm"));
        }
    }

    /// <summary>In which ways an operation of <see cref="Nodes"/> is not linear.</summary>
    public static NonlinearKind Of(GraphNode node) => node.Operator.Name switch
    {
        // Flat below 0 and beyond 6.
        _ when GradientFlow.IsRelu6(node) => NonlinearKind.Rectifier | NonlinearKind.Saturation,
        var name when Rectifiers.Contains(name) => NonlinearKind.Rectifier,
        var name when Bounded.Contains(name) => NonlinearKind.Saturation,
        var name when Normalising.Contains(name) => NonlinearKind.Normalisation,
        _ => NonlinearKind.Product,
    };
}
