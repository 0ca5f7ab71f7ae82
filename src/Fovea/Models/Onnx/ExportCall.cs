using Fovea.Checkpoints;
using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>One node of a network that is to be said in ONNX's operators: what it reads, and ways to write nodes down.</summary>
internal sealed class ExportCall(ExportGraph graph, ExportTrace trace, GraphNode node)
{
    private readonly string _value = node.Outputs.First(trace.Has);

    /// <summary>The operation's fixed arguments.</summary>
    public OperatorAttributes Attributes => node.Attributes;

    /// <summary>Where nodes and tensors go.</summary>
    public ExportGraph Graph => graph;

    /// <summary>Number of inputs, absent ones included.</summary>
    public int Count => node.Inputs.Count;

    /// <summary>The first input.</summary>
    public string X => this[0];

    /// <summary>What is known of the first input.</summary>
    public ExportedValue Of => Input(0);

    /// <summary>What is known of the result, or of the first result that somebody reads.</summary>
    public ExportedValue Result => trace[_value];

    /// <summary>The results' names in the network; empty where nobody reads one.</summary>
    public IReadOnlyList<string> Outputs => [.. node.Outputs.Select(output => trace.Has(output) ? output : "")];

    /// <summary>The name of an input that must be there.</summary>
    public string this[int input] => Has(input) ? node.Inputs[input] : throw new ExportRefusedException($"its input {input} is absent");

    /// <summary>Whether an input is there.</summary>
    public bool Has(int input) => input < node.Inputs.Count && node.Inputs[input].Length > 0;

    /// <summary>An input, or an empty name.</summary>
    public string Optional(int input) => Has(input) ? node.Inputs[input] : "";

    /// <summary>What is known of an input.</summary>
    public ExportedValue Input(int input) => trace[this[input]];

    /// <summary>Adds a node with one result and gives its name.</summary>
    public string Op(string operation, IReadOnlyList<string> inputs, params IReadOnlyList<(string, object)> attributes) =>
        graph.Add(_value, operation, inputs, 1, attributes)[0];

    /// <summary>Adds a node with several results.</summary>
    public string[] Many(string operation, IReadOnlyList<string> inputs, int outputs, params IReadOnlyList<(string, object)> attributes) =>
        graph.Add(_value, operation, inputs, outputs, attributes);

    /// <summary>A value as numbers of another type.</summary>
    public string Cast(string value, ElementType from, ElementType to) =>
        from == to ? value : Op("Cast", [value], ("to", (long)ExportTypes.NumberOf(to)));

    /// <summary>An input as numbers of a type.</summary>
    public string As(int input, ElementType type) => Cast(this[input], Input(input).Type, type);

    /// <summary>A value in another shape.</summary>
    public string Reshape(string value, IReadOnlyList<ExportSize> sizes)
    {
        bool nothing = sizes.Any(size => size.Count == 0);
        // One size may be left to be found out: no calculation with the number of images is needed then.
        string shape = sizes.Count(size => size.PerImage) == 1 && !nothing
            ? graph.Integers([.. sizes.Select(size => size.PerImage ? -1 : size.Count)]) : graph.Sizes(_value, sizes);
        return Op("Reshape", [value, shape], nothing ? [("allowzero", 1L)] : []);
    }

    /// <summary>A value in another shape of fixed sizes.</summary>
    public string Reshape(string value, params long[] sizes) => Reshape(value, [.. sizes.Select(size => new ExportSize(size, false))]);

    /// <summary>Sizes as a list.</summary>
    public string Sizes(IReadOnlyList<ExportSize> sizes) => graph.Sizes(_value, sizes);

    /// <summary>A part of a dimension.</summary>
    public string Slice(string value, long dim, long start, long end, long step = 1) => Op("Slice",
        [value, graph.Integers(start), graph.Integers(end), graph.Integers(dim), graph.Integers(step)]);

    /// <summary>A tensor for this node alone.</summary>
    public string Constant(string what, Tensor tensor) => graph.Constant($"{_value}/{what}", tensor);

    /// <summary>A pair of sizes, also where one is given for both.</summary>
    public long[] Pair(string name, params long[] fallback)
    {
        long[] values = Attributes.Ints(name, fallback);
        return values.Length == 1 ? [values[0], values[0]] : values;
    }

    /// <summary>The dimensions that an attribute names, counted from the first.</summary>
    public long[] Dimensions(string name) => [.. Attributes.Ints(name).Select(dim => (long)Of.Dimension(dim))];
}
