namespace Fovea.Interventions.Circuits;

/// <summary>What was found of a circuit, as its document says it.</summary>
internal sealed class CircuitReport(
    CircuitContext context, CircuitSide from, CircuitSide to, NodeAttributions found, EdgeAttributions? between, CircuitGraph graph,
    IReadOnlyList<(int From, int To)> edges, IReadOnlyList<CircuitCurve> curves, CircuitChecks checks)
{
    /// <summary>An effect below this share of what there is to explain is none: rounding.</summary>
    private const double Smallest = 1e-4;

    private readonly CircuitEstimates _estimates = new(checks.Images, context.Options.Seed);
    private readonly double[] _nothing = curves[0].Nothing;

    private double Explained => checks.Whole.Average() - _nothing.Average();

    /// <summary>The document.</summary>
    public CircuitDocument Document(CircuitTargetRecord words, IReadOnlyList<int> chosenOn, IReadOnlyList<int> judgedOn)
    {
        CircuitNodeRecord[] nodes = [.. graph.Nodes.Select(Node)];
        var last = Enumerable.Range(0, nodes.Length).Where(IsLast).Select(place => ToTarget(place, nodes[place]));
        CircuitEdgeRecord[] drawn = [.. edges.Select(Edge), .. last];
        CircuitCurveRecord[] records = [.. curves.Select(curve => curve.Record(checks.Whole, _estimates))];
        EffectEstimate? cut = checks.Cut.Length == 0 ? null
            : _estimates.Of([.. checks.Cut.Zip(_nothing, (a, b) => a - b)], [.. checks.Whole.Zip(_nothing, (a, b) => a - b)]);
        return new CircuitDocument
        {
            Target = words,
            From = Layer(from),
            To = Layer(to),
            Baseline = from.Layer.VectorMean is null ? "zero" : "mean",
            Ranking = context.Options.RankByIntegrated ? "integrated" : "gradient",
            IntegrationSteps = context.Options.IntegrationSteps,
            ChosenOn = chosenOn.Count,
            Images = checks.Images.Count,
            HeldOut = !judgedOn.Intersect(chosenOn).Any(),
            Seed = context.Options.Seed,
            RandomGraphs = context.Options.RandomGraphs,
            Whole = _estimates.Mean(checks.Whole),
            Nothing = _estimates.Mean(_nothing),
            Nodes = nodes,
            Edges = drawn,
            Curves = records,
            EdgeFaithfulness = cut,
            Findings = [.. Findings(drawn, records, cut)],
        };
    }

    private IEnumerable<string> Findings(CircuitEdgeRecord[] drawn, CircuitCurveRecord[] records, EffectEstimate? cut)
    {
        EffectEstimate explained = _estimates.Mean([.. checks.Whole.Zip(_nothing, (a, b) => a - b)]);
        CircuitPoint own = records[0].Points[^1];
        if (explained.Mean == 0 || explained.Lower <= 0 && explained.Upper >= 0)
        {
            yield return CircuitFindings.Nothing;
            yield break;
        }
        if (!(own.Faithfulness.Mean is >= 0.5 and <= 1.5) || own.Faithfulness.Lower < 0.5) yield return CircuitFindings.Unfaithful;
        if (Last(records, "random") is { } random && !(Farthest(own) < Nearest(random))) yield return CircuitFindings.Random;
        if (2 * drawn.Count(edge => edge.Verdict == CircuitVerdicts.Confirmed) < drawn.Length) yield return CircuitFindings.Edges;
        if (own.Completeness.Mean > 0.5) yield return CircuitFindings.Incomplete;
        if (cut is not null && cut.Mean < own.Faithfulness.Mean / 2) yield return CircuitFindings.Cut;
        if (Last(records, "neurons")?.Faithfulness.Mean is { } neurons && Math.Abs(1 - neurons) < Math.Abs(1 - own.Faithfulness.Mean) - Smallest)
            yield return CircuitFindings.Neurons;
    }

    private static CircuitPoint? Last(CircuitCurveRecord[] records, string name) =>
        records.FirstOrDefault(record => record.Name == name) is { Points: [.., var last] } ? last : null;

    // What keeps more than all is as wrong as what keeps as much less: nodes that take away were left out.
    private static double Farthest(CircuitPoint point)
    {
        var (low, high) = Ends(point);
        return Math.Max(Math.Abs(1 - low), Math.Abs(1 - high));
    }

    private static double Nearest(CircuitPoint point)
    {
        var (low, high) = Ends(point);
        return low <= 1 && high >= 1 ? 0 : Math.Min(Math.Abs(1 - low), Math.Abs(1 - high));
    }

    private static (double Low, double High) Ends(CircuitPoint point)
    {
        var (mean, lower, upper) = point.Faithfulness;
        return double.IsNaN(lower) ? (mean, mean) : (lower, upper);
    }

    private CircuitNodeRecord Node(CircuitNode node, int place)
    {
        SideAttributions side = node.IsLater ? found.To : found.From;
        CircuitSide layer = node.IsLater ? to : from;
        EffectEstimate effect = _estimates.Mean(checks.Node(place));
        double gradient = side.Gradient(node.Node);
        return new CircuitNodeRecord(
            layer.Layer.Units.Layer, node.Node == layer.Units && layer.HasError ? null : node.Node, gradient, side.Integrated(node.Node),
            effect, Verdict(Ranked(gradient, side.Integrated(node.Node)), effect));
    }

    private CircuitEdgeRecord Edge((int From, int To) edge, int place)
    {
        int source = Array.IndexOf(graph.Of(later: false), edge.From), end = Array.IndexOf(graph.Of(later: true), edge.To);
        EffectEstimate effect = _estimates.Mean(checks.Edge(place));
        double gradient = between!.Gradient(source, end), integrated = between.Integrated(source, end);
        return new CircuitEdgeRecord(
            Place(new CircuitNode(false, edge.From)), Place(new CircuitNode(true, edge.To)), gradient, integrated, effect,
            Verdict(Ranked(gradient, integrated), effect));
    }

    // What a node of the last layer adds goes through one edge.
    private static CircuitEdgeRecord ToTarget(int place, CircuitNodeRecord node) =>
        new(place, null, node.Gradient, node.Integrated, node.Effect, node.Verdict);

    private bool IsLast(int place) => graph.Nodes[place].IsLater || context.Target.Unit is not null;

    private int Place(CircuitNode node) => graph.Nodes.ToList().IndexOf(node);

    private double Ranked(double gradient, double integrated) => context.Options.RankByIntegrated ? integrated : gradient;

    private string Verdict(double attribution, EffectEstimate effect)
    {
        bool none = !(Math.Abs(effect.Mean) > Smallest * Math.Abs(Explained)) || effect.Lower <= 0 && effect.Upper >= 0;
        return none ? CircuitVerdicts.Unclear : effect.Mean * attribution > 0 ? CircuitVerdicts.Confirmed : CircuitVerdicts.Opposite;
    }

    private static CircuitLayerRecord Layer(CircuitSide side) => new(side.Layer.Units.Layer, side.Layer.Units.Name, side.Units);
}
