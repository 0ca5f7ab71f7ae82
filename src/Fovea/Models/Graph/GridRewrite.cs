namespace Fovea.Models.Graph;

/// <summary>
/// Layers whose values are <c>[N, T, C]</c> or <c>[N, H, W, C]</c> become grids: behind such a value stand a <see cref="Operators.Grid"/>
/// that gives the layer's new value, a view <c>[N, C, H, W]</c>, and an <see cref="Operators.Ungrid"/> that gives what follows the old one
/// again. So whoever reads, edits or differentiates by the layer has a grid, tokens of no position stay as they are, and cuts and tails are
/// what they are for every value. A pass that changes nothing there leaves the pair out (<see cref="ForwardPlan"/>).
/// </summary>
internal static class GridRewrite
{
    /// <summary>Whether a graph could hold such values at all: somewhere axes change their places.</summary>
    public static bool MayApply(NetworkGraph graph) =>
        (MovesAxes(graph) || graph.Tokens is not null) && !graph.Nodes.Any(node => node.Operator == Operators.Grid);

    /// <summary>Whether axes change their places somewhere, so that positions may lie otherwise than convolutions have them.</summary>
    public static bool MovesAxes(NetworkGraph graph) => graph.Nodes.Any(node => node.Operator.Name is "permute" or "transpose");

    /// <summary>The graph with grids.</summary>
    /// <param name="graph">A network.</param>
    /// <param name="sizes">The sizes of each value for some images.</param>
    /// <param name="otherwise">What the operations say of tokens whose grid is told, where that is another; null: nothing.</param>
    public static NetworkGraph Apply(NetworkGraph graph, IReadOnlyList<long[]?> sizes, out string? otherwise)
    {
        otherwise = null;
        var layouts = new ValueLayouts(graph, sizes);
        var grids = new Dictionary<string, OperatorAttributes>(StringComparer.Ordinal);
        var hidden = new HashSet<string>(StringComparer.Ordinal);
        bool used = false;
        foreach (GraphLayer layer in graph.Layers)
        {
            int value = graph.ValueOf(layer.Value);
            if (graph.ProducerOf(value) < 0 || layer.Value == graph.Output || sizes[value] is not { } shape) continue;
            ValueLayout? layout = layouts.Of(value);
            if (shape.Length == 3 && shape[0] == sizes[0]![0] && graph.Tokens?.Fits(shape[1]) is { } before)
            {
                OperatorAttributes said = GridAttributes.Of(graph.Tokens, before, shape[1]);
                (grids[layer.Value], used) = (said, true);
                if (layout is null || GridAttributes.Of(layout) is not { } followed) continue;
                if (InWords(followed) is var words && words != InWords(said))
                    otherwise ??= $"The operations of {graph.Name} make the tokens of {layer.Name} {words}, and they are read as they were "
                        + $"told, {InWords(said)}: leave the grid unsaid ([model] tokens and prefix, --tokens and --prefix), or positions are "
                        + "not the image's.";
            }
            else if (layout is not null && GridAttributes.Of(layout) is { } found) grids[layer.Value] = found;
            else if (shape.Length == 4 && layout is not { IsChannelsFirst: true }) hidden.Add(layer.Name);
        }
        if (graph.Tokens is { } told && !used)
            throw FoveaException.BadConfiguration(
                $"No layer of {graph.Name} has tokens that are a grid of {told.Height} × {told.Width}"
                    + $"{(told.Before is { } wanted ? $" after {wanted} others" : "")}.");
        if (grids.Count + hidden.Count == 0) return graph;
        NetworkGraph made = With(graph, grids);
        return made.With(
            made.Nodes, [.. made.Layers.Select(layer => hidden.Contains(layer.Name) ? layer with { HasPositions = false } : layer)]);
    }

    /// <summary>The graph as it was before <see cref="Apply"/>, for other programs.</summary>
    public static NetworkGraph Undo(NetworkGraph graph)
    {
        var old = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (GraphNode node in graph.Nodes)
        {
            if (node.Operator == Operators.Grid) old[node.Outputs[0]] = node.Inputs[0];
            if (node.Operator == Operators.Ungrid) old[node.Outputs[0]] = old[node.Inputs[0]];
        }
        if (old.Count == 0) return graph;
        return graph.With(
            [.. graph.Nodes.Where(node => node.Operator != Operators.Grid && node.Operator != Operators.Ungrid).Select(Reading(old))],
            [.. graph.Layers.Select(layer => layer with { Value = old.GetValueOrDefault(layer.Value, layer.Value) })]);
    }

    /// <summary>How a layer's grid lies in what was there before it; null where it is no such layer.</summary>
    public static LayerGrid? Of(NetworkGraph graph, string value) =>
        graph.Producer(value) is { } node && node.Operator == Operators.Grid && node.Outputs[0] == value
            ? new LayerGrid(node.Attributes.Text("kind"), (int)node.Attributes.Int("height"), (int)node.Attributes.Int("width"),
                (int)node.Attributes.Int("before", 0), (int)node.Attributes.Int("after", 0))
            : null;

    private static string InWords(OperatorAttributes grid) => new LayerGrid(
        grid.Text("kind"), (int)grid.Int("height"), (int)grid.Int("width"), (int)grid.Int("before", 0), (int)grid.Int("after", 0)).InWords;

    /// <summary>The value of the class token of a layer with tokens before its grid; null where there is none.</summary>
    public static string? ClassToken(NetworkGraph graph, string value) =>
        Of(graph, value) is { Before: > 0 } ? graph.Producer(value)!.Outputs[1] : null;

    private static NetworkGraph With(NetworkGraph graph, Dictionary<string, OperatorAttributes> grids)
    {
        var taken = graph.Nodes.SelectMany(node => node.Outputs).Concat(graph.Weights.Select(weight => weight.Name)).Append(graph.Input)
            .Concat(graph.Layers.Select(layer => layer.Name)).ToHashSet(StringComparer.Ordinal);
        var joined = new Dictionary<string, string>(StringComparer.Ordinal);
        var shown = new Dictionary<string, string>(StringComparer.Ordinal);
        List<GraphNode> nodes = [];
        Func<GraphNode, GraphNode> reading = Reading(joined);
        foreach (GraphNode node in graph.Nodes)
        {
            nodes.Add(reading(node));
            foreach (string value in node.Outputs)
            {
                if (!grids.TryGetValue(value, out OperatorAttributes? attributes)) continue;
                List<string> parts = [Name("grid")];
                (long before, long after) = (attributes.Int("before", 0), attributes.Int("after", 0));
                if (before > 0) parts.Add(Name("class"));
                if (before > 1) parts.Add(Name("before"));
                if (after > 0) parts.Add(Name("after"));
                string whole = Name("joined");
                nodes.Add(new GraphNode(Operators.Grid, attributes, [value], parts));
                nodes.Add(new GraphNode(Operators.Ungrid, attributes, parts, [whole]));
                (joined[value], shown[value]) = (whole, parts[0]);

                string Name(string part)
                {
                    string name = $"{value}@{part}";
                    while (!taken.Add(name)) name += "_";
                    return name;
                }
            }
        }
        return graph.With(
            nodes, [.. graph.Layers.Select(layer => layer with { Value = shown.GetValueOrDefault(layer.Value, layer.Value) })]);
    }

    /// <summary>A node that reads other values in place of some.</summary>
    private static Func<GraphNode, GraphNode> Reading(Dictionary<string, string> instead) => node =>
        node.Inputs.Any(instead.ContainsKey)
            ? node with { Inputs = [.. node.Inputs.Select(input => instead.GetValueOrDefault(input, input))] } : node;
}
