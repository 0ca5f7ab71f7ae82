using Fovea.Checkpoints;
using Fovea.Models.Graph;

namespace Fovea.Models.Import;

/// <summary>A graph before a graph: what images go through first where that is a network's file too.</summary>
internal static class GraphBefore
{
    private const string Prefix = "preprocess.";

    /// <summary>
    /// One network of both; both are disposed. Names of the first one get a mark, it has no layers, and nothing of it is learned.
    /// </summary>
    /// <exception cref="FoveaException">What the first one gives is not what the second one takes.</exception>
    public static ImportedNetwork Join(ImportedNetwork before, ImportedNetwork network)
    {
        using (before)
        using (network)
        {
            Require(before, network);
            NetworkGraph first = before.Graph, second = network.Graph;
            HashSet<string> taken = [.. second.Nodes.SelectMany(node => node.Outputs), .. second.Weights.Select(weight => weight.Name),
                .. second.Layers.Select(layer => layer.Name), second.Input];
            Dictionary<string, string> names = new(StringComparer.Ordinal) { [""] = "", [first.Input] = second.Input };
            foreach (string name in first.Weights.Select(weight => weight.Name).Concat(first.Nodes.SelectMany(node => node.Outputs)))
            {
                if (name.Length == 0) continue;
                string free = Prefix + name;
                while (!taken.Add(free)) free += "'";
                names[name] = free;
            }
            string made = names[first.Output];
            GraphNode[] turned = [];
            if (IsLast(before))
            {
                string free = Prefix + "colours_first";
                while (!taken.Add(free)) free += "'";
                turned = [new GraphNode(Operators.Get("permute"), new() { ["dims"] = new long[] { 0, 3, 1, 2 } }, [made], [free])];
                made = free;
            }
            var graph = new NetworkGraph(second.Name, second.Input, second.Output,
                [.. first.Nodes.Select(node => node with { Inputs = [.. node.Inputs.Select(name => names[name])],
                    Outputs = [.. node.Outputs.Select(name => names[name])] }), .. turned,
                    .. second.Nodes.Select(
                        node => node with { Inputs = [.. node.Inputs.Select(name => name == second.Input ? made : name)] })],
                [.. second.Weights, .. first.Weights.Select(weight => new GraphWeight(names[weight.Name], weight.Shape, WeightKind.Constant)
                {
                    Type = weight.Type
                })], second.Layers)
            {
                FixedBatch = first.FixedBatch ?? second.FixedBatch,
            };
            return new ImportedNetwork
            {
                Graph = graph,
                Weights = new StateDict(network.Weights.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.clone()))
                    .Concat(before.Weights.Select(pair => KeyValuePair.Create(names[pair.Key], pair.Value.clone())))),
                ImageSize = before.ImageSize ?? network.ImageSize,
                SizeOfImages = before.SizeOfImages || network.SizeOfImages,
                ChannelsLast = before.ChannelsLast,
                WholeNumbers = before.WholeNumbers,
                Outputs = network.Outputs,
                Source = network.Source,
                Notes = [.. network.Notes, $"Images go through {first.Name} first: it takes them as [data] prepares them.",
                    .. before.Notes.Select(note => $"{first.Name}: {note}")],
                Answer = network.Answer,
                Folded = network.Folded + before.Folded,
                ExportedBatch = network.ExportedBatch,
                NormalisationFolded = network.NormalisationFolded,
            };
        }
    }

    private static NetworkOutput MadeBy(ImportedNetwork before) => before.Outputs.First(one => one.Value == before.Graph.Output);

    /// <summary>Whether it gives images with colours last.</summary>
    private static bool IsLast(ImportedNetwork before) => MadeBy(before).Shape is [not 3, _, 3];

    private static void Require(ImportedNetwork before, ImportedNetwork network)
    {
        NetworkOutput made = MadeBy(before);
        int rows = IsLast(before) ? 0 : 1;
        bool fits = made.Shape is [] || ((made.Shape is [3, _, _] || IsLast(before))
            && (network.ImageSize is not { } size || (made.Shape[rows] == size.Height && made.Shape[rows + 1] == size.Width)));
        if (!fits)
            throw FoveaException.BadData(
                $"{before.Graph.Name} gives [{string.Join(", ", made.Shape)}] and {network.Graph.Name} takes images of "
                + $"3 × {network.ImageSize?.Height} × {network.ImageSize?.Width}: a graph before a network gives images.");
        if (before.Graph.FixedBatch is { } one && network.Graph.FixedBatch is { } other && one != other)
            throw FoveaException.BadData($"{before.Graph.Name} takes {one} images together and {network.Graph.Name} {other}: export one of "
                + "them with the number of images left open.");
    }
}
