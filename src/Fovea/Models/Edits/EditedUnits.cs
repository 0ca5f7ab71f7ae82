using static TorchSharp.torch;

namespace Fovea.Models.Edits;

/// <summary>Which units of a layer an <see cref="Intervention"/> changes: how their values are read off vectors and put back.</summary>
public abstract class EditedUnits
{
    /// <summary>In words, for captions: <c>neurons 3, 7</c>.</summary>
    public abstract string Caption { get; }

    /// <summary>The neuron, where it is one alone.</summary>
    internal virtual int? SingleNeuron => null;

    /// <summary>Neurons of the layer: components of its vectors. Those not named keep their values.</summary>
    /// <param name="channels">Their numbers; none: all of them.</param>
    /// <exception cref="FoveaException">A number is negative or stands twice.</exception>
    public static EditedUnits Neurons(params IReadOnlyList<int> channels) => new NeuronUnits(channels);

    /// <summary>One direction: the value is the coefficient c of x = c d/‖d‖ + (what is orthogonal to d), which stays.</summary>
    /// <param name="direction">As long as the layer's vectors; any length but 0.</param>
    /// <exception cref="FoveaException">It is 0 or not finite.</exception>
    public static EditedUnits Direction(params IReadOnlyList<float> direction) => new DirectionUnit(direction);

    /// <summary>The vectors after an operation on the units' values.</summary>
    /// <param name="vectors"><c>[rows, channels]</c>; not changed.</param>
    /// <param name="operation">What is done.</param>
    /// <param name="others">Vectors of other images, row by row; null where the operation does not ask for them.</param>
    /// <returns><c>[rows, channels]</c>.</returns>
    /// <exception cref="FoveaException">The vectors have another length than the units were made for.</exception>
    public abstract Tensor Apply(Tensor vectors, UnitOperation operation, Tensor? others);

    /// <summary>Throws unless every number is that of a unit, and stands once.</summary>
    private protected static int[] Distinct(IReadOnlyList<int> units)
    {
        ArgumentNullException.ThrowIfNull(units);
        if (units.Any(unit => unit < 0)) throw FoveaException.BadConfiguration($"Unit {units.First(unit => unit < 0)} does not exist.");
        if (units.Distinct().Count() != units.Count) throw FoveaException.BadConfiguration("A unit of an intervention stands twice.");
        return [.. units];
    }

    private sealed class NeuronUnits(IReadOnlyList<int> channels) : EditedUnits
    {
        private readonly int[] _channels = Distinct(channels);

        internal override int? SingleNeuron => _channels is [var only] ? only : null;

        public override string Caption => _channels.Length == 0 ? "all neurons" : $"neurons {string.Join(", ", _channels)}";

        public override Tensor Apply(Tensor vectors, UnitOperation operation, Tensor? others)
        {
            ArgumentNullException.ThrowIfNull(vectors);
            ArgumentNullException.ThrowIfNull(operation);
            if (_channels.Length == 0) return operation.Apply(vectors, others);
            if (_channels.Max() >= vectors.shape[1])
                throw FoveaException.BadConfiguration($"Neuron {_channels.Max()} does not exist: the layer has {vectors.shape[1]}.");
            Tensor index = tensor(_channels, int64, device: vectors.device);
            Tensor changed = operation.Apply(vectors.index_select(1, index), others?.index_select(1, index));
            return vectors.index_copy(1, index, changed.contiguous());
        }
    }

    private sealed class DirectionUnit : EditedUnits
    {
        private readonly float[] _unit;

        public DirectionUnit(IReadOnlyList<float> direction)
        {
            ArgumentNullException.ThrowIfNull(direction);
            double length = Math.Sqrt(direction.Sum(value => (double)value * value));
            if (!double.IsFinite(length) || length == 0)
                throw FoveaException.BadConfiguration("A direction of an intervention is 0 or not finite.");
            _unit = [.. direction.Select(value => (float)(value / length))];
        }

        public override string Caption => "a direction";

        public override Tensor Apply(Tensor vectors, UnitOperation operation, Tensor? others)
        {
            ArgumentNullException.ThrowIfNull(vectors);
            ArgumentNullException.ThrowIfNull(operation);
            if (_unit.Length != vectors.shape[1])
                throw FoveaException.BadConfiguration(
                    $"The direction has {_unit.Length} components, the layer {vectors.shape[1]} channels.");
            Tensor unit = tensor(_unit, [_unit.Length, 1], device: vectors.device).to(vectors.dtype);
            Tensor values = vectors.matmul(unit);
            return vectors + (operation.Apply(values, others?.matmul(unit)) - values).matmul(unit.t());
        }
    }
}
