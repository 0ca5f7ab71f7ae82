using static TorchSharp.torch;

namespace Fovea.Interventions.Circuits;

/// <summary>What is left of what is explained, and what remains without them, for the first nodes of a graph by their number.</summary>
/// <param name="name">The graph's name in the document.</param>
/// <param name="from">Nodes of the earlier layer.</param>
/// <param name="to">Nodes of the later layer.</param>
/// <param name="graphs">The graph, or several that are averaged image by image; all of one size.</param>
/// <param name="sizes">Numbers of nodes.</param>
internal sealed class CircuitCurve(string name, CircuitSide from, CircuitSide to, IReadOnlyList<CircuitGraph> graphs, int[] sizes)
{
    private readonly List<double>[] _kept = [.. sizes.Select(_ => new List<double>())];
    private readonly List<double>[] _removed = [.. sizes.Select(_ => new List<double>())];
    private readonly List<double> _nothing = [];

    /// <summary>The graph's name in the document.</summary>
    public string Name => name;

    /// <summary>Numbers of nodes.</summary>
    public IReadOnlyList<int> Sizes => sizes;

    /// <summary>Where all nodes are taken out, of each image.</summary>
    public double[] Nothing => [.. _nothing];

    /// <summary>Where the first nodes alone are left, of each image.</summary>
    public double[] Kept(int place) => [.. _kept[place]];

    /// <summary>Where the first nodes are taken out, of each image.</summary>
    public double[] Removed(int place) => [.. _removed[place]];

    /// <summary>Adds the images of a batch.</summary>
    /// <param name="images">The batch, with nodes of any kind.</param>
    public void Add(CircuitBatch images)
    {
        using var scope = NewDisposeScope();
        CircuitBatch batch = images.With(from, to);
        _nothing.AddRange(batch.Nothing);
        for (int i = 0; i < sizes.Length; i++)
        {
            var kept = new double[batch.Whole.Length];
            var removed = new double[batch.Whole.Length];
            foreach (CircuitGraph graph in graphs)
            {
                int[] earlier = graph.Of(later: false, sizes[i]), later = graph.Of(later: true, sizes[i]);
                Add(kept, batch.Kept(earlier, later));
                Add(removed, batch.Removed(earlier, later));
            }
            _kept[i].AddRange(kept);
            _removed[i].AddRange(removed);
        }
    }

    private void Add(double[] sums, double[] values)
    {
        for (int i = 0; i < sums.Length; i++) sums[i] += values[i] / graphs.Count;
    }

    /// <summary>Faithfulness and completeness by size: what is left, as a share of what there is to explain.</summary>
    /// <param name="whole">With nothing taken out, of each image.</param>
    /// <param name="estimates">Means of the same images.</param>
    public CircuitCurveRecord Record(double[] whole, CircuitEstimates estimates)
    {
        double[] nothing = Nothing, all = [.. whole.Zip(nothing, (a, b) => a - b)];
        return new CircuitCurveRecord(
            name, [.. sizes.Select((size, i) => new CircuitPoint(size, Share(_kept[i]), Share(_removed[i])))]);

        EffectEstimate Share(List<double> left) => estimates.Of([.. left.Zip(nothing, (a, b) => a - b)], all);
    }
}
