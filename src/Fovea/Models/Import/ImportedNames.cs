using Fovea.Models.Graph;

namespace Fovea.Models.Import;

/// <summary>
/// Final names of a graph's values: a value that is a layer's has the layer's name, the innermost's; others keep the file's, unless a
/// weight or another layer has it.
/// </summary>
internal sealed class ImportedNames
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    public ImportedNames(
        string images, IReadOnlyList<GraphWeight> weights, IReadOnlyList<(GraphNode Node, IReadOnlyList<ModuleCall> Modules)> nodes,
            IReadOnlyList<GraphLayer> layers)
    {
        HashSet<string> taken = [.. weights.Select(weight => weight.Name)], layerNames = [.. layers.Select(layer => layer.Name)];
        foreach (string weight in taken) _names[weight] = weight;
        _names[""] = "";
        foreach (GraphLayer layer in layers)
            if (!_names.ContainsKey(layer.Value) && taken.Add(layer.Name)) _names[layer.Value] = layer.Name;
        Input = _names[images] = Free(GraphBuilder.InputName, taken, layerNames);
        foreach (var (node, _) in nodes)
        {
            foreach (string value in node.Outputs)
                if (!_names.ContainsKey(value)) _names[value] = Free(value, taken, layerNames);
        }
    }

    /// <summary>The images' name.</summary>
    public string Input { get; }

    /// <summary>The final name of a value.</summary>
    public string Of(string value) => _names[value];

    private static string Free(string name, HashSet<string> taken, HashSet<string> layers)
    {
        while (layers.Contains(name) || !taken.Add(name)) name += "'";
        return name;
    }
}
