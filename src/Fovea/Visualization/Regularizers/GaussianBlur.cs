using Fovea.Visualization.Pullbacks;
using TorchSharp;
using static TorchSharp.torch;

namespace Fovea.Visualization.Regularizers;

/// <summary>
/// A Gaussian blur, applied to the picture after each step (Yosinski et al. 2015; section 9.2.2 of the paper). At the paper's σ = 0.3 one
/// pass moves 0.4 % of a pixel to each neighbour: over 200 steps high frequencies decay, low ones stay.
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
        return Along(Along(images, taps, 3), taps, 2).MoveToOuterDisposeScope();
    }

    /// <summary><see cref="Apply"/>, written over its argument; without gradients.</summary>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    /// <param name="sigma">Standard deviation in pixels; 0 changes nothing.</param>
    internal static void ApplyInPlace(Tensor images, double sigma)
    {
        if (sigma == 0) return;
        if (PictureMemory.Serves(images)) BlurKernel.Run(images, [.. Kernel(sigma).Select(tap => (float)tap)]);
        else
        {
            using var blurred = Apply(images, sigma);
            images.copy_(blurred);
        }
    }

    /// <summary>
    /// One direction, as sums of shifted pictures: for the few taps of a small blur a third of the time of a convolution with one channel.
    /// </summary>
    private static Tensor Along(Tensor images, double[] taps, int dimension)
    {
        int radius = taps.Length / 2;
        long length = images.shape[dimension];
        long[] sides = dimension == 3 ? [radius, radius, 0, 0] : [0, 0, radius, radius];
        Tensor padded = nn.functional.pad(images, sides, PaddingModes.Replicate);
        Tensor sum = padded.narrow(dimension, radius, length) * taps[radius];
        for (int i = 1; i <= radius; i++)
            sum += (padded.narrow(dimension, radius - i, length) + padded.narrow(dimension, radius + i, length)) * taps[radius + i];
        return sum;
    }
}
