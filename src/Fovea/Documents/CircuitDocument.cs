using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>
/// A circuit: nodes of two layers, what each adds to what is explained and through which of the later ones, and what is left of it when all
/// else is taken out: <c>circuit.json</c>. Definitions in docs/reference/metrics.md.
/// </summary>
public sealed record CircuitDocument : ICheckedDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "circuit.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>What is explained.</summary>
    public required CircuitTargetRecord Target { get; init; }

    /// <summary>The earlier layer.</summary>
    public required CircuitLayerRecord From { get; init; }

    /// <summary>The later layer.</summary>
    public required CircuitLayerRecord To { get; init; }

    /// <summary>What ablated nodes become: <c>zero</c> or <c>mean</c>, over training vectors.</summary>
    public required string Baseline { get; init; }

    /// <summary>What nodes and edges were ranked by: <c>gradient</c> or <c>integrated</c>.</summary>
    public required string Ranking { get; init; }

    /// <summary>Points at which integrated gradients were taken.</summary>
    public required int IntegrationSteps { get; init; }

    /// <summary>Images that nodes and edges were chosen on.</summary>
    public required int ChosenOn { get; init; }

    /// <summary>Images that everything was measured on.</summary>
    public required int Images { get; init; }

    /// <summary>Whether these are others than those it was chosen on.</summary>
    public required bool HeldOut { get; init; }

    /// <summary>The seed of random graphs and intervals.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Random graphs that are averaged beside it.</summary>
    public required int RandomGraphs { get; init; }

    /// <summary>What is explained with nothing taken out.</summary>
    public required EffectEstimate Whole { get; init; }

    /// <summary>What of it is left with everything taken out.</summary>
    public required EffectEstimate Nothing { get; init; }

    /// <summary>The nodes, that with the largest attribution first.</summary>
    public required IReadOnlyList<CircuitNodeRecord> Nodes { get; init; }

    /// <summary>The edges between nodes, and from the last layer's to what is explained.</summary>
    public required IReadOnlyList<CircuitEdgeRecord> Edges { get; init; }

    /// <summary>Faithfulness and completeness by the number of nodes: of the <c>circuit</c>, of <c>neurons</c>, at <c>random</c>.</summary>
    public required IReadOnlyList<CircuitCurveRecord> Curves { get; init; }

    /// <summary>Faithfulness where also every edge that is not drawn is cut; null where a unit is explained.</summary>
    public EffectEstimate? EdgeFaithfulness { get; init; }

    /// <summary>What the test found, of <see cref="CircuitFindings"/>.</summary>
    public required IReadOnlyList<string> Findings { get; init; }

    /// <summary>Whether the circuit survived the test: no finding is one that it fails by.</summary>
    [JsonIgnore]
    public bool Survives => !Findings.Any(CircuitFindings.Fatal.Contains);

    /// <inheritdoc/>
    public string? Inconsistency()
    {
        if (Nodes.Any(node => node.Layer != From.Layer && node.Layer != To.Layer)) return "a node is of neither layer";
        if (Edges.Any(edge => edge.From < 0 || edge.From >= Nodes.Count || edge.To is { } to && (to < 0 || to >= Nodes.Count)))
            return "an edge ends at no node";
        if (Edges.Any(edge => edge.To is { } to && (Nodes[edge.From].Layer != From.Layer || Nodes[to].Layer != To.Layer)))
            return "an edge does not lead from the earlier layer to the later one";
        return Nodes.Any(node => node.Unit < 0) ? "a node's unit is below 0" : null;
    }
}

/// <summary>What a circuit explains.</summary>
/// <param name="Kind"><c>class</c> (on its images), <c>image</c> (a class on one image) or <c>unit</c>.</param>
/// <param name="Name">In words: the class's name, the image, the unit's number.</param>
/// <param name="Class">The class whose logit it is; null for a unit.</param>
/// <param name="Versus">The class whose logit is subtracted; null: none.</param>
/// <param name="VersusName">Its name.</param>
/// <param name="Unit">The unit of the later layer, whose mean over positions it is; null for a class.</param>
public sealed record CircuitTargetRecord(string Kind, string Name, int? Class, int? Versus, string? VersusName, int? Unit);

/// <summary>A layer of a circuit.</summary>
/// <param name="Layer">Its name.</param>
/// <param name="Source"><c>neurons</c>, or the dictionary's name.</param>
/// <param name="Units">Units of it.</param>
public sealed record CircuitLayerRecord(string Layer, string Source, int Units);

