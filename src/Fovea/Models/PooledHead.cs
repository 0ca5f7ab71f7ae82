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
        if (!cut.Alone || cut.Nodes is not [.., { } head] || head.Operator != Operators.Linear || !cut.Nodes.SkipLast(1).All(Pools))
            return null;
        string bias = head.Inputs.Count > 2 ? head.Inputs[2] : "";
        return model.State.TryGetValue(head.Inputs[1], out Tensor? weight)
            ? new PooledHead(weight, bias.Length == 0 ? null : model.State[bias]) : null;
    }

    private static bool Pools(GraphNode node)
    {
        if (node.Operator == Operators.AdaptiveAvgPool2d) return node.Attributes.Int("size", 1) == 1;
        if (node.Operator == Operators.Mean) return node.Operator.Reach(node.Attributes) == SpatialReach.Everything;
        return node.Operator == Operators.Flatten || node.Operator == Operators.Dropout || node.Operator.Name == "identity";
    }
}
