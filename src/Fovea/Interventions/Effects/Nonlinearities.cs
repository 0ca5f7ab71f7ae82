using Fovea.Models;
using Fovea.Models.Graph;

namespace Fovea.Interventions.Effects;

/// <summary>What stands between a layer and the answer that is not linear in the layer's output.</summary>
internal static class Nonlinearities
{
    /// <summary>Linear in evaluation mode, where one input comes from the layer.</summary>
    private static readonly HashSet<string> Linear =
    [
        "conv2d", "linear", "batch_norm", "addmm", "matmul", "mean", "sum", "add", "sub", "rsub", "neg", "avg_pool2d", "adaptive_avg_pool2d",
        "flatten", "reshape", "unflatten", "squeeze", "unsqueeze", "permute", "transpose", "cat", "stack", "split", "chunk", "slice", "select",
        "dropout", "identity", "to", "expand", "pad", "roll", "index_select", "narrow", "grid", "ungrid", "pixel_shuffle", "channel_shuffle",
    ];

    /// <summary>The operations' names, each once, in the network's order.</summary>
    /// <exception cref="FoveaException">Configuration: there is no such layer.</exception>
    public static IReadOnlyList<string> After(ImageModel model, string layer)
    {
        NetworkGraph graph = model.Graph;
        int value = graph.ValueOf(graph.Layer(layer).Value);
        GraphNode[] nodes = [.. new GraphCut(graph, value).Nodes];
        HashSet<int> following = [value, .. nodes.SelectMany(node => node.Outputs).Where(name => name.Length > 0).Select(graph.ValueOf)];
        return [.. nodes.Where(node => !IsLinear(node)).Select(node => node.Operator.Name).Distinct()];

        bool IsLinear(GraphNode node)
        {
            int changed = node.Inputs.Count(name => name.Length > 0 && following.Contains(graph.ValueOf(name)));
            if (node.Operator.Name is "mul" or "div" && changed == 1)
                return node.Operator.Name == "mul" || following.Contains(graph.ValueOf(node.Inputs[0]));
            // A product of two changed values is not linear; a sum of any number is.
            return Linear.Contains(node.Operator.Name) && (changed == 1 || node.Operator.Name is not ("matmul" or "linear" or "addmm"));
        }
    }
}
