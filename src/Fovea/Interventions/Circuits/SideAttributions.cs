using static TorchSharp.torch;

namespace Fovea.Interventions.Circuits;

/// <summary>Sums of the attributions of one layer's nodes.</summary>
/// <param name="nodes">How many.</param>
internal sealed class SideAttributions(int nodes)
{
    private readonly double[] _gradient = new double[nodes], _integrated = new double[nodes];
    private readonly bool[] _active = new bool[nodes];
    private int _images;

    /// <summary>How many nodes.</summary>
    public int Count => nodes;

    /// <summary>By the derivative at the image.</summary>
    public double Gradient(int node) => _gradient[node] / _images;

    /// <summary>By integrated gradients.</summary>
    public double Integrated(int node) => _integrated[node] / _images;

    /// <summary>Whether the node is anything but 0 on some image.</summary>
    public bool IsActive(int node) => _active[node];

    /// <summary>Adds some images.</summary>
    /// <param name="images">How many.</param>
    /// <param name="side">The layer.</param>
    /// <param name="output">Its output on them.</param>
    /// <param name="gradient">∂ what is explained / ∂ the output, at an output.</param>
    /// <param name="steps">Points of the way.</param>
    public void Add(int images, CircuitSide side, Tensor output, Func<Tensor, Tensor> gradient, int steps)
    {
        using var scope = NewDisposeScope();
        Tensor rows = CircuitSide.Rows(output), values = side.Values(rows);
        Tensor? error = side.Error(rows, values);
        Add(_gradient, side.Attributions(images, CircuitSide.Rows(gradient(output)), values, error));
        Add(_integrated, side.Attributions(images, CircuitSide.Rows(Mean(side, output, gradient, steps)), values, error));
        bool[] active = [.. values.ne(0).any(0).cpu().contiguous().data<bool>()];
        for (int i = 0; i < active.Length; i++) _active[i] |= active[i];
        if (side.HasError) _active[^1] = true;
        _images += images;
    }

    /// <summary>The mean derivative at midpoints of the way from the layer's base to its output.</summary>
    internal static Tensor Mean(CircuitSide side, Tensor output, Func<Tensor, Tensor> gradient, int steps)
    {
        using var scope = NewDisposeScope();
        Tensor rows = CircuitSide.Rows(output);
        Tensor sum = zeros_like(output);
        for (int i = 0; i < steps; i++)
        {
            using var step = NewDisposeScope();
            sum.add_(gradient(CircuitSide.Output(side.Base + (rows - side.Base) * ((i + 0.5) / steps), output)));
        }
        return sum.div_(steps).MoveToOuterDisposeScope();
    }

    private static void Add(double[] sums, Tensor each)
    {
        double[] added = each.sum([0L], type: float64).cpu().contiguous().data<double>().ToArray();
        for (int i = 0; i < sums.Length; i++)
        {
            if (!double.IsFinite(added[i]))
                throw FoveaException.NumericalFailure("A derivative of the network is NaN or infinite. Are its weights finite?");
            sums[i] += added[i];
        }
    }
}
