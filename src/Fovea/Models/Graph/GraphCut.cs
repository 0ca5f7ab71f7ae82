namespace Fovea.Models.Graph;

/// <summary>
/// What follows a value in a graph: the nodes that depend on it on the way to the output, and the other values that they read.
/// </summary>
internal sealed class GraphCut
{
    /// <summary>The cut behind a value.</summary>
    public GraphCut(NetworkGraph graph, int value)
    {
        bool[] depends = Dependent(graph, value, null);
        Reaches = Dependent(graph, value, new TokenFlow(graph))[graph.ValueOf(graph.Output)];
        depends[value] = false;
        bool[] images = OfImages(graph);

        var needed = new bool[graph.ValueCount];
        needed[graph.ValueOf(graph.Output)] = Reaches;
        var beside = new SortedSet<int>();
        List<GraphNode> nodes = [];
        for (int i = graph.Nodes.Count - 1; i >= 0; i--)
        {
            GraphNode node = graph.Nodes[i];
            if (!node.Outputs.Any(output => output.Length > 0 && depends[graph.ValueOf(output)] && needed[graph.ValueOf(output)])) continue;
            nodes.Add(node);
            foreach (string input in node.Inputs)
            {
                if (input.Length == 0) continue;
                int read = graph.ValueOf(input);
                needed[read] = true;
                if (!depends[read] && read != value && images[read]) beside.Add(read);
            }
        }
        nodes.Reverse();
        (Nodes, Beside) = (nodes, [.. beside]);
    }

    /// <summary>Whether the output depends on the value at all.</summary>
    public bool Reaches { get; }

    /// <summary>What has to be run when the value changes, in order.</summary>
    public IReadOnlyList<GraphNode> Nodes { get; }

    /// <summary>
    /// The values that these nodes read beside it: shortcuts and parallel branches. Weights, and what is made from them alone, apart.
    /// </summary>
    public IReadOnlyList<int> Beside { get; }

    /// <summary>
    /// Which values depend on one; with <paramref name="tokens"/>, where a head reads the class token alone, not on the others.
    /// </summary>
    private static bool[] Dependent(NetworkGraph graph, int value, TokenFlow? tokens)
    {
        var depends = new bool[graph.ValueCount];
        depends[value] = true;
        foreach (GraphNode node in graph.Nodes)
        {
            if (!node.Inputs.Any(input => input.Length > 0 && depends[graph.ValueOf(input)])) continue;
            foreach (string output in node.Outputs.Take(tokens?.Dependent(node, depends) ?? node.Outputs.Count))
                if (output.Length > 0) depends[graph.ValueOf(output)] = true;
        }
        return depends;
    }

    /// <summary>Which values depend on the images; what is made from weights alone is made anew.</summary>
    public static bool[] OfImages(NetworkGraph graph)
    {
        var images = new bool[graph.ValueCount];
        images[0] = true;
        foreach (GraphNode node in graph.Nodes)
        {
            if (!node.Inputs.Any(input => input.Length > 0 && images[graph.ValueOf(input)])) continue;
            foreach (string output in node.Outputs)
                if (output.Length > 0) images[graph.ValueOf(output)] = true;
        }
        return images;
    }

    /// <summary>Whether everything that follows depends on the value alone.</summary>
    public bool Alone => Reaches && Beside.Count == 0;
}
