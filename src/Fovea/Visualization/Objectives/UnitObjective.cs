using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Visualization.Objectives;

/// <summary>
/// A neuron of a layer: picture i maximises channel <c>Units[i]</c>, in the mean over positions, at the centre or at one position (sections
/// 9.2.1 and 9.2.4 of the paper; lucid's <c>channel</c> and <c>neuron</c>).
/// </summary>
public sealed class UnitObjective : LayerObjective
{
    private readonly Reduction _reduction;

    /// <summary>One picture for each of <paramref name="channels"/>.</summary>
    /// <exception cref="FoveaException">A channel is negative; one that is too large is found at the first activation.</exception>
    public UnitObjective(string layer, IReadOnlyList<int> channels, Reduction reduction = default)
        : this(layer, PictureKey.Number(layer, channels), reduction)
    {
    }

    private UnitObjective(string layer, IReadOnlyList<PictureKey> keys, Reduction reduction) : base(layer, keys) => _reduction = reduction;

    /// <inheritdoc/>
    public override IObjective Slice(int start, int count) => new UnitObjective(Layer, KeysOf(start, count), _reduction);

    /// <inheritdoc/>
    public override Tensor Evaluate(ProbeResult taps)
    {
        ArgumentNullException.ThrowIfNull(taps);
        return Evaluate(taps.ForNeurons(Layer));
    }

    /// <inheritdoc/>
    public override Tensor Evaluate(Tensor activation)
    {
        using var scope = NewDisposeScope();
        return _reduction.Apply(Positions.OwnChannel(activation, Units, Layer)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Peak(Tensor activation)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return Positions.OwnChannel(activation, Units, Layer).amax([1, 2]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override string Caption(int? unit) => _reduction.Of(unit is null ? "the neuron" : $"neuron {unit}", Layer);
}
