namespace Fovea.Models.Graph;

/// <summary>
/// Which of a layer's tokens a node behind it can depend on, as long as nothing mixes tokens: a head that reads the class token alone does
/// not depend on the grid, though it reads the value that the grid is in.
/// </summary>
internal sealed class TokenFlow(NetworkGraph graph)
{
    /// <summary>Values that hold one token a row, by how many stand before the grid.</summary>
    private readonly Dictionary<int, long> _rows = [];

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
                _rows[graph.ValueOf(node.Outputs[0])] = node.Attributes.Int("before");
            return node.Outputs.Count;
        }
        // Where tokens were mixed, all of them depend on all.
        if (!read.All(_rows.ContainsKey)) return node.Outputs.Count;
        long before = _rows[read[0]];
        if (node.Operator == Operators.Grid) return 1;
        if (TakesClass(node, before)) return 0;
        if (KeepsRows(node)) _rows[graph.ValueOf(node.Outputs[0])] = before;
        return node.Outputs.Count;
    }

    private static bool TakesClass(GraphNode node, long before) => node.Operator.Name switch
    {
        "select" => node.Attributes.Int("dim") is 1 or -2 && node.Attributes.Int("index") is >= 0 and var index && index < before,
        "slice" => node.Attributes.Int("dim", 0) is 1 or -2 && node.Attributes.Int("start", 0) >= 0
            && node.Attributes.Int("end", long.MaxValue) is >= 0 and var end && end <= before,
        _ => false,
    };

    /// <summary>Whether a node works on each token by itself.</summary>
    private static bool KeepsRows(GraphNode node) => node.Operator.Name switch
    {
        "layer_norm" => node.Attributes.Ints("shape").Length == 1,
        "slice" => node.Attributes.Int("dim", 0) == 0,
        "softmax" or "log_softmax" or "batch_norm" or "cat" or "chunk" or "split" => false,
        _ => node.Operator == Operators.Linear || node.Operator.Reach(node.Attributes) is SpatialReach.SamePosition,
    };
}
