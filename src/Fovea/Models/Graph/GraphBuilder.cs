using System.Globalization;

namespace Fovea.Models.Graph;

/// <summary>
/// Writes down a <see cref="NetworkGraph"/>: each call adds an operation on values and returns the name of the value it makes. Calls that
/// take a layer's name also make that value tappable under it and add its weights under PyTorch's names (<c>NAME.weight</c>,
/// <c>NAME.bias</c>, <c>NAME.running_mean</c> …).
/// </summary>
public sealed class GraphBuilder
{
    private readonly List<GraphNode> _nodes = [];
    private readonly List<GraphWeight> _weights = [];
    private readonly List<GraphLayer> _layers = [];
    private readonly HashSet<string> _values = new(StringComparer.Ordinal) { InputName };

    /// <summary>The name of the network's input.</summary>
    public const string InputName = "input";

    /// <summary>The network's input, <c>[N, 3, H, W]</c>.</summary>
    public string Input => InputName;

    /// <summary>A convolution over square windows: weights <c>[outputs, inputs / groups, window, window]</c>.</summary>
    /// <param name="layer">The layer's name.</param>
    /// <param name="x">What it reads.</param>
    /// <param name="inputs">Channels of <paramref name="x"/>.</param>
    /// <param name="outputs">Channels of the result.</param>
    /// <param name="window">Side of the window.</param>
    /// <param name="stride">Steps between windows.</param>
    /// <param name="padding">Zeros around <paramref name="x"/>.</param>
    /// <param name="groups">Groups of channels that do not see each other.</param>
    /// <param name="bias">With a bias.</param>
    public string Conv(
        string layer, string x, int inputs, int outputs, int window, int stride = 1, int padding = 0, int groups = 1, bool bias = false)
    {
        string weight = Weight(layer + ".weight", WeightKind.Parameter, outputs, inputs / groups, window, window);
        string offset = bias ? Weight(layer + ".bias", WeightKind.Parameter, outputs) : "";
        return Layer(
            layer, Operators.Conv2d,
                new() { ["kernel"] = Two(window), ["stride"] = Two(stride), ["padding"] = Two(padding), ["groups"] = groups }, x, weight,
                    offset);
    }

    /// <summary>Batch normalisation over channels (Ioffe and Szegedy 2015).</summary>
    /// <param name="layer">The layer's name.</param>
    /// <param name="x">What it reads.</param>
    /// <param name="channels">Channels of <paramref name="x"/>.</param>
    /// <param name="epsilon">What is added to the variance; null: 1e-5.</param>
    public string BatchNorm(string layer, string x, int channels, double? epsilon = null) => Layer(
        layer, Operators.BatchNorm, epsilon is { } own ? new() { ["eps"] = own } : OperatorAttributes.None, x,
        Weight(layer + ".weight", WeightKind.Parameter, channels), Weight(layer + ".bias", WeightKind.Parameter, channels),
        Weight(layer + ".running_mean", WeightKind.Buffer, channels), Weight(layer + ".running_var", WeightKind.Buffer, channels),
        Weight(layer + ".num_batches_tracked", WeightKind.Counter));

    /// <summary>A linear layer <c>[N, inputs]</c> → <c>[N, outputs]</c> with a bias.</summary>
    public string Linear(string layer, string x, int inputs, int outputs) => Layer(layer, Operators.Linear, OperatorAttributes.None, x,
        Weight(layer + ".weight", WeightKind.Parameter, outputs, inputs), Weight(layer + ".bias", WeightKind.Parameter, outputs));

    /// <summary>max(x, 0).</summary>
    public string Relu(string layer, string x) => Layer(layer, Operators.Relu, OperatorAttributes.None, x);

    /// <summary>min(max(x, 0), 6).</summary>
    public string Relu6(string layer, string x) => Layer(layer, Operators.Relu6, OperatorAttributes.None, x);

    /// <summary>The largest value of square windows.</summary>
    /// <param name="layer">The layer's name.</param>
    /// <param name="x">What it reads.</param>
    /// <param name="window">Side of the window.</param>
    /// <param name="stride">Steps between windows.</param>
    /// <param name="padding">Zeros around <paramref name="x"/>.</param>
    /// <param name="ceil">Whether a last window that only partly lies on <paramref name="x"/> counts.</param>
    public string MaxPool(string layer, string x, int window, int stride, int padding = 0, bool ceil = false)
    {
        var attributes = new OperatorAttributes { ["kernel"] = Two(window), ["stride"] = Two(stride), ["padding"] = Two(padding) };
        if (ceil) attributes["ceil"] = true;
        return Layer(layer, Operators.MaxPool2d, attributes, x);
    }

    /// <summary>The mean over all positions, <c>[N, C, H, W]</c> → <c>[N, C, 1, 1]</c>.</summary>
    public string AveragePositions(string layer, string x) => Layer(layer, Operators.AdaptiveAvgPool2d, OperatorAttributes.None, x);

    /// <summary>Dropout.</summary>
    public string Dropout(string layer, string x, double p) => Layer(layer, Operators.Dropout, new() { ["p"] = p }, x);

    /// <summary>An operation whose value is a layer.</summary>
    /// <param name="layer">The layer's name; the value has it too.</param>
    /// <param name="operation">What is done.</param>
    /// <param name="attributes">Its fixed arguments.</param>
    /// <param name="inputs">Values and weights; an empty name is an absent one.</param>
    /// <exception cref="FoveaException">The name is taken.</exception>
    public string Layer(string layer, Operator operation, OperatorAttributes attributes, params IReadOnlyList<string> inputs)
    {
        ArgumentNullException.ThrowIfNull(operation);
        if (!_values.Add(layer)) throw FoveaException.BadConfiguration($"Two values of a network are called {layer}.");
        _nodes.Add(new GraphNode(operation, attributes, inputs, [layer]));
        _layers.Add(new GraphLayer(layer, layer, operation.Name));
        return layer;
    }

    /// <summary>An operation between layers: a sum, a flattening.</summary>
    /// <inheritdoc cref="Layer(string, Operator, OperatorAttributes, IReadOnlyList{string})"/>
    public string Apply(Operator operation, OperatorAttributes attributes, params IReadOnlyList<string> inputs)
    {
        ArgumentNullException.ThrowIfNull(operation);
        string value = operation.Name;
        for (int i = 1; !_values.Add(value); i++) value = string.Create(CultureInfo.InvariantCulture, $"{operation.Name}_{i}");
        _nodes.Add(new GraphNode(operation, attributes, inputs, [value]));
        return value;
    }

    /// <summary>The sum of two values.</summary>
    public string Add(string a, string b) => Apply(Operators.Sum, OperatorAttributes.None, a, b);

    /// <summary>Makes a value readable under one more name: a block that ends with it.</summary>
    public string Block(string name, string x)
    {
        _layers.Add(new GraphLayer(name, x, GraphLayer.Block));
        return x;
    }

    /// <summary>Adds a weight and returns its name.</summary>
    /// <exception cref="FoveaException">The name is taken.</exception>
    public string Weight(string name, WeightKind kind, params IReadOnlyList<long> shape)
    {
        if (!_values.Add(name)) throw FoveaException.BadConfiguration($"Two values of a network are called {name}.");
        _weights.Add(new GraphWeight(name, shape, kind));
        return name;
    }

    /// <summary>The graph.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="output">The value that is the network's answer.</param>
    public NetworkGraph Build(string name, string output) => new(name, Input, output, _nodes, _weights, _layers);

    private static long[] Two(int size) => [size, size];
}
