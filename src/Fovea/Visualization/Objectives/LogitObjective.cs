using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Visualization.Objectives;

/// <summary>
/// What a network takes for a class: picture i maximises the logit of class <c>Units[i]</c>, before any softmax (which could rise by
/// lowering the others).
/// </summary>
public sealed class LogitObjective : LayerObjective
{
    /// <summary>One picture for each of <paramref name="classes"/>.</summary>
    /// <param name="network">Says which layer is the head; it is not kept.</param>
    /// <param name="classes">Indices of logits.</param>
    /// <exception cref="FoveaException">The network has no such class.</exception>
    public LogitObjective(ImageModel network, IReadOnlyList<int> classes)
        : this(HeadOf(network), PictureKey.Number(HeadOf(network), classes))
    {
        foreach (int index in classes)
            if (index >= network.Outputs)
                throw FoveaException.BadConfiguration(
                    $"Class {index} does not exist: {network.Architecture} has {network.Outputs} outputs.");
    }

    private LogitObjective(string layer, IReadOnlyList<PictureKey> keys) : base(layer, keys)
    {
    }

    /// <inheritdoc/>
    public override IObjective Slice(int start, int count) => new LogitObjective(Layer, KeysOf(start, count));

    /// <inheritdoc/>
    public override Tensor Evaluate(Tensor activation)
    {
        using var scope = NewDisposeScope();
        return Reduction.Mean.Apply(Positions.OwnChannel(activation, Units, Layer)).MoveToOuterDisposeScope();
    }

    /// <summary>The logit itself.</summary>
    public override Tensor Peak(Tensor activation)
    {
        using var quiet = no_grad();
        return Evaluate(activation);
    }

    /// <inheritdoc/>
    protected override string Caption(int? unit) => unit is null ? "the class's logit" : $"the logit of class {unit}";

    private static string HeadOf(ImageModel network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.Head;
    }
}
