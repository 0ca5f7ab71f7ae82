using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Interventions.Circuits;

/// <summary>
/// A batch on which circuits are put to the test: what is explained where only some nodes are left, where they are taken out, and where one
/// edge is cut. What follows a change is always run anew, so that later nodes have the values that the change gives them.
/// </summary>
internal sealed class CircuitBatch
{
    private readonly CircuitContext _context;
    private readonly ProbeResult _first;
    private readonly CircuitSide _from, _to;
    private readonly Tensor _output, _rows, _values, _later, _laterRows, _laterValues;
    private readonly Tensor? _error, _laterError;
    private double[]? _nothing;

    /// <param name="context">The network.</param>
    /// <param name="first">The batch's first pass.</param>
    /// <param name="output">The earlier layer's output.</param>
    /// <param name="from">Its nodes.</param>
    /// <param name="to">Nodes of the later layer.</param>
    public CircuitBatch(CircuitContext context, ProbeResult first, Tensor output, CircuitSide from, CircuitSide to)
        : this(context, first, output, context.Network.Between(first, output), from, to) =>
        Whole = Numbers(context.Metric(first, _later));

    private CircuitBatch(CircuitContext context, ProbeResult first, Tensor output, Tensor later, CircuitSide from, CircuitSide to)
    {
        (_context, _first, _output, _later, _from, _to) = (context, first, output, later, from, to);
        _rows = CircuitSide.Rows(output);
        _values = from.Values(_rows);
        _error = from.Error(_rows, _values);
        _laterRows = CircuitSide.Rows(_later);
        _laterValues = to.Values(_laterRows);
        _laterError = to.Error(_laterRows, _laterValues);
        Whole = [];
    }

    private bool OfUnit => _context.Target.Unit is not null;

    /// <summary>With nothing taken out, of each image.</summary>
    public double[] Whole { get; private init; }

    /// <summary>With everything taken out, of each image.</summary>
    public double[] Nothing => _nothing ??= Kept([], []);

    /// <summary>The same images with nodes of other kinds, for instance neurons: the passes that both share are not made again.</summary>
    /// <param name="from">Nodes of the earlier layer.</param>
    /// <param name="to">Nodes of the later layer.</param>
    public CircuitBatch With(CircuitSide from, CircuitSide to) =>
        from == _from && to == _to ? this : new CircuitBatch(_context, _first, _output, _later, from, to) { Whole = Whole };

    /// <summary>Where these nodes alone are left, and all else is what ablation makes of it.</summary>
    public double[] Kept(int[] fromNodes, int[] toNodes)
    {
        using var scope = NewDisposeScope();
        Tensor later = Later(_from.Base + _from.Terms(fromNodes, _values, _error));
        if (OfUnit) return Numbers(_context.Metric(_first, later));
        var (values, error) = Read(later, toNodes);
        return At(_to.Base + _to.Terms(toNodes, values, error));
    }

    /// <summary>Where these nodes are taken out, and all else is left.</summary>
    public double[] Removed(int[] fromNodes, int[] toNodes)
    {
        using var scope = NewDisposeScope();
        Tensor later = Later(_rows - _from.Terms(fromNodes, _values, _error));
        if (OfUnit) return Numbers(_context.Metric(_first, later));
        var (values, error) = Read(later, toNodes);
        return At(CircuitSide.Rows(later) - _to.Terms(toNodes, values, error));
    }

    /// <summary>
    /// Where one node of the earlier layer is taken out as some nodes of the later one see it: first with all of them, then each alone with
    /// everything else held at what it was (path patching, Goldowsky-Dill et al. 2023).
    /// </summary>
    public (double[] All, double[][] Edges) Paths(int fromNode, int[] toNodes)
    {
        using var scope = NewDisposeScope();
        Tensor later = Later(_rows - _from.Terms([fromNode], _values, _error));
        double[] all = Numbers(_context.Metric(_first, later));
        if (OfUnit || toNodes.Length == 0) return (all, []);
        var (values, error) = Read(later, toNodes);
        return (all, [.. toNodes.Select(node =>
        {
            using var one = NewDisposeScope();
            Tensor change = _to.Term(node, _to.Value(node, values, error)) - _to.Term(node, _to.Value(node, _laterValues, _laterError));
            return At(_laterRows + change);
        })]);
    }

    /// <summary>Where nodes of the later layer alone are left, and each of them sees of the earlier one its own parents alone.</summary>
    public double[] KeptByEdges(IReadOnlyList<(int Node, int[] Parents)> toNodes)
    {
        using var scope = NewDisposeScope();
        Tensor rows = _to.Base.expand(_laterRows.shape).clone();
        foreach (var (node, parents) in toNodes)
        {
            using var one = NewDisposeScope();
            var (values, error) = Read(Later(_from.Base + _from.Terms(parents, _values, _error)), [node]);
            rows.add_(_to.Term(node, _to.Value(node, values, error)));
        }
        return At(rows);
    }

    private Tensor Later(Tensor rows) => _context.Network.Between(_first, CircuitSide.Output(rows, _output));

    private (Tensor Values, Tensor? Error) Read(Tensor later, int[] nodes)
    {
        _context.Cancellation.ThrowIfCancellationRequested();
        Tensor rows = CircuitSide.Rows(later), values = _to.Values(rows);
        return (values, nodes.Contains(_to.Units) ? _to.Error(rows, values) : null);
    }

    private double[] At(Tensor laterRows) => Numbers(_context.Metric(_first, CircuitSide.Output(laterRows, _later)));

    private static double[] Numbers(Tensor metric)
    {
        using var scope = NewDisposeScope();
        double[] numbers = metric.to(float64).cpu().contiguous().data<double>().ToArray();
        return numbers.All(double.IsFinite) ? numbers
            : throw FoveaException.NumericalFailure("The network's answer is NaN or infinite. Are its weights finite?");
    }
}
