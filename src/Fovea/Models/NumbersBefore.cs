using Fovea.Models.Graph;

namespace Fovea.Models;

/// <summary>
/// The classes' numbers of a network that ends with probabilities of them, as many exported classifiers do. Losses, class activation maps
/// and pictures of classes are of the numbers, since a probability also rises where those of other classes fall: they become the answer.
/// </summary>
internal static class NumbersBefore
{
    private static readonly HashSet<string> Probabilities = ["softmax", "log_softmax", "sigmoid"];

    private static readonly HashSet<string> OnlyShapes = ["identity", "dropout", "to", "flatten", "reshape", "squeeze", "unsqueeze"];

    /// <summary>The graph whose answer is the numbers; the graph itself where it gives no probabilities.</summary>
    /// <param name="graph">The network; the probabilities stay a value of it, and are no layer any more.</param>
    /// <param name="answer">Sizes of its answer for one image, <c>[classes]</c> or <c>[classes, 1, 1]</c>; empty: not known.</param>
    /// <returns>The graph, and the operation that made probabilities; null: none.</returns>
    public static (NetworkGraph Graph, string? Operation) Of(NetworkGraph graph, IReadOnlyList<long> answer)
    {
        if (answer.Count == 0 || answer.Skip(1).Any(size => size != 1)) return (graph, null);
        Stack<GraphNode> after = new();
        GraphNode? node = graph.Producer(graph.Output);
        while (node is not null && OnlyShapes.Contains(node.Operator.Name))
        {
            after.Push(node);
            node = graph.Producer(node.Inputs[0]);
        }
        if (node is null || !Probabilities.Contains(node.Operator.Name) || node.Attributes.Int("dim", 1) == 0) return (graph, null);

        HashSet<string> left = [.. node.Outputs, .. after.SelectMany(one => one.Outputs)];
        HashSet<string> taken = [.. graph.Nodes.SelectMany(one => one.Outputs), .. graph.Weights.Select(weight => weight.Name), graph.Input];
        List<GraphNode> nodes = [.. graph.Nodes];
        string numbers = node.Inputs[0];
        foreach (GraphNode shape in after)
        {
            string name = shape.Outputs[0] + ".numbers";
            while (!taken.Add(name)) name += "'";
            nodes.Add(shape with { Inputs = [numbers, .. shape.Inputs.Skip(1)], Outputs = [name] });
            numbers = name;
        }
        var layers = graph.Layers.Where(layer => !left.Contains(layer.Value) || layer.Kind == GraphLayer.Block)
            .Select(layer => left.Contains(layer.Value) ? layer with { Value = numbers } : layer);
        return (new NetworkGraph(graph.Name, graph.Input, numbers, nodes, graph.Weights, [.. layers])
        {
            FixedBatch = graph.FixedBatch,
            Tokens = graph.Tokens,
        }, node.Operator.Name);
    }
}
