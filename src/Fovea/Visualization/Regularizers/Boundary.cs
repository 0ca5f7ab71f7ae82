using static TorchSharp.torch;

namespace Fovea.Visualization.Regularizers;

/// <summary>
/// How busy and how far from grey the frame of a picture is: Σ over pixels nearer than a width to an edge of (x − x̄)² + 0.8·(x − ½)², x̄
/// the mean over the pixel's 5×5 neighbours inside the picture, the outer ring at half weight (lucid's boundary complexity). Keeps features
/// whole and in the middle.
/// </summary>
public static class Boundary
{
    private const double GreyWeight = 0.8;
    private const int Side = 5;

    /// <summary>One figure a picture, differentiable.</summary>
    /// <param name="images"><c>[N, C, H, W]</c> in [0, 1].</param>
    /// <param name="width">Width of the frame in pixels.</param>
    /// <returns><c>[N]</c>.</returns>
    public static Tensor PerImage(Tensor images, int width)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        using var scope = NewDisposeScope();
        long n = images.shape[0], c = images.shape[1], h = images.shape[2], w = images.shape[3];
        Tensor kernel = full([1, 1, Side, Side], 0.5, dtype: images.dtype, device: images.device), frame = ones(
            [1, 1, h, w], dtype: images.dtype, device: images.device);
        kernel.narrow(2, 1, Side - 2).narrow(3, 1, Side - 2).fill_(1);
        Tensor weights = nn.functional.conv2d(frame, kernel, padding: [Side / 2, Side / 2]);
        Tensor mean = nn.functional.conv2d(images.reshape(n * c, 1, h, w), kernel, padding: [Side / 2, Side / 2]).div(weights)
            .reshape(n, c, h, w);
        if (h > 2 * width && w > 2 * width) frame.narrow(2, width, h - 2 * width).narrow(3, width, w - 2 * width).zero_();
        return (((images - mean).square() + GreyWeight * (images - 0.5).square()) * frame).sum([1, 2, 3]).MoveToOuterDisposeScope();
    }
}
