using Fovea.Checkpoints;

namespace Fovea.Models.Pt2;

/// <summary>
/// Blocks of a program that change no number of an evaluation in single precision: those without gradients and those under automatic
/// precision. Their steps stand in the program's own list, in the place of the one that runs the block.
/// </summary>
/// <param name="shapes">Sizes of every tensor by name; those inside of blocks are added.</param>
/// <param name="types">Types of every tensor by name, likewise.</param>
internal sealed class Pt2Blocks(Dictionary<string, Pt2Size[]> shapes, Dictionary<string, int> types)
{
    private const string Ungraded = "torch.ops.higher_order.wrap_with_set_grad_enabled";
    private const string AutomaticPrecision = "torch.ops.higher_order.wrap_with_autocast";
    private readonly SortedSet<ElementType> _automatic = [];
    private int _count;

    /// <summary>Types that PyTorch calculates in inside of blocks that ask for it.</summary>
    public IReadOnlyCollection<ElementType> Automatic => _automatic;

    /// <summary>The steps of a list, those of blocks among them.</summary>
    public IEnumerable<Pt2Node> Read(Pt2Json nodes) => Read(nodes, name => name);

    private IEnumerable<Pt2Node> Read(Pt2Json nodes, Func<string, string> rename)
    {
        foreach (Pt2Json json in nodes.Items())
        {
            var node = new Pt2Node(json, rename);
            IEnumerable<Pt2Node>? inside = node.Target is Ungraded or AutomaticPrecision ? Inside(json, node, rename) : null;
            foreach (Pt2Node one in inside ?? [node]) yield return one;
        }
    }

    /// <summary>The steps of a block; null where it is not as PyTorch writes one.</summary>
    private IEnumerable<Pt2Node>? Inside(Pt2Json json, Pt2Node node, Func<string, string> rename)
    {
        Pt2Json[] given = [.. json["inputs"].Items().Select(input => input["arg"])];
        int at = Array.FindIndex(given, one => one.Union().Kind == "as_graph");
        if (at < 0) return null;
        Pt2Json graph = given[at].Union().Value["graph"];
        string[] inputs = Names(graph["inputs"]), outputs = Names(graph["outputs"]), results = [.. node.Outputs.SelectMany(one => one.ValueNames)];
        Pt2Argument[] arguments = [.. given[(at + 1)..].Select(one => Pt2Argument.Read(one).Renamed(rename))];
        if (inputs.Length != arguments.Length || outputs.Length != results.Length
            || arguments.Any(one => one is not (Pt2Argument.Value or Pt2Argument.Sizes { Items: [(_, not null)], IsList: false }))
            || inputs.Distinct().Count() != inputs.Length) return null;

        Dictionary<string, string> names = new(StringComparer.Ordinal);
        for (int i = 0; i < inputs.Length; i++) names[inputs[i]] = arguments[i].ValueNames.Single();
        List<(string From, string To)> same = [];
        for (int i = 0; i < outputs.Length; i++)
            if (!names.TryAdd(outputs[i], results[i])) same.Add((outputs[i], results[i]));
        string block = string.Create(System.Globalization.CultureInfo.InvariantCulture, $".block{++_count}");
        string Name(string name) => names.TryGetValue(name, out string? known) ? known : names[name] = name + block;
        foreach (var (name, meta) in graph["tensor_values"].Members())
        {
            if (inputs.Contains(name)) continue;
            shapes[Name(name)] = Pt2Program.ReadSizes(meta["sizes"]);
            types[Name(name)] = (int)meta["dtype"].Integer();
        }
        // The device, the type, whether it is on, and more.
        if (node.Target == AutomaticPrecision && given.Select(Pt2Argument.Read).ToArray() is [_, Pt2Argument.Type type,
            Pt2Argument.Flag { On: true }, ..] && Pt2Program.TypeOf(type.Number) is { } wanted) _automatic.Add(wanted);
        return [.. Read(graph["nodes"], Name), .. same.Select(one => Pt2Node.Same(names[one.From], one.To))];
    }

    private static string[] Names(Pt2Json list) => [.. list.Items().SelectMany(one => Pt2Argument.Read(one).ValueNames)];
}
