namespace Fovea.Models.Graph;

/// <summary>
/// A network as data: named values, and nodes that make values from values in an order in which they can run. The engines run it; the
/// receptive field, the pooled head, cuts and modifications are read off it. Made by <see cref="GraphBuilder"/>, or by who reads a file.
/// Not changed after it is made.
/// </summary>
public sealed class NetworkGraph
{
    private readonly Dictionary<string, int> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _layers = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly int[] _producers;

    /// <summary>A graph of these parts.</summary>
    /// <param name="name">What it is called: an architecture, a file.</param>
    /// <param name="input">The value that images are, <c>[N, 3, H, W]</c>.</param>
    /// <param name="output">The value that is the network's answer, <c>[N, classes]</c>.</param>
    /// <param name="nodes">In an order in which they can run: each reads what is there before it.</param>
    /// <param name="weights">In the order in which checkpoints list them.</param>
    /// <param name="layers">In the order in which their values are made; a block after its parts.</param>
    /// <exception cref="FoveaException">A name stands twice, or a value is read before it is made.</exception>
    public NetworkGraph(
        string name, string input, string output, IReadOnlyList<GraphNode> nodes, IReadOnlyList<GraphWeight> weights,
            IReadOnlyList<GraphLayer> layers)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(layers);
        (Name, Input, Output, Nodes, Weights, Layers) = (name, input, output, nodes, weights, layers);
        Define(input, "the input");
        foreach (GraphWeight weight in weights) Define(weight.Name, "a weight");
        List<int> producers = [.. Enumerable.Repeat(-1, _values.Count)];
        for (int i = 0; i < nodes.Count; i++)
        {
            foreach (string value in nodes[i].Inputs)
                if (value.Length > 0 && !_values.ContainsKey(value))
                    throw Bad($"{nodes[i].Operator} reads '{value}', which nothing before it makes.");
            foreach (string value in nodes[i].Outputs)
            {
                if (value.Length == 0) continue;
                Define(value, $"what {nodes[i].Operator} makes");
                producers.Add(i);
            }
        }
        _producers = [.. producers];
        if (!_values.ContainsKey(output)) throw Bad($"nothing makes its output '{output}'.");
        for (int i = 0; i < layers.Count; i++)
        {
            if (!_values.ContainsKey(layers[i].Value))
                throw Bad($"layer {layers[i].Name} names the value '{layers[i].Value}', which nothing makes.");
            if (!_layers.TryAdd(layers[i].Name, i)) throw Bad($"two layers are called {layers[i].Name}.");
        }
    }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>The value that images are.</summary>
    public string Input { get; }

    /// <summary>The value that is the network's answer.</summary>
    public string Output { get; }

    /// <summary>
    /// The only number of images that its operations can take together; null: any. An engine then runs so many at a time, the last ones
    /// filled up.
    /// </summary>
    public int? FixedBatch { get; init; }

    /// <summary>
    /// How layers of tokens <c>[N, T, C]</c> are grids, where it is told; null: found from the graph. A network that is made of the graph
    /// goes by it.
    /// </summary>
    public TokenGrid? Tokens { get; init; }

    /// <summary>The steps, in the order in which they run.</summary>
    public IReadOnlyList<GraphNode> Nodes { get; }

    /// <summary>The tensors it carries.</summary>
    public IReadOnlyList<GraphWeight> Weights { get; }

    /// <summary>The names under which values are read, in the order in which they are made.</summary>
    public IReadOnlyList<GraphLayer> Layers { get; }

    /// <summary>Number of values: the input, then the weights, then what the nodes make.</summary>
    internal int ValueCount => _values.Count;

    /// <summary>The number of a value.</summary>
    internal int ValueOf(string value) => _values[value];

    /// <summary>The name of a value.</summary>
    internal string NameOf(int value) => _names[value];

    /// <summary>The node that makes a value; −1 for the input and weights.</summary>
    internal int ProducerOf(int value) => _producers[value];

    /// <summary>The node that makes a layer's value; null where the layer is the input or a weight.</summary>
    internal GraphNode? Producer(string value) => ProducerOf(ValueOf(value)) is >= 0 and var node ? Nodes[node] : null;

    /// <summary>The layer of this name, or where none has it the value of this name as a layer.</summary>
    /// <exception cref="FoveaException">There is neither; the message names the nearest layers.</exception>
    public GraphLayer Layer(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (_layers.TryGetValue(name, out int layer)) return Layers[layer];
        if (name.EndsWith(LayerGrid.ClassSuffix, StringComparison.Ordinal)
            && _layers.TryGetValue(name[..^LayerGrid.ClassSuffix.Length], out int whole)
            && GridRewrite.ClassToken(this, Layers[whole].Value) is { } token) return new GraphLayer(name, token, Layers[whole].Kind);
        if (_values.TryGetValue(name, out int value) && _producers[value] >= 0)
            return new GraphLayer(name, name, Nodes[_producers[value]].Operator.Name);
        throw FoveaException.BadConfiguration(
            $"{Name} has no layer '{name}'. Nearest: {string.Join(", ", Nearest.To(name, Layers.Select(one => one.Name)))}. "
                + "fovea model inspect lists them.");
    }

    /// <summary>Where a layer stands among those that name one value; a value that is no layer stands before all.</summary>
    internal int OrderOf(string name) => _layers.GetValueOrDefault(name, -1);

    /// <summary>
    /// The same graph with other nodes in place of some; values keep their names, and layers that a node makes get its new kind.
    /// </summary>
    /// <param name="rewrite">Gives a node's replacement, which makes the same values, or the node itself.</param>
    public NetworkGraph Rewrite(Func<GraphNode, GraphNode> rewrite)
    {
        ArgumentNullException.ThrowIfNull(rewrite);
        GraphNode[] nodes = [.. Nodes.Select(rewrite)];
        var kinds = nodes.SelectMany(node => node.Outputs.Select(value => (value, node.Operator.Name))).Where(pair => pair.value.Length > 0)
            .ToDictionary(pair => pair.value, pair => pair.Name, StringComparer.Ordinal);
        return With(nodes, [.. Layers.Select(
            layer => layer.Kind == GraphLayer.Block ? layer : layer with { Kind = kinds.GetValueOrDefault(layer.Value, layer.Kind) })]);
    }

    /// <summary>The same with its grid of tokens told.</summary>
    internal NetworkGraph With(TokenGrid tokens) =>
        new(Name, Input, Output, Nodes, Weights, Layers) { FixedBatch = FixedBatch, Tokens = tokens };

    /// <summary>The same for one image at a time.</summary>
    internal NetworkGraph OneByOne() => new(Name, Input, Output, Nodes, Weights, Layers) { FixedBatch = 1, Tokens = Tokens };

    /// <summary>The same input, weights and answer with other nodes and layers.</summary>
    internal NetworkGraph With(IReadOnlyList<GraphNode> nodes, IReadOnlyList<GraphLayer> layers) =>
        new(Name, Input, Output, nodes, Weights, layers) { FixedBatch = FixedBatch, Tokens = Tokens };

    private void Define(string value, string what)
    {
        if (string.IsNullOrEmpty(value)) throw Bad($"{what} has no name.");
        if (!_values.TryAdd(value, _values.Count)) throw Bad($"two values are called '{value}'.");
        _names.Add(value);
    }

    private FoveaException Bad(string what) => FoveaException.BadData($"The graph {Name} cannot be run: {what}");
}
