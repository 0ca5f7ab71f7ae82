using Fovea.Models.Graph;

namespace Fovea.Models;

/// <summary>
/// A classifier's graph with another last layer: <see cref="ClassifierHead"/> becomes one with an output for each of other classes, under
/// the same names; all before it stays. Probabilities that were made of the old numbers are left out: losses are of the numbers.
/// </summary>
internal static class HeadReplacement
{
    /// <summary>Operations after which a weight's numbers are the same.</summary>
    private static readonly HashSet<string> Turning =
        ["transpose", "permute", "identity", "to", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze"];

    /// <summary>Whether an operation of that name leaves a weight's numbers as they are.</summary>
    public static bool OnlyTurns(string operation) => Turning.Contains(operation);

    /// <summary>The graph with the new last layer.</summary>
    /// <param name="graph">The classifier.</param>
    /// <param name="head">Its last layer.</param>
    /// <param name="inputs">Numbers that it reads.</param>
    /// <param name="before">Classes that it has.</param>
    /// <param name="after">Classes that it is to have.</param>
    /// <returns>The graph, and the names of the weights that are new in it.</returns>
    /// <exception cref="FoveaException">Its weights are used elsewhere too.</exception>
    public static (NetworkGraph Graph, IReadOnlyList<string> Fresh) Of(
        NetworkGraph graph, ClassifierHead head, long inputs, long before, long after)
    {
        string weight = WeightOf(graph, head);
        string bias = weight.EndsWith(".weight", StringComparison.Ordinal) ? weight[..^"weight".Length] + "bias" : weight + ".bias";
        GraphNode old = head.Node, fresh = old with
        {
            Operator = head.IsConvolution ? Operators.Conv2d : Operators.Linear,
            Attributes = head.IsConvolution ? old.Attributes : OperatorAttributes.None,
            Inputs = [head.Input, weight, head.HasBias ? bias : ""],
        };
        HashSet<GraphNode> following = [.. head.After];
        List<GraphNode> nodes = [];
        foreach (GraphNode node in graph.Nodes)
        {
            if (node.Outputs.Any(head.Dropped.Contains)) continue;
            nodes.Add(ReferenceEquals(node, old) ? fresh
                : ReferenceEquals(node, head.Offset)
                    ? node with { Operator = Operators.Get("identity"), Inputs = [.. node.Inputs.Where(input => input == old.Outputs[0])] }
                : following.Contains(node) ? Resized(node, before, after) : node);
        }
        List<GraphLayer> layers = [.. graph.Layers.Where(layer => !head.Dropped.Contains(layer.Value))
            .Select(layer => layer.Value == old.Outputs[0] && layer.Kind != GraphLayer.Block
                ? layer with { Kind = fresh.Operator.Name } : layer)];
        nodes = Needed(nodes, [head.Logits, .. layers.Select(layer => layer.Value)]);
        HashSet<string> read = [.. nodes.SelectMany(node => node.Inputs), .. layers.Select(layer => layer.Value)];
        if (nodes.FirstOrDefault(
            node => !ReferenceEquals(node, fresh) && node.Inputs.Any(input => input == weight || input == bias)) is { } other)
        {
            throw FoveaException.BadConfiguration(
                $"{graph.Name}: the weights of its last layer ({weight}) are also those of {other.Outputs[0]}: it cannot be replaced "
                    + $"alone.");
        }
        List<GraphWeight> weights = [.. graph.Weights.Where(one => one.Name != weight && one.Name != bias && read.Contains(one.Name))];
        int at = graph.Weights.TakeWhile(one => one.Name != weight).Count(weights.Contains);
        long[] shape = head.IsConvolution ? [after, inputs, 1, 1] : [after, inputs];
        weights.InsertRange(at, head.HasBias
            ? [new(weight, shape, WeightKind.Parameter), new(bias, [after], WeightKind.Parameter)]
                : [new(weight, shape, WeightKind.Parameter)]);
        var replaced = new NetworkGraph(graph.Name, graph.Input, head.Logits, nodes, weights, layers)
        {
            FixedBatch = graph.FixedBatch,
            Tokens = graph.Tokens,
        };
        return (replaced, head.HasBias ? [weight, bias] : [weight]);
    }

    /// <summary>The name of what the layer multiplies with: the weight itself, or the one that it is made of by turning it round.</summary>
    /// <exception cref="FoveaException">Configuration: it is calculated, as where each class's weights are given one length.</exception>
    private static string WeightOf(NetworkGraph graph, ClassifierHead head)
    {
        string value = head.Factor;
        while (graph.Producer(value) is { } node)
        {
            if (!OnlyTurns(node.Operator.Name)) throw Calculated($"{node.Outputs[0]} ({node.Operator.Name})");
            value = node.Inputs[0];
        }
        GraphWeight? weight = graph.Weights.FirstOrDefault(weight => weight.Name == value);
        if (weight is { IsCalculated: true }) throw Calculated(value);
        return weight is null ? head.NameIn(graph) + ".weight" : value;

        FoveaException Calculated(string by) => FoveaException.BadConfiguration(
            $"{graph.Name}: the weights of its last layer {head.NameIn(graph)} are not learned as they are but calculated ({by}), as where each class's "
                + "are brought to one length: a fresh layer would leave that out. Export the network without this layer, or with a plain linear "
                + "one, or look into it as it is ([model] classes = \"other\").");
    }

    /// <summary>A change of shape that was written down with the old number of classes.</summary>
    private static GraphNode Resized(GraphNode node, long before, long after)
    {
        if (!node.Attributes.Has("shape") || node.Operator.Name is not ("reshape" or "unflatten")) return node;
        long[] shape = node.Attributes.Ints("shape"), from = node.Attributes.Has("from")
            ? node.Attributes.Ints("from") : new long[shape.Length];
        var attributes = new OperatorAttributes();
        foreach (var (name, value) in node.Attributes)
        {
            attributes[name] = name == "shape"
                ? shape.Select((size, i) => size == before && i > 0 && from[i] == SizeList.Fixed ? after : size).ToArray() : value;
        }
        return node with { Attributes = attributes };
    }

    /// <summary>The nodes that any of some values depends on.</summary>
    private static List<GraphNode> Needed(List<GraphNode> nodes, IEnumerable<string> values)
    {
        HashSet<string> wanted = [.. values];
        List<GraphNode> kept = [];
        foreach (GraphNode node in Enumerable.Reverse(nodes))
        {
            if (!node.Outputs.Any(wanted.Contains)) continue;
            wanted.UnionWith(node.Inputs.Where(input => input.Length > 0));
            kept.Add(node);
        }
        kept.Reverse();
        return kept;
    }
}
