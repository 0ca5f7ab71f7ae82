using static TorchSharp.torch;

namespace Fovea.Visualization.Objectives;

/// <summary>
/// What of an image a layer keeps: picture i shall give the layer activation i of those stored (feature inversion; Mahendran and Vedaldi
/// 2015). By distance it shall be the same, −‖a − t‖² ∕ ‖t‖²: 0 is reached only there, and an activation of zeros has −1. By likeness it
/// may exaggerate what is there: the similarity over all channels and positions, as lucid's caricatures (which divide by ‖a‖ alone, i.e.
/// weigh by ‖t‖ᵖ besides).
/// </summary>
public sealed class InversionObjective : LayerObjective
{
    private readonly Tensor _targets;
    private readonly int _start;
    private readonly Similarity? _similarity;

    /// <summary>One picture for each target.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="targets">Its output for N images, <c>[N, C, H, W]</c> or <c>[N, C]</c>; the caller's, and needed as long as the
    /// objective is.</param>
    /// <param name="similarity">Null: by distance.</param>
    /// <param name="images">What to call the targets; null: 0 … N − 1.</param>
    /// <exception cref="FoveaException">A target is 0 everywhere or not finite, the shape is no activation's, or there is not one number
    /// for each.</exception>
    public InversionObjective(string layer, Tensor targets, Similarity? similarity = null, IReadOnlyList<int>? images = null)
        : this(layer, PictureKey.Number(layer, images ?? Rows(Checked(targets).shape[0])), targets, 0, similarity)
    {
        if (Checked(targets).shape[0] != Units.Count)
            throw FoveaException.BadConfiguration($"{Units.Count} images for {targets.shape[0]} stored activations.");
    }

    private InversionObjective(string layer, IReadOnlyList<PictureKey> keys, Tensor targets, int start, Similarity? similarity)
        : base(layer, keys) =>
        (_targets, _start, _similarity) = (targets, start, similarity);

    /// <inheritdoc/>
    public override IObjective Slice(int start, int count) =>
        new InversionObjective(Layer, KeysOf(start, count), _targets, _start + start, _similarity);

    /// <inheritdoc/>
    public override Tensor Evaluate(Tensor activation)
    {
        using var scope = NewDisposeScope();
        var (own, target) = Pair(activation);
        Tensor values = _similarity is { } similarity
            ? similarity.Of(own, target, 1) : -(own - target).square().sum(1) / target.square().sum(1);
        return values.MoveToOuterDisposeScope();
    }

    /// <summary>The cosine of the activation and its target: 1 where they are alike up to a factor.</summary>
    public override Tensor Peak(Tensor activation)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (own, target) = Pair(activation);
        return Similarity.Cosine.Of(own, target, 1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override string Caption(int? unit)
    {
        string stored = $"{(unit is null ? "the image" : $"image {unit}")}'s activation of {Layer}";
        return _similarity is { } similarity
            ? $"{similarity} with {stored}" : $"minus the squared distance to {stored}, relative to its squared length";
    }

    /// <summary>Activation and targets as <c>[N, C·H·W]</c>.</summary>
    private (Tensor Own, Tensor Target) Pair(Tensor activation)
    {
        Positions.AsMaps(activation, Units);
        if (!activation.shape.AsSpan(1).SequenceEqual(_targets.shape.AsSpan(1)))
        {
            throw FoveaException.BadConfiguration($"{Layer} gives [{string.Join(", ", activation.shape[1..])}], the stored activations are "
                + $"[{string.Join(", ", _targets.shape[1..])}]. Make the pictures in the size of the images these were taken from.");
        }
        Tensor target = _targets.detach().narrow(0, _start, Units.Count).to(activation.dtype, activation.device);
        return (activation.flatten(1), target.flatten(1));
    }

    private static Tensor Checked(Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        if (targets.dim() is not (2 or 4))
            throw FoveaException.BadData($"Stored activations must be [N, C, H, W] or [N, C], not [{string.Join(", ", targets.shape)}].");
        double[] lengths = targets.detach().to(float64).flatten(1).norm(1).cpu().data<double>().ToArray();
        int bad = Array.FindIndex(lengths, length => !(length > 0 && double.IsFinite(length)));
        return bad < 0
            ? targets : throw FoveaException.BadData(
                $"Stored activation {bad} has the length {lengths[bad]}: no picture can be likened to it.");
    }
}
