using System.Globalization;
using Fovea.Checkpoints;
using Fovea.Models.Graph;

namespace Fovea.Models;

/// <summary>A network's graph as a document, for networks that the catalogue does not build.</summary>
internal static class GraphFile
{
    /// <summary>The document of a graph.</summary>
    public static GraphDocument Of(NetworkGraph graph) => new()
    {
        Name = graph.Name,
        Input = graph.Input,
        Output = graph.Output,
        FixedBatch = graph.FixedBatch,
        Nodes = [.. graph.Nodes.Select(
            node => new GraphNodeEntry(node.Operator.Name, [.. node.Attributes.Select(Entry)], node.Inputs, node.Outputs))],
        Weights = [.. graph.Weights.Select(
            weight => new GraphWeightEntry(
                weight.Name, weight.Shape, weight.Kind.ToString().ToLowerInvariant(), weight.Type.SafetensorsName()))],
        Layers = [.. graph.Layers.Select(
            layer => new GraphLayerEntry(layer.Name, layer.Value, layer.Kind, layer.HasPositions ? null : false))],
    };

    /// <summary>The graph of a document.</summary>
    /// <exception cref="FoveaException">An operator is not in the catalogue, or the parts do not fit each other.</exception>
    public static NetworkGraph Read(GraphDocument document) => new(document.Name, document.Input, document.Output,
        [.. document.Nodes.Select(node => new GraphNode(Operators.Get(node.Operator), Attributes(node), node.Inputs, node.Outputs))],
        [.. document.Weights.Select(Weight)],
        [.. document.Layers.Select(
            layer => new GraphLayer(layer.Name, layer.Value, layer.Kind) { HasPositions = layer.Positions ?? true })])
    {
        FixedBatch = document.FixedBatch is null or > 0
            ? document.FixedBatch : throw FoveaException.BadData($"{document.Name}: {document.FixedBatch} images cannot be run together."),
    };

    private static GraphAttributeEntry Entry(KeyValuePair<string, object> attribute) => attribute.Value switch
    {
        long whole => new(attribute.Key, whole, null, null, null, null),
        double number => new(attribute.Key, null, number.ToString("R", CultureInfo.InvariantCulture), null, null, null),
        bool flag => new(attribute.Key, null, null, flag, null, null),
        string text => new(attribute.Key, null, null, null, text, null),
        var many => new(attribute.Key, null, null, null, null, (long[])many),
    };

    private static OperatorAttributes Attributes(GraphNodeEntry node)
    {
        if (node.Attributes.CountBy(one => one.Name).FirstOrDefault(pair => pair.Value > 1).Key is { } twice)
            throw FoveaException.BadData($"An attribute of {node.Operator} stands twice: {twice}.");
        var attributes = new OperatorAttributes();
        foreach (GraphAttributeEntry one in node.Attributes)
        {
            attributes[one.Name] = one switch
            {
                { Whole: { } whole } => whole,
                { Number: { } number } => double.TryParse(number, CultureInfo.InvariantCulture, out double value)
                    ? value : throw Unreadable(node, one),
                { Flag: { } flag } => flag,
                { Text: { } text } => text,
                { Wholes: { } many } => many.ToArray(),
                _ => throw Unreadable(node, one),
            };
        }
        return attributes;
    }

    private static GraphWeight Weight(GraphWeightEntry entry) =>
        Enum.TryParse(entry.Kind, ignoreCase: true, out WeightKind kind) && Enum.IsDefined(kind)
            && ElementTypes.TryParseSafetensors(entry.Type, out ElementType type)
            && entry.Shape.All(size => size >= 0)
            ? new GraphWeight(entry.Name, entry.Shape, kind) { Type = type }
            : throw FoveaException.BadData(
                $"The tensor {entry.Name} of a network is a "
                    + $"{entry.Kind} of {entry.Type} [{string.Join(", ", entry.Shape)}], which cannot be.");

    private static FoveaException Unreadable(GraphNodeEntry node, GraphAttributeEntry attribute) =>
        FoveaException.BadData($"The attribute {attribute.Name} of {node.Operator} has no value that can be read.");
}
