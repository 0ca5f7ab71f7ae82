using static TorchSharp.torch;

namespace Fovea.Dictionaries.Comparison;

/// <summary>Gathers <see cref="ShrinkageScores"/> batch by batch in float64, in constant memory. Not thread-safe.</summary>
public sealed class Shrinkage
{
    // As published: a vector shorter than this is divided by 1.
    private const double ShortestLength = 1e-4;

    private long _count;
    private double _ratios, _inputs, _outputs, _squares, _products;

    /// <summary>Adds a batch.</summary>
    /// <param name="x">The vectors, <c>[rows, d]</c>, as they are: not centred.</param>
    /// <param name="output">Their reconstructions, <c>[rows, d]</c>.</param>
    /// <exception cref="ArgumentException">The two are not matrices of one shape.</exception>
    public void Add(Tensor x, Tensor output)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(output);
        if (x.dim() != 2 || !output.shape.AsSpan().SequenceEqual(x.shape))
            throw new ArgumentException("Vectors and reconstructions must both be [rows, d].");
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var (input, reconstruction) = (x.to_type(ScalarType.Float64), output.to_type(ScalarType.Float64));
        var (before, after) = (input.norm(1), reconstruction.norm(1));
        _count += x.shape[0];
        _ratios += (after / where(before.lt(ShortestLength), ones_like(before), before)).sum().item<double>();
        _inputs += before.sum().item<double>();
        _outputs += after.sum().item<double>();
        _squares += after.square().sum().item<double>();
        _products += (input * reconstruction).sum().item<double>();
    }

    /// <summary>Adds one vector: ‖x‖², ‖x̂‖² and x·x̂.</summary>
    internal void Add(double input, double output, double product)
    {
        var (before, after) = (Math.Sqrt(input), Math.Sqrt(Math.Max(0, output)));
        _count++;
        _ratios += before < ShortestLength ? after : after / before;
        _inputs += before;
        _outputs += after;
        _squares += after * after;
        _products += product;
    }

    /// <summary>The scores of everything added.</summary>
    /// <exception cref="FoveaException">Numerical: nothing was added.</exception>
    public ShrinkageScores Scores()
    {
        if (_count == 0) throw FoveaException.NumericalFailure("There are no vectors to measure shrinkage on.");
        return new ShrinkageScores(
            _ratios / _count, _inputs > 0 ? _outputs / _inputs : double.NaN, _products != 0 ? _squares / _products : double.NaN);
    }
}