/// <summary>A node.</summary>
/// <param name="Layer">Its layer.</param>
/// <param name="Unit">The unit; null: what the dictionary does not explain.</param>
/// <param name="Gradient">What it adds by derivative times difference, on the images it was chosen on.</param>
/// <param name="Integrated">The same by integrated gradients.</param>
/// <param name="Effect">What it adds, measured: with nothing taken out less without it, all that follows run anew.</param>
/// <param name="Verdict">Of <see cref="CircuitVerdicts"/>.</param>
public sealed record CircuitNodeRecord(string Layer, int? Unit, double Gradient, double Integrated, EffectEstimate Effect, string Verdict);

/// <summary>An edge.</summary>
/// <param name="From">The place of the node that it leaves.</param>
/// <param name="To">The place of the node that it enters; null: what is explained.</param>
/// <param name="Gradient">What goes through it by derivative times difference, on the images it was chosen on.</param>
/// <param name="Integrated">The same by integrated gradients.</param>
/// <param name="Effect">What goes through it, measured: with nothing taken out less with this edge cut, all else held.</param>
/// <param name="Verdict">Of <see cref="CircuitVerdicts"/>.</param>
public sealed record CircuitEdgeRecord(int From, int? To, double Gradient, double Integrated, EffectEstimate Effect, string Verdict);

/// <summary>Graphs by size.</summary>
/// <param name="Name"><c>circuit</c>, <c>neurons</c> or <c>random</c>.</param>
/// <param name="Points">By the number of nodes, ascending.</param>
public sealed record CircuitCurveRecord(string Name, IReadOnlyList<CircuitPoint> Points);

/// <summary>The first nodes of a graph.</summary>
/// <param name="Nodes">How many.</param>
/// <param name="Faithfulness">Where they alone are left: (that − nothing) / (whole − nothing).</param>
/// <param name="Completeness">The faithfulness of all others: near 0 where nothing is missing.</param>
public sealed record CircuitPoint(int Nodes, EffectEstimate Faithfulness, EffectEstimate Completeness);

/// <summary>What cutting an edge or taking out a node says of its attribution.</summary>
public static class CircuitVerdicts
{
    /// <summary>Measured, with the sign of the attribution.</summary>
    public const string Confirmed = "confirmed";

    /// <summary>The interval holds 0, or nothing is measured.</summary>
    public const string Unclear = "unclear";

    /// <summary>Measured, with the other sign.</summary>
    public const string Opposite = "opposite";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Confirmed, Unclear, Opposite];
}

/// <summary>What the test of a circuit found.</summary>
public static class CircuitFindings
{
    /// <summary>There is nothing to explain: taking everything out does not change it clearly.</summary>
    public const string Nothing = "nothing";

    /// <summary>The graph alone does not keep half of it, or gives more than one and a half times of it.</summary>
    public const string Unfaithful = "unfaithful";

    /// <summary>Graphs of random nodes come as near to all of it.</summary>
    public const string Random = "random";

    /// <summary>Fewer than half of the edges do when cut what their attribution said.</summary>
    public const string Edges = "edges";

    /// <summary>More than half of it is left without the graph: others can do the same.</summary>
    public const string Incomplete = "incomplete";

    /// <summary>With the edges that are not drawn cut, less than half is left of what the nodes keep.</summary>
    public const string Cut = "cut";

    /// <summary>Graphs of as many neurons come nearer to all of it.</summary>
    public const string Neurons = "neurons";

    /// <summary>A finding as a sentence; one that is not known as it stands.</summary>
    public static string Sentence(string finding) => finding switch
    {
        Nothing => "There is nothing to explain: taking everything out does not change it clearly.",
        Unfaithful => "Alone it does not keep half of what is explained, or gives more than one and a half times of it.",
        Random => "Graphs of random nodes come as near to all of it.",
        Edges => "Fewer than half of its edges do when cut what their attribution said.",
        Incomplete => "More than half is left without it: other units can do the same.",
        Cut => "With the edges cut that are not drawn, less than half is left of what its nodes keep.",
        Neurons => "As many neurons come nearer to all of it.",
        _ => finding,
    };

    /// <summary>Those that a circuit fails by.</summary>
    public static IReadOnlyList<string> Fatal { get; } = [Nothing, Unfaithful, Random, Edges];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Fatal, Incomplete, Cut, Neurons];
}
