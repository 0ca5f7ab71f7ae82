using Fovea.Models.Graph;

namespace Fovea.Models;

/// <summary>
/// The last layer of a classifier, which gives each class its number: a linear layer, or a 1 × 1 convolution whose map is pooled (as in
/// SqueezeNet). Found by walking back from the answer through what only reshapes, pools or scales it.
/// </summary>
internal sealed class ClassifierHead
{
    /// <summary>Operations through which a class's number stays that class's.</summary>
    private static readonly HashSet<string> Passing =
    [
        "dropout", "identity", "to", "flatten", "reshape", "unflatten", "squeeze", "unsqueeze", "select", "mean", "adaptive_avg_pool2d", "avg_pool2d",
        "adaptive_max_pool2d", "amax", "mul", "div", "sum",
    ];

    /// <summary>Operations that make probabilities of classes' numbers.</summary>
    private static readonly HashSet<string> Probabilities = ["softmax", "log_softmax", "sigmoid"];

    private static readonly HashSet<string> Activations = ["relu", "relu6", "leaky_relu", "hardtanh"];

    private ClassifierHead(
        GraphNode node, string logits, GraphNode? offset, IReadOnlyList<GraphNode> after, IReadOnlyList<string> dropped) =>
        (Node, Logits, Offset, After, Dropped) = (node, logits, offset, after, dropped);

    /// <summary>The node.</summary>
    public GraphNode Node { get; }

    /// <summary>The value that is the classes' numbers: the answer, or what probabilities are made of.</summary>
    public string Logits { get; }

    /// <summary>A sum that adds its bias; null where the node does that itself or there is none.</summary>
    public GraphNode? Offset { get; }

    /// <summary>What follows it on the way to <see cref="Logits"/>.</summary>
    public IReadOnlyList<GraphNode> After { get; }

    /// <summary>The values that make probabilities of the numbers, the last first.</summary>
    public IReadOnlyList<string> Dropped { get; }

    /// <summary>Whether it is a convolution.</summary>
    public bool IsConvolution => Node.Operator == Operators.Conv2d;

    /// <summary>What it reads.</summary>
    public string Input => Node.Inputs[IsAddmm(Node) ? 1 : 0];

    /// <summary>What it multiplies that with.</summary>
    public string Factor => Node.Inputs[IsAddmm(Node) ? 2 : 1];

    /// <summary>Whether a number is added to each class's.</summary>
    public bool HasBias => Offset is not null || IsAddmm(Node) || (Node.Inputs.Count > 2 && Node.Inputs[2].Length > 0);

    /// <summary>The layer's name, that of its value where it has none.</summary>
    public string NameIn(NetworkGraph graph) =>
        graph.Layers.FirstOrDefault(layer => layer.Value == Node.Outputs[0] && layer.Kind != GraphLayer.Block)?.Name ?? Node.Outputs[0];

    /// <summary>The last layer of a network.</summary>
    /// <exception cref="FoveaException">There is none, or several; the message says what stands there.</exception>
    public static ClassifierHead Of(NetworkGraph graph) => Search(graph, graph.Output) switch
    {
        { Head: { } head } => head,
        { Problem: var problem } => throw FoveaException.BadConfiguration($"{graph.Name} has no single last linear layer: {problem}"),
    };

    /// <summary>The same; null where there is none, or several.</summary>
    public static ClassifierHead? Find(NetworkGraph graph) => Search(graph, graph.Output).Head;

    private static (ClassifierHead? Head, string Problem) Search(NetworkGraph graph, string value)
    {
        bool[] images = GraphCut.OfImages(graph);
        List<GraphNode> after = [];
        List<string> dropped = [];
        string logits = value;
        GraphNode? offset = null;
        while (true)
        {
            if (graph.Producer(value) is not { } node) return (null, "its answer is no layer's.");
            string[] read = [.. node.Inputs.Where(input => input.Length > 0 && images[graph.ValueOf(input)])];
            string name = node.Operator.Name;
            string where = $"{value} ({name})";
            if (name is "linear" or "matmul" or "addmm" && node.Inputs.Count > 1 && read.Length == 1)
            {
                var head = new ClassifierHead(node, logits, offset, after, dropped);
                if (head.Input != read[0])
                    return (null, $"{where} multiplies weights by what comes from the images, not the other way round.");
                return after.FirstOrDefault(one => Activations.Contains(one.Operator.Name)) is { } activation
                    ? (null, $"{activation.Operator.Name} follows {where}: this is no classifier's end.") : (head, "");
            }
            if (node.Operator == Operators.Conv2d)
            {
                return node.Attributes.Ints("kernel").All(size => size == 1) && node.Attributes.Int("groups", 1) == 1
                    ? (new ClassifierHead(node, logits, offset, after, dropped), "")
                    : (null, $"the last layer that is learned is {where}, a convolution of windows.");
            }
            if (read.Length > 1)
            {
                string[] heads = [.. read.Distinct().Select(one => Search(graph, one).Head).OfType<ClassifierHead>()
                    .Select(head => head.NameIn(graph)).Distinct()];
                return (null, heads.Length > 1
                    ? $"there are {heads.Length}, {string.Join(" and ", heads)}, which {where} puts together."
                    : $"its answer is made by {where} of {string.Join(" and ", read)}.");
            }
            if (after.Count == 0 && Probabilities.Contains(name))
            {
                dropped.Add(value);
                logits = read[0];
            }
            else
            {
                bool isBias = node.Operator == Operators.Sum && read.Length == 1 && node.Inputs.Count == 2 && offset is null;
                if (isBias) offset = node;
                else if (!Passing.Contains(name) && !Activations.Contains(name))
                    return (null, $"the last thing that is learned or mixes classes is {where}.");
                else offset = null;
                after.Add(node);
            }
            if (read.Length == 0) return (null, "its answer does not depend on the images.");
            value = read[0];
        }
    }

    private static bool IsAddmm(GraphNode node) => node.Operator.Name == "addmm";
}
