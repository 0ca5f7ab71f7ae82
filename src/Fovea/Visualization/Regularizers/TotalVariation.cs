using static TorchSharp.torch;

namespace Fovea.Visualization.Regularizers;

/// <summary>
/// Total variation of a picture: Σ over channels and neighbouring pixels of |difference|, horizontally and vertically (Mahendran and
/// Vedaldi 2014 with β = 1, anisotropic). A sum, not a mean: a picture twice as wide with the same content has twice as much of it.
/// </summary>
public static class TotalVariation
{
    /// <summary>One figure a picture, differentiable.</summary>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    /// <returns><c>[N]</c>.</returns>
    public static Tensor PerImage(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var scope = NewDisposeScope();
        long h = images.shape[2], w = images.shape[3];
        Tensor down = images.narrow(2, 1, h - 1) - images.narrow(2, 0, h - 1);
        Tensor right = images.narrow(3, 1, w - 1) - images.narrow(3, 0, w - 1);
        return (down.abs().sum([1, 2, 3]) + right.abs().sum([1, 2, 3])).MoveToOuterDisposeScope();
    }
}
