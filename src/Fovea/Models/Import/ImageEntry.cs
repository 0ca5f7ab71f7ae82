using Fovea.Models.Graph;

namespace Fovea.Models.Import;

/// <summary>
/// How images enter a graph. Everything here gives them as <c>[N, 3, H, W]</c>; where a file takes them as <c>[N, H, W, 3]</c>, their axes
/// are moved first. Where the file's own first steps move them back, as exports of TensorFlow and Keras do, neither is left, and the graph
/// is that of a network with colours first.
/// </summary>
internal static class ImageEntry
{
    private static readonly long[] ToLast = [0, 2, 3, 1], ToFirst = [0, 3, 1, 2];

    /// <summary>The program's nodes, for images with colours first.</summary>
    public static IReadOnlyList<(GraphNode Node, IReadOnlyList<ModuleCall> Modules)> Of(ImportedProgram program)
    {
        if (!program.ChannelsLast && !program.WholeNumbers) return program.Nodes;
        HashSet<string> taken = [.. program.Nodes.SelectMany(one => one.Node.Outputs), .. program.Weights.Select(weight => weight.Name)];
        HashSet<string> given = [.. program.Outputs.Select(one => one.Value).OfType<string>()];
        string last = program.Images;
        if (program.ChannelsLast) while (taken.Contains(last) || last == program.Images) last += ".last";
        var instead = new Dictionary<string, string>(StringComparer.Ordinal) { [program.Images] = last };
        List<(GraphNode Node, IReadOnlyList<ModuleCall> Modules)> nodes = [];
        foreach (var (node, modules) in program.Nodes)
        {
            if (node.Inputs is [var read] && instead.TryGetValue(read, out string? images) && !given.Contains(node.Outputs[0])
                && After(node, images, last, program.Images) is { } same)
            {
                instead[node.Outputs[0]] = same;
                continue;
            }
            nodes.Add((node with { Inputs = [.. node.Inputs.Select(input => instead.GetValueOrDefault(input, input))] }, modules));
        }
        if (last != program.Images && nodes.Any(one => one.Node.Inputs.Contains(last)))
        {
            nodes.Insert(0, (new GraphNode(Operators.Get("permute"), new() { ["dims"] = ToLast }, [program.Images], [last]), []));
        }
        return nodes;
    }

    /// <summary>Which of the two a node gives that reads one of them; null: neither.</summary>
    private static string? After(GraphNode node, string images, string last, string first) => node.Operator.Name switch
    {
        "identity" => images,
        // Images are float32 whatever the file says they are.
        "to" when node.Attributes.Text("type") == "float32" => images,
        "permute" when images == last && last != first && Whole(node.Attributes.Ints("dims")).SequenceEqual(ToFirst) => first,
        _ => null,
    };

    private static IEnumerable<long> Whole(long[] dims) => dims.Select(dim => dim < 0 ? dim + dims.Length : dim);
}
