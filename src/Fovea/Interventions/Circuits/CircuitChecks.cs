using static TorchSharp.torch;

namespace Fovea.Interventions.Circuits;

/// <summary>What a circuit does when it is put to the test, image by image.</summary>
internal sealed class CircuitChecks
{
    private readonly List<int> _images = [];
    private readonly List<double> _whole = [], _cut = [];
    private readonly List<double>[] _nodes, _edges;

    private CircuitChecks(int nodes, int edges) => (_nodes, _edges) = (Lists(nodes), Lists(edges));

    /// <summary>The images' indices.</summary>
    public IReadOnlyList<int> Images => _images;

    /// <summary>What is explained with nothing taken out.</summary>
    public double[] Whole => [.. _whole];

    /// <summary>Where each node of the later layer sees its parents alone; empty where a unit is explained.</summary>
    public double[] Cut => [.. _cut];

    /// <summary>What each node of the graph adds: with nothing taken out less without it, what follows run anew.</summary>
    public double[] Node(int place) => [.. _nodes[place]];

    /// <summary>What each edge adds: with nothing taken out less with that edge cut, all else held.</summary>
    public double[] Edge(int place) => [.. _edges[place]];

    /// <summary>Puts a circuit and the graphs beside it to the test.</summary>
    /// <param name="context">The network.</param>
    /// <param name="from">Nodes of the earlier layer.</param>
    /// <param name="to">Nodes of the later layer.</param>
    /// <param name="graph">The circuit.</param>
    /// <param name="edges">Its edges between the layers, as numbers of nodes there.</param>
    /// <param name="curves">All graphs, the circuit among them.</param>
    /// <param name="images">Indices of the source.</param>
    public static CircuitChecks Of(
        CircuitContext context, CircuitSide from, CircuitSide to, CircuitGraph graph, IReadOnlyList<(int From, int To)> edges,
        IReadOnlyList<CircuitCurve> curves, IReadOnlyList<int> images)
    {
        var checks = new CircuitChecks(graph.Nodes.Count, edges.Count);
        bool ofUnit = context.Target.Unit is not null;
        int most = Math.Max(from.Units, to.Units);
        context.Each(images, most, (batch, first, output) =>
        {
            var changed = new CircuitBatch(context, first, output, from, to);
            double[] whole = changed.Whole;
            checks._images.AddRange(batch.Indices.Take(batch.Count));
            checks._whole.AddRange(whole);
            for (int place = 0; place < graph.Nodes.Count; place++)
            {
                using var scope = NewDisposeScope();
                var (later, node) = graph.Nodes[place];
                if (later)
                {
                    checks._nodes[place].AddRange(Less(whole, changed.Removed([], [node])));
                    continue;
                }
                int[] own = [.. Enumerable.Range(0, edges.Count).Where(edge => edges[edge].From == node)];
                var (all, each) = changed.Paths(node, [.. own.Select(edge => edges[edge].To)]);
                checks._nodes[place].AddRange(Less(whole, all));
                for (int i = 0; i < each.Length; i++) checks._edges[own[i]].AddRange(Less(whole, each[i]));
            }
            if (!ofUnit)
            {
                checks._cut.AddRange(changed.KeptByEdges([.. graph.Of(later: true).Select(node => (node, Parents(node)))]));
            }
            foreach (CircuitCurve curve in curves) curve.Add(changed);
        });
        return checks;

        int[] Parents(int node) => [.. edges.Where(edge => edge.To == node).Select(edge => edge.From)];
    }

    private static List<double>[] Lists(int count) => [.. Enumerable.Range(0, count).Select(_ => new List<double>())];

    private static IEnumerable<double> Less(double[] whole, double[] without) => whole.Zip(without, (a, b) => a - b);
}
