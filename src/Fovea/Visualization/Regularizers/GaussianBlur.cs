using TorchSharp;
using static TorchSharp.torch;

namespace Fovea.Visualization.Regularizers;

/// <summary>
/// A Gaussian blur, applied to the picture after each step (Yosinski et al. 2015; section 9.2.2 of the paper). At the paper's σ = 0.3 one pass
/// moves 0.4 % of a pixel to each neighbour: over 200 steps high frequencies decay, low ones stay.
/// </summary>
public static class GaussianBlur
{
    /// <summary>The kernel's weights, normalised to 1: 2·⌈3σ⌉ + 1 taps.</summary>
    /// <param name="sigma">Standard deviation in pixels.</param>
    public static double[] Kernel(double sigma)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sigma);
        int radius = Math.Max(1, (int)Math.Ceiling(3 * sigma));
        var taps = new double[2 * radius + 1];
        for (int i = 0; i < taps.Length; i++) taps[i] = Math.Exp(-(i - radius) * (i - radius) / (2 * sigma * sigma));
        double sum = taps.Sum();
        for (int i = 0; i < taps.Length; i++) taps[i] /= sum;
        return taps;
    }

    /// <summary>Blurs each channel; beyond the edge lies the nearest pixel of the border.</summary>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    /// <param name="sigma">Standard deviation in pixels; 0 gives a copy.</param>
    /// <returns>A new tensor of the same shape.</returns>
    public static Tensor Apply(Tensor images, double sigma)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (sigma == 0) return images.clone();
        using var scope = NewDisposeScope();
        double[] taps = Kernel(sigma);
        long side = taps.Length, radius = side / 2, n = images.shape[0], c = images.shape[1], h = images.shape[2], w = images.shape[3];
        Tensor line = tensor(taps, dtype: images.dtype, device: images.device);
        Tensor planes = nn.functional.pad(images.reshape(n * c, 1, h, w), [radius, radius, radius, radius], PaddingModes.Replicate);
        Tensor rows = nn.functional.conv2d(planes, line.reshape(1, 1, 1, side));
        return nn.functional.conv2d(rows, line.reshape(1, 1, side, 1)).reshape(n, c, h, w).MoveToOuterDisposeScope();
    }
}
