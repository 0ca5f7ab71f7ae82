using Fovea.Checkpoints;
using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>The tensors of a graph with their names and kinds.</summary>
internal sealed class OnnxWeights(HashSet<string> names)
{
    private static readonly HashSet<string> Learned =
    [
        "conv2d", "conv_transpose2d", "linear", "batch_norm", "layer_norm", "group_norm", "instance_norm", "prelu", "addmm", "matmul",
    ];

    private static readonly HashSet<string> LearnedAsAWhole = ["add", "mul", "cat", "expand"];

    private const string FoldedMark = "folded.";
    private readonly Dictionary<OnnxValue.Known, WeightKind> _kinds = new(ReferenceEqualityComparer.Instance);
    private readonly List<OnnxValue.Known> _order = [];
    private readonly Dictionary<OnnxValue.Known, string> _marked = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<OnnxValue, string> _names = new(ReferenceEqualityComparer.Instance);

    public List<GraphWeight> Weights { get; } = [];

    public Dictionary<string, Tensor> Tensors { get; } = new(StringComparer.Ordinal);

    public static bool IsNormalisationFolded(OnnxStep step, OnnxNode node, OnnxValue.Known weight) =>
        WasFused(node)
        || step.Inputs.ElementAtOrDefault(2) is OnnxValue.Known bias && bias.Name == weight.Name + "_bias"
        || weight.Name.StartsWith("onnx::Conv", StringComparison.Ordinal);

    /// <summary>Whether the newer exporter says that it multiplied a batch normalisation into what a node multiplies with.</summary>
    public static bool WasFused(OnnxNode node) => node.Notes.Values.Any(note => note.Contains("FuseBatchNormInto", StringComparison.Ordinal));

    /// <summary>Notes what a step reads.</summary>
    public void Read(OnnxStep step)
    {
        for (int i = 0; i < step.Inputs.Count; i++)
        {
            if (step.Inputs[i] is not OnnxValue.Known known) continue;
            WeightKind kind = Kind(step, i, known);
            if (_kinds.TryAdd(known, kind)) _order.Add(known);
            else if (kind < _kinds[known]) _kinds[known] = kind;
        }
    }

    /// <summary>Marks the tensors of a convolution or a linear layer that hold a batch normalisation too: they are not those of the network's own names.</summary>
    public void Mark(OnnxStep step)
    {
        foreach (OnnxValue? read in step.Inputs.Skip(1))
        {
            if (read is not OnnxValue.Known { Name.Length: > 0 } known || _marked.ContainsKey(known)) continue;
            string name = known.Name.EndsWith(".weight_bias", StringComparison.Ordinal)
                ? known.Name[..^"weight_bias".Length] + "bias" : known.Name;
            int last = name.LastIndexOf('.') + 1;
            _marked[known] = name[..last] + FoldedMark + name[last..];
        }
    }

    public void Finish()
    {
        int constants = 0;
        foreach (OnnxValue.Known known in _order)
        {
            string name = _marked.GetValueOrDefault(known) ?? known.Name;
            if (name.Length == 0) name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"constant.{constants++}");
            while (Tensors.ContainsKey(name)) name += "'";
            names.Add(name);
            Tensor numbers = known.At(0).contiguous();
            Tensors[name] = numbers;
            _names[known] = name;
            Weights.Add(new GraphWeight(name, numbers.shape, _kinds[known])
            {
                Type = ElementTypes.Of(numbers.dtype),
                IsCalculated = IsCalculated(known),
            });
        }
    }

    public string NameOf(OnnxValue? value) => value switch
    {
        null => "",
        OnnxValue.InGraph graph => graph.Name,
        _ => _names[value],
    };

    private static bool IsCalculated(OnnxValue.Known known)
    {
        while (known.Origin is { } step)
        {
            if (!HeadReplacement.OnlyTurns(step.Operator)) return true;
            if (step.Inputs[0] is not OnnxValue.Known before) return false;
            known = before;
        }
        return false;
    }

    private static WeightKind Kind(OnnxStep step, int input, OnnxValue.Known known)
    {
        if (!known.At(0).is_floating_point()) return WeightKind.Constant;
        if (known.IsBuffer || step.Operator == "batch_norm" && input is 3 or 4) return WeightKind.Buffer;
        if (Learned.Contains(step.Operator)) return WeightKind.Parameter;
        return known.IsOfFile && LearnedAsAWhole.Contains(step.Operator) && known.At(0).numel() > 1
            ? WeightKind.Parameter : WeightKind.Constant;
    }
}
