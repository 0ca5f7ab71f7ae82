using System.Globalization;
using Fovea.Checkpoints;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>A node of an ONNX graph.</summary>
internal sealed record ExportNode(
    string Operator, IReadOnlyList<string> Inputs, string[] Outputs, IReadOnlyList<(string Name, object Value)> Attributes);

/// <summary>
/// A graph in ONNX's terms while it is put together: nodes, and tensors with names. Names that the network has are kept; what is made
/// beside them is called after the value that it is made for, <c>layer1.0.relu/Mul</c>.
/// </summary>
internal sealed class ExportGraph
{
    private readonly HashSet<string> _names;
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _shared = new(StringComparer.Ordinal);
    private readonly List<ExportNode> _nodes = [];
    private readonly string _input;
    private string? _images;

    /// <param name="names">The network's own names, which nothing else may get.</param>
    /// <param name="input">The name of the images.</param>
    public ExportGraph(IEnumerable<string> names, string input)
    {
        _names = new HashSet<string>(names, StringComparer.Ordinal) { "" };
        _input = input;
    }

    /// <summary>The nodes so far, in order.</summary>
    public IReadOnlyList<ExportNode> Nodes => _nodes;

    /// <summary>The tensors so far; they belong to the caller's dispose scope.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    /// <summary>Adds a node that makes values which get names of their own.</summary>
    /// <param name="forValue">The value of the network that it helps to make.</param>
    /// <param name="operation">ONNX's name of the operator.</param>
    /// <param name="inputs">What it reads; an empty name is an absent input.</param>
    /// <param name="outputs">How many values it makes.</param>
    /// <param name="attributes">Its attributes: <see cref="long"/>, <see cref="float"/>, text, lists of the first.</param>
    public string[] Add(
        string forValue, string operation, IReadOnlyList<string> inputs, int outputs, IReadOnlyList<(string, object)> attributes)
    {
        int count = inputs.Count;
        while (count > 0 && inputs[count - 1].Length == 0) count--;
        string[] made = [.. Enumerable.Range(0, outputs).Select(_ => Free($"{forValue}/{operation}"))];
        _nodes.Add(new ExportNode(operation, [.. inputs.Take(count)], made, attributes));
        return made;
    }

    /// <summary>Gives what was made from a node on the network's own name, by a node of its own if somebody reads it already.</summary>
    /// <param name="start">The number of nodes before those that make it.</param>
    /// <param name="made">The name so far.</param>
    /// <param name="value">The network's name.</param>
    public void Name(int start, string made, string value)
    {
        ExportNode? maker = _nodes.Skip(start).FirstOrDefault(node => node.Outputs.Contains(made));
        if (maker is null || _nodes.Skip(start).Any(node => node.Inputs.Contains(made)))
            _nodes.Add(new ExportNode("Identity", [made], [value], []));
        else
            maker.Outputs[Array.IndexOf(maker.Outputs, made)] = value;
    }

    /// <summary>A tensor of the network under its own name.</summary>
    public void Weight(string name, Tensor tensor) => _tensors.Add(name, tensor);

    /// <summary>A tensor that the network has no name for.</summary>
    public string Constant(string name, Tensor tensor)
    {
        name = Free(name);
        _tensors.Add(name, tensor);
        return name;
    }

    /// <summary>A list of whole numbers, in the file once.</summary>
    public string Integers(params long[] values) => Once($"integers/{string.Join(',', values)}", () => tensor(values, dtype: int64));

    /// <summary>A number without dimensions, in the file once.</summary>
    public string Scalar(double value, ElementType type) => Once(
        $"{type.TorchName()}/{value.ToString("R", CultureInfo.InvariantCulture)}", () => full([], value, dtype: type.ToScalarType()));

    /// <summary>A list of one number for each channel, in the file once.</summary>
    public string Channels(double value, long channels, ElementType type) => Once(
        string.Create(CultureInfo.InvariantCulture, $"{type.TorchName()}/{value:R}x{channels}"),
        () => full([channels], value, dtype: type.ToScalarType()));

    /// <summary>The number of images, a list of one whole number.</summary>
    public string Images =>
        _images ??= Add(_input, "Shape", [_input], 1, [("start", 0L), ("end", 1L)])[0];

    /// <summary>Sizes as a list of whole numbers, calculated from the number of images where they depend on it.</summary>
    public string Sizes(string forValue, IReadOnlyList<ExportSize> sizes)
    {
        if (sizes.All(size => !size.PerImage)) return Integers([.. sizes.Select(size => size.Count)]);
        List<string> parts = [];
        for (int i = 0; i < sizes.Count;)
        {
            long[] fixedSizes = [.. sizes.Skip(i).TakeWhile(size => !size.PerImage).Select(size => size.Count)];
            if (fixedSizes.Length > 0) parts.Add(Integers(fixedSizes));
            i += fixedSizes.Length;
            if (i == sizes.Count) break;
            long each = sizes[i++].Count;
            parts.Add(each == 1 ? Images : Add(forValue, "Mul", [Images, Integers(each)], 1, [])[0]);
        }
        return parts.Count == 1 ? parts[0] : Add(forValue, "Concat", parts, 1, [("axis", 0L)])[0];
    }

    private string Once(string key, Func<Tensor> make) =>
        _shared.TryGetValue(key, out string? name) ? name : _shared[key] = Constant(key, make());

    private string Free(string name)
    {
        string free = name;
        for (int i = 2; !_names.Add(free); i++) free = string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
        return free;
    }
}
