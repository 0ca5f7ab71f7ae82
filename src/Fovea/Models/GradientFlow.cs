using Fovea.Models.Graph;

namespace Fovea.Models;

/// <summary>
/// The paper's modification of a network (sections 5.1 and 6.1), which lets gradients reach every pixel: max-pooling passes no gradient to
/// the values that are not the maximum, ReLU none to negative values. Average pooling and LeakyReLU have no parameters, so weights carry
/// over.
/// </summary>
/// <param name="AveragePooling">Max-pooling layers become average pooling of the same window, stride and padding (padding counts as
/// zeros).</param>
/// <param name="LeakySlope">0: ReLU and ReLU6 as they are; otherwise both become LeakyReLU with this slope below zero.</param>
public sealed record GradientFlow(bool AveragePooling, double LeakySlope)
{
    /// <summary>The network as published.</summary>
    public static GradientFlow Standard { get; } = new(false, 0);

    /// <summary>The paper's: average pooling and LeakyReLU(0.01).</summary>
    public static GradientFlow Modified { get; } = new(true, 0.01);

    /// <summary>The graph with its operations replaced; the same where nothing is to be replaced.</summary>
    /// <exception cref="FoveaException">A max-pooling skips positions inside its windows, which average pooling cannot.</exception>
    public NetworkGraph Apply(NetworkGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return AveragePooling || LeakySlope != 0 ? graph.Rewrite(Replace) : graph;
    }

    /// <summary>What of it a graph has nothing for, in sentences: it then stays as it is there.</summary>
    internal IEnumerable<string> Idle(NetworkGraph graph)
    {
        if (AveragePooling && !graph.Nodes.Any(node => node.Operator == Operators.MaxPool2d || IsPoolingToAGrid(node)))
            yield return $"average_pooling changes nothing: {graph.Name} has no max-pooling.";
        if (LeakySlope != 0 && !graph.Nodes.Any(node => IsRelu(node) || IsRelu6(node)))
            yield return $"leaky_slope changes nothing: {graph.Name} has neither ReLU nor ReLU6.";
    }

    private GraphNode Replace(GraphNode node)
    {
        if (LeakySlope != 0 && (IsRelu(node) || IsRelu6(node)))
            return node with { Operator = Operators.LeakyRelu, Attributes = new() { ["slope"] = LeakySlope } };
        if (AveragePooling && IsPoolingToAGrid(node))
            return node with { Operator = Operators.AdaptiveAvgPool2d };
        if (!AveragePooling || node.Operator != Operators.MaxPool2d) return node;
        OperatorAttributes old = node.Attributes;
        if (old.Ints("dilation", 1).Any(step => step != 1))
            throw FoveaException.BadConfiguration(
                $"{node.Outputs[0]}: a max-pooling with dilation has no average pooling of the same windows.");
        long[] kernel = old.Ints("kernel");
        return node with
        {
            Operator = Operators.AvgPool2d,
            Attributes = new()
            {
                ["kernel"] = kernel,
                ["stride"] = old.Ints("stride", kernel),
                ["padding"] = old.Ints("padding", 0, 0),
                ["ceil"] = old.Flag("ceil", false)
            },
        };
    }

    /// <summary>Whether a node takes the largest of each part of the maps, which one exporter writes as a usual pooling.</summary>
    private static bool IsPoolingToAGrid(GraphNode node) => node.Operator.Name == "adaptive_max_pool2d";

    /// <summary>Whether a node clamps to [0, ∞) as ReLU does.</summary>
    private static bool IsRelu(GraphNode node) => node.Operator == Operators.Relu || node.Operator.Name == "clamp"
        && node.Attributes.Has("min") && node.Attributes.Number("min", 1) == 0 && !node.Attributes.Has("max");

    /// <summary>Whether a node clamps to [0, 6]: by itself, or as PyTorch exports it.</summary>
    internal static bool IsRelu6(GraphNode node) => node.Operator == Operators.Relu6
        || (node.Operator.Name == "clamp" && node.Attributes.Number("min", -1) == 0 && node.Attributes.Number("max", 1) == 6)
        || (node.Operator.Name == "hardtanh" && node.Attributes.Number("min", -1) == 0 && node.Attributes.Number("max", 1) == 6);
}
