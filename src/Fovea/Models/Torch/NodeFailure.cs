using System.Runtime.InteropServices;
using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Torch;

/// <summary>What an operation refuses, with its name, its place and what it was given: libtorch's own words have none of these.</summary>
internal static class NodeFailure
{
    /// <summary>Whether it is the operation that refuses its inputs; memory that runs out is another matter.</summary>
    public static bool IsOfSizes(Exception e) => e is ExternalException or ArgumentException or IndexOutOfRangeException
        && e.Message.Split('\n')[0] is var first
        && !first.Contains("allocate", StringComparison.OrdinalIgnoreCase) && !first.Contains("memory", StringComparison.OrdinalIgnoreCase)
        && !first.Contains("CUDA", StringComparison.Ordinal);

    /// <summary>The error of one of a graph's nodes.</summary>
    public static FoveaException Of(NetworkGraph graph, int node, Tensor?[] inputs, Exception e)
    {
        GraphNode one = graph.Nodes[node];
        string sizes = string.Join(", ", inputs.Select(input => input is null ? "nothing" : $"[{string.Join(", ", input.shape)}]"));
        return FoveaException.BadData(
            $"{graph.Name}: its operation {one.Operator.Name} ({one.Outputs[0]}) does not take {sizes}: {e.Message.Split('\n')[0].TrimEnd('.')}.", e);
    }
}
