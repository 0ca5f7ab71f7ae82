namespace Fovea.Models.Graph;

/// <summary>
/// Which of a layer's tokens a node behind it can depend on, as long as nothing mixes tokens: a head that reads the class token alone does
/// not depend on the grid, though it reads the value that the grid is in.
/// </summary>
internal sealed class TokenFlow(NetworkGraph graph)
{
    /// <summary>Values that hold one token a row, with the places of the grid among them.</summary>
    private readonly Dictionary<int, Places> _rows = [];

    /// <summary>Takes note of a node that reads what depends on the grid.</summary>
    /// <param name="node">The node.</param>
    /// <param name="depends">Which values depend on the grid.</param>
    /// <returns>How many of its outputs depend on it: all, the first, or none.</returns>
    public int Dependent(GraphNode node, bool[] depends)
    {
        int[] read = [.. node.Inputs.Where(input => input.Length > 0).Select(graph.ValueOf).Where(value => depends[value])];
        if (node.Operator == Operators.Ungrid)
        {
            if (read is [var grid] && grid == graph.ValueOf(node.Inputs[0]) && node.Attributes.Text("kind") == LayerGrid.Tokens)
                _rows[graph.ValueOf(node.Outputs[0])] = Places.Of(node.Attributes);
            return node.Outputs.Count;
        }
        // Where tokens were mixed, all of them depend on all.
        if (!read.All(_rows.ContainsKey)) return node.Outputs.Count;
        Places places = _rows[read[0]];
        if (node.Operator == Operators.Grid) return 1;
        if (TakesNone(node, places)) return 0;
        if (KeepsRows(node)) _rows[graph.ValueOf(node.Outputs[0])] = places;
        return node.Outputs.Count;
    }

    /// <summary>Whether a node takes tokens before or behind the grid alone; places may be counted from the end.</summary>
    private static bool TakesNone(GraphNode node, Places places)
    {
        if (node.Operator.Name is not ("select" or "slice") || node.Attributes.Int("dim", 0) is not (1 or -2)) return false;
        long FromStart(long place) => Math.Clamp(place < 0 ? place + places.Tokens : place, 0, places.Tokens);
        if (node.Operator.Name == "select")
            return FromStart(node.Attributes.Int("index")) is var index && (index < places.First || index >= places.End);
        (long start, long end) = (FromStart(node.Attributes.Int("start", 0)), FromStart(node.Attributes.Int("end", long.MaxValue)));
        return end <= places.First || start >= places.End;
    }

    /// <summary>Whether a node works on each token by itself.</summary>
    private static bool KeepsRows(GraphNode node) => node.Operator.Name switch
    {
        "layer_norm" => node.Attributes.Ints("shape").Length == 1,
        "slice" => node.Attributes.Int("dim", 0) == 0,
        "softmax" or "log_softmax" or "batch_norm" or "cat" or "chunk" or "split" => false,
        _ => node.Operator == Operators.Linear || node.Operator.Reach(node.Attributes) is SpatialReach.SamePosition,
    };

    /// <summary>Where the grid stands among tokens: from <paramref name="First"/> to before <paramref name="End"/>.</summary>
    private readonly record struct Places(long First, long End, long Tokens)
    {
        public static Places Of(OperatorAttributes a)
        {
            long first = a.Int("before"), end = first + a.Int("height") * a.Int("width");
            return new Places(first, end, end + a.Int("after"));
        }
    }
}
