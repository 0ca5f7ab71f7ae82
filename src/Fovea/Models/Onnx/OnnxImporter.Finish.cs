using Fovea.Models.Graph;
using Fovea.Models.Import;

namespace Fovea.Models.Onnx;

/// <summary>Writes down the graph: nodes by names, tensors, outputs.</summary>
internal sealed partial class OnnxImporter
{
    private const string ExportAgain = "Leave that part out of the network, or write it with other operations, and export again.";

    private ImportedProgram Finish(OnnxGraph graph, OnnxScope scope, OnnxValue.InGraph input, OnnxImages images, IReadOnlyList<string> notes)
    {
        if (graph.Outputs.Count == 0) throw Bad("it has no output");
        var outputs = graph.Outputs.Select(output => Output(output, scope, input)).ToArray();
        Entry[] live = Live(outputs.Select(output => output.Value));
        var weights = new OnnxWeights(_names);
        foreach (Entry entry in live)
        {
            weights.Read(entry.Step);
            if (IsNormalisationFolded(entry)) weights.Mark(entry.Step);
        }
        weights.Finish();
        HashSet<string> maps = [];
        List<(GraphNode, IReadOnlyList<ModuleCall>)> nodes = [];
        var calls = OnnxCalls.Of([.. live.Select(entry => _scopes.Of(entry.Node))]);
        foreach (Entry entry in live)
        {
            foreach (OnnxValue.InGraph made in entry.Made)
            {
                if (made.Name.Length == 0) made.Name = Unique($"{entry.Node.Outputs.FirstOrDefault("")}.{entry.Step.Operator}");
                if (made.Sizes[0].Length is 3 or 4) maps.Add(made.Name);
            }
            nodes.Add((new GraphNode(Operators.Get(entry.Step.Operator), entry.Step.Attributes,
                [.. entry.Step.Inputs.Select(weights.NameOf)], [.. entry.Made.Select(made => made.Name)]),
                calls[nodes.Count]));
        }
        return new ImportedProgram
        {
            Path = _path,
            Nodes = nodes,
            Weights = weights.Weights,
            Tensors = weights.Tensors,
            Images = input.Name,
            ChannelsLast = images.IsLast,
            WholeNumbers = images.IsWhole,
            SizeOfImages = images.IsBound,
            ImageSize = images is { Height: { } height, Width: { } width } ? ((int)height, (int)width) : null,
            Batch = (int?)images.Batch,
            Freed = Freed,
            IsForOne = images.IsAlone,
            Folded = _folder.Count,
            WasTraining = WasTraining,
            Converted = _tensors.Converted,
            Outputs = [.. outputs.Select(output => (output.Name, output.Value?.Name, output.Why, output.Sizes))],
            IsMap = maps.Contains,
            Source = $"ONNX{(_model.Opsets.TryGetValue("", out long opset) ? $" opset {opset}" : "")}"
                + (_model.Producer.Length > 0 ? $", {_model.Producer} {_model.ProducerVersion}".TrimEnd() : ""),
            ExportAgain = ExportAgain,
            Notes = notes,
            NormalisationFolded = [.. live.Where(IsNormalisationFolded).Select(entry => _scopes.PathsOf(entry.Node) is [.., var path]
                ? path : entry.Made[0].Name)],
        };
    }

    private (string Name, OnnxValue.InGraph? Value, string Why, IReadOnlyList<long?> Sizes) Output(
        OnnxValueInfo output, OnnxScope scope, OnnxValue.InGraph input)
    {
        OnnxValue value = scope.Look(output.Name) ?? throw Bad($"nothing makes its output '{output.Name}'");
        switch (value)
        {
            case OnnxValue.InGraph { OfImages: true } found when found != input:
                IReadOnlyList<long?> sizes = [.. Enumerable.Range(0, found.Sizes[0].Length).Select(i =>
                    OnnxSize.Of(Points, point => found.Sizes[point][i]) is { PerImage: false } size ? size.Count : (long?)null)];
                return (output.Name, found, "", sizes);
            case OnnxValue.Refused refused:
                return (output.Name, null, refused.Why, []);
            case OnnxValue.Sequence:
                return (output.Name, null, "it is a list of values", []);
            default:
                return (output.Name, null, ImportedProgram.Constant, []);
        }
    }

    /// <summary>The operations that an output depends on; what the exporter left over is not kept.</summary>
    private Entry[] Live(IEnumerable<OnnxValue?> outputs)
    {
        HashSet<OnnxValue> needed = new(outputs.OfType<OnnxValue>(), ReferenceEqualityComparer.Instance);
        List<Entry> live = [];
        for (int i = _nodes.Count - 1; i >= 0; i--)
        {
            if (!_nodes[i].Made.Any(needed.Contains)) continue;
            live.Add(_nodes[i]);
            foreach (OnnxValue? read in _nodes[i].Step.Inputs)
                if (read is not null) needed.Add(read);
        }
        live.Reverse();
        return [.. live];
    }

    /// <summary>
    /// Whether the batch normalisation after a convolution or a linear layer was multiplied into it: PyTorch's exporters give the weights away, the newer one
    /// by the rule that made the node and a bias called after the weight, the older one by names that are the operator's.
    /// </summary>
    private static bool IsNormalisationFolded(Entry entry) => entry.Step.Operator switch
    {
        "conv2d" or "conv_transpose2d" => entry.Step.Inputs[1] is OnnxValue.Known weight
            && OnnxWeights.IsNormalisationFolded(entry.Step, entry.Node, weight),
        "linear" or "matmul" or "addmm" => OnnxWeights.WasFused(entry.Node),
        _ => false,
    };
}
