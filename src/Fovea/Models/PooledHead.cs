using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>
/// The linear head of a network, seen from a layer with nothing between them but average pooling (and dropout, in evaluation the identity).
/// </summary>
/// <param name="Weight"><c>[outputs, channels]</c>, the network's own.</param>
/// <param name="Bias"><c>[outputs]</c>, or null.</param>
internal sealed record PooledHead(Tensor Weight, Tensor? Bias)
{
    /// <summary>The head: answers are its weights times the layer's mean over positions, plus its bias. Null where something else follows,
    /// or the layer is inside a block with a shortcut.</summary>
    /// <exception cref="FoveaException">There is no such layer.</exception>
    public static PooledHead? After(ImageModel model, string layer)
    {
        var cut = new GraphCut(model.Graph, model.Graph.ValueOf(model.Graph.Layer(layer).Value));
        if (!cut.Alone || cut.Nodes is not [.., { } head] || head.Operator != Operators.Linear) return null;
        if (!Pool(model, layer, [.. cut.Nodes.SkipLast(1)])) return null;
        string bias = head.Inputs.Count > 2 ? head.Inputs[2] : "";
        return model.State.TryGetValue(head.Inputs[1], out Tensor? weight)
            ? new PooledHead(weight, bias.Length == 0 ? null : model.State[bias]) : null;
    }

    /// <summary>Whether nodes in a row make the mean over positions of a grid, whose axes they may move first.</summary>
    private static bool Pool(ImageModel model, string layer, GraphNode[] nodes)
    {
        string axes = "NCHW";
        foreach (GraphNode node in nodes)
        {
            bool mean = node.Operator == Operators.Mean;
            if (node.Operator == Operators.Dropout || node.Operator.Name == "identity") continue;
            if (node.Operator == Operators.Ungrid && node.Inputs.Count == 1)
                axes = node.Attributes.Text("kind") switch { LayerGrid.ChannelsLast => "NHWC", LayerGrid.Tokens => "NTC", _ => "" };
            else if (node.Operator.Name == "permute" && node.Attributes.Ints("dims") is { } dims && dims.Length == axes.Length)
                axes = string.Concat(dims.Select(dim => axes[(int)(dim < 0 ? dim + axes.Length : dim)]));
            else if (node.Operator == Operators.AdaptiveAvgPool2d && node.Attributes.Int("size", 1) == 1 && axes == "NCHW"
                && !node.Attributes.Has("grid")) axes = "NC";
            else if (mean && axes.Length > 2 && Left(axes, node.Attributes.Ints("dims")) == "NC") axes = "NC";
            else if (node.Operator != Operators.Flatten) return false;
            else if (axes == "NCHW" && model.Layers.Any(one => one.Name == layer && one.Shape is [_, 1, 1])) axes = "NC";
            else if (axes != "NC") return false;
        }
        return axes == "NC";
    }

    /// <summary>What is left of axes without some.</summary>
    private static string Left(string axes, long[] dims) =>
        string.Concat(axes.Where((_, axis) => !dims.Contains(axis) && !dims.Contains(axis - axes.Length)));
}
