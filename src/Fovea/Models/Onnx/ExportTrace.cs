using Fovea.Checkpoints;
using Fovea.Models.Graph;
using Fovea.Models.Torch;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>A size of a value: a number, or so many for each image.</summary>
internal readonly record struct ExportSize(long Count, bool PerImage);

/// <summary>What is known of a value: its sizes and the type of its numbers.</summary>
internal sealed record ExportedValue(IReadOnlyList<ExportSize> Sizes, ElementType Type)
{
    public int Rank => Sizes.Count;

    /// <summary>The place of a dimension that may be counted from the end.</summary>
    public int Dimension(long dim) => (int)(dim < 0 ? dim + Rank : dim);

    /// <summary>A size that no number of images changes.</summary>
    /// <exception cref="ExportRefusedException">It depends on them.</exception>
    public long Fixed(long dim) => Sizes[Dimension(dim)] is { PerImage: false } size
        ? size.Count : throw new ExportRefusedException($"its dimension {dim} depends on the number of images");
}

/// <summary>
/// Sizes and types of all values that a network's answer, or another value of it, depends on, found by running it on images of zeros: two of them and three, so
/// that sizes that follow the number of images show.
/// </summary>
internal sealed class ExportTrace
{
    private readonly Dictionary<string, ExportedValue> _values = new(StringComparer.Ordinal);

    private ExportTrace(NetworkGraph graph, IReadOnlyList<int> nodes) => Nodes = [.. nodes.Select(node => graph.Nodes[node])];

    /// <summary>The nodes that it depends on, in order.</summary>
    public IReadOnlyList<GraphNode> Nodes { get; }

    /// <summary>What is known of a value or a weight.</summary>
    public ExportedValue this[string value] => _values[value];

    /// <summary>Whether it depends on a value.</summary>
    public bool Has(string value) => _values.ContainsKey(value);

    /// <summary>Follows a network for images of a size, as far as what is asked for needs it.</summary>
    public static ExportTrace Of(
        NetworkGraph graph, ImageModel model, Probe probe, int height, int width, CancellationToken cancellation)
    {
        var plan = new ForwardPlan(graph, probe);
        var trace = new ExportTrace(graph, [.. plan.Steps.Select(step => step.Node)]);
        int few = graph.FixedBatch ?? 2, more = graph.FixedBatch ?? 3;
        var first = Run(graph, model, plan, few, height, width, cancellation);
        var second = few == more ? first : Run(graph, model, plan, more, height, width, cancellation);
        foreach (var (name, (shape, type)) in first)
            trace._values[name] = new ExportedValue(Sizes(name, shape, few, second[name].Shape, more), type);
        foreach (var (name, weight) in model.State)
            trace._values[name] = new ExportedValue([.. weight.shape.Select(size => new ExportSize(size, false))],
                ElementTypes.Of(weight.dtype));
        return trace;
    }

    private static Dictionary<string, (long[] Shape, ElementType Type)> Run(
        NetworkGraph graph, ImageModel model, ForwardPlan plan, int images, int height, int width, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var mode = new ForwardMode();
        var engine = new TorchEngine(graph, model.State, mode);
        Tensor?[] values = engine.Start();
        var seen = new Dictionary<string, (long[] Shape, ElementType Type)>(StringComparer.Ordinal);
        Put(0, zeros([images, 3, height, width], dtype: TypeOf(model), device: model.Device));
        foreach (ForwardPlan.Step step in plan.Steps)
        {
            cancellation.ThrowIfCancellationRequested();
            Tensor[] made = engine.Apply(step, values, images);
            for (int i = 0; i < made.Length; i++)
                if (i < step.Outputs.Length && step.Outputs[i] >= 0) Put(step.Outputs[i], made[i]);
                else made[i].Dispose();
            TorchEngine.Free(step, values);
        }
        return seen;

        void Put(int value, Tensor tensor)
        {
            values[value] = tensor;
            seen[graph.NameOf(value)] = (tensor.shape, ElementTypes.Of(tensor.dtype));
        }
    }

    /// <summary>Single numbers, unless the network calculates in another type.</summary>
    private static ScalarType TypeOf(ImageModel model) =>
        model.Parameters.Values.FirstOrDefault(weight => weight.is_floating_point())?.dtype ?? ScalarType.Float32;

    private static ExportSize[] Sizes(string value, long[] one, int few, long[] other, int more)
    {
        if (one.Length != other.Length)
            throw FoveaException.BadData($"{value} has other dimensions for {few} images than for {more}: it cannot be written as ONNX.");
        return [.. one.Zip(other, (a, b) => a == b ? new ExportSize(a, false)
            : a % few == 0 && b % more == 0 && a / few == b / more ? new ExportSize(a / few, true)
            : throw FoveaException.BadData(
                $"A size of {value} is {a} for {few} images and {b} for {more}: only multiples of their number can be written as ONNX."))];
    }
}
