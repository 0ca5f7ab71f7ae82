using static TorchSharp.torch;

namespace Fovea.Visualization.Objectives;

/// <summary>
/// A layer as a whole: the mean of its squared activations, which strengthens whatever it already sees (DeepDream; lucid's
/// <c>deepdream</c>).
/// </summary>
public sealed class DeepDreamObjective : LayerObjective
{
    /// <summary>Pictures of one layer; they differ by their random numbers alone.</summary>
    /// <exception cref="FoveaException">There are no pictures.</exception>
    public DeepDreamObjective(string layer, int pictures = 1) : this(layer, PictureKey.Number(layer, Of(pictures)))
    {
    }

    private DeepDreamObjective(string layer, IReadOnlyList<PictureKey> keys) : base(layer, keys)
    {
    }

    /// <inheritdoc/>
    public override IObjective Slice(int start, int count) => new DeepDreamObjective(Layer, KeysOf(start, count));

    /// <inheritdoc/>
    public override Tensor Evaluate(Tensor activation)
    {
        using var scope = NewDisposeScope();
        return Positions.AsMaps(activation, Units).square().mean([1, 2, 3]).MoveToOuterDisposeScope();
    }

    /// <summary>The largest activation of any channel at any position.</summary>
    public override Tensor Peak(Tensor activation)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return Positions.AsMaps(activation, Units).amax([1, 2, 3]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override string Caption(int? unit) => $"mean square of {Layer}";

    private static int[] Of(int pictures) =>
        pictures > 0 ? new int[pictures] : throw FoveaException.BadConfiguration($"{pictures} pictures of a layer: take 1 or more.");
}
