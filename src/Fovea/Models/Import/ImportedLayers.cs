using Fovea.Models.Graph;

namespace Fovea.Models.Import;

/// <summary>
/// Names of values. A module's call is the layer of the last value made in it that is read outside; a second call of a module has a name of
/// its own. Maps and tokens made between modules are layers under the names of their values.
/// </summary>
internal sealed class ImportedLayers
{
    private static readonly HashSet<string> OnlyMoves =
        ["identity", "reshape", "expand", "permute", "transpose", "unsqueeze", "squeeze", "select", "slice", "chunk", "split", "unbind",
            "flatten", "unflatten", "cat", "to", "pad"];

    private readonly Dictionary<ModuleCall, Range> _calls = [];

    /// <param name="nodes">The nodes that are run, with their modules.</param>
    /// <param name="outputs">Values that leave the network.</param>
    /// <param name="isMap">Whether a value has the four sizes of maps of images, or the three of tokens.</param>
    public ImportedLayers(
        IReadOnlyList<(GraphNode Node, IReadOnlyList<ModuleCall> Modules)> nodes, IReadOnlyCollection<string> outputs,
            Func<string, bool> isMap)
    {
        var made = new Dictionary<string, int>(StringComparer.Ordinal);
        var readers = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (int i = 0; i < nodes.Count; i++)
        {
            foreach (string value in nodes[i].Node.Outputs) made[value] = i;
            foreach (string value in nodes[i].Node.Inputs)
            {
                if (value.Length == 0) continue;
                if (!readers.TryGetValue(value, out var list)) readers[value] = list = [];
                list.Add(i);
            }
            for (int depth = 0; depth < nodes[i].Modules.Count; depth++)
            {
                ModuleCall call = nodes[i].Modules[depth];
                if (!_calls.TryGetValue(call, out Range? range)) _calls[call] = range = new Range { Depth = depth };
                range.Nodes.Add(i);
                range.Block |= depth < nodes[i].Modules.Count - 1;
            }
        }
        List<(int Node, int Depth, GraphLayer Layer)> layers = [];
        HashSet<string> named = new(StringComparer.Ordinal), names = new(StringComparer.Ordinal);
        foreach (var (call, range) in _calls)
        {
            var inside = range.Nodes.ToHashSet();
            string value = range.Nodes.AsEnumerable().Reverse().SelectMany(i => nodes[i].Node.Outputs.Reverse())
                .FirstOrDefault(
                    one => one.Length > 0
                        && (outputs.Contains(one) || readers.GetValueOrDefault(one)?.Any(reader => !inside.Contains(reader)) == true))
                ?? nodes[range.Nodes[^1]].Node.Outputs[0];
            if (call.Call == ModuleCall.Unknown || !names.Add(call.Name)) continue;
            named.Add(value);
            layers.Add((made[value], range.Depth,
                new GraphLayer(call.Name, value, range.Block ? GraphLayer.Block : nodes[made[value]].Node.Operator.Name)));
        }
        for (int i = 0; i < nodes.Count; i++)
        {
            GraphNode node = nodes[i].Node;
            string value = node.Outputs[0];
            bool answer = outputs.Contains(value);
            if (named.Contains(value) || names.Contains(value)) continue;
            if (OnlyMoves.Contains(node.Operator.Name) && !answer && !(node.Operator.Name == "cat" && IsPooled(value))) continue;
            if (answer || isMap(value) && IsAmongBlocks(nodes[i].Modules))
            {
                names.Add(value);
                layers.Add((i, int.MaxValue, new GraphLayer(value, value, node.Operator.Name)));
            }
        }

        // Branches that are put together right before their positions are: no branch is the last layer with positions then.
        bool IsPooled(string value) => readers.GetValueOrDefault(value) is { Count: > 0 } all && all.Select(reader => nodes[reader].Node).All(
            reader => reader.Operator.Name is "adaptive_avg_pool2d" or "adaptive_max_pool2d" or "mean" or "amax" || !reader.Outputs.Any(isMap)
                || OnlyMoves.Contains(reader.Operator.Name) && reader.Operator.Name != "cat" && IsPooled(reader.Outputs[0]));

        // In the order in which values are made; parts before the blocks that end with them.
        Layers = [.. layers.OrderBy(one => one.Node).ThenByDescending(one => one.Depth).Select(one => one.Layer)];
    }

    /// <summary>The layers.</summary>
    public IReadOnlyList<GraphLayer> Layers { get; }

    /// <summary>Whether a step stands directly in the network or in a module that has modules as parts.</summary>
    private bool IsAmongBlocks(IReadOnlyList<ModuleCall> modules) => modules.Count == 0 || _calls[modules[^1]].Block;

    private sealed class Range
    {
        public List<int> Nodes { get; } = [];

        public int Depth { get; init; }

        public bool Block { get; set; }
    }
}
