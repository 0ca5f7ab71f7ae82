using static TorchSharp.torch;

namespace Fovea.Visualization.Regularizers;

/// <summary>
/// How far pictures are from a reference: mid-grey, where the logistic function of every parameterisation rests, or the picture an
/// accentuation started from. Sums over pixels and channels, like <see cref="TotalVariation"/>.
/// </summary>
public static class Distance
{
    /// <summary>Σ |rgb − reference|, one figure a picture, differentiable.</summary>
    /// <param name="images"><c>[N, C, H, W]</c> in [0, 1].</param>
    /// <param name="reference">Pictures of the same shape; null: ½ everywhere.</param>
    /// <returns><c>[N]</c>.</returns>
    public static Tensor L1(Tensor images, Tensor? reference = null)
    {
        using var scope = NewDisposeScope();
        return Difference(images, reference).abs().sum([1, 2, 3]).MoveToOuterDisposeScope();
    }

    /// <summary>Σ (rgb − reference)², one figure a picture, differentiable. (lucid takes the root of the sum.)</summary>
    /// <inheritdoc cref="L1"/>
    public static Tensor L2(Tensor images, Tensor? reference = null)
    {
        using var scope = NewDisposeScope();
        return Difference(images, reference).square().sum([1, 2, 3]).MoveToOuterDisposeScope();
    }

    private static Tensor Difference(Tensor images, Tensor? reference)
    {
        ArgumentNullException.ThrowIfNull(images);
        return reference is null ? images - 0.5 : images - reference;
    }
}
