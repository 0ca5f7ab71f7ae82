using static TorchSharp.torch;

namespace Fovea.Visualization.Regularizers;

/// <summary>What a recipe takes off the objective.</summary>
internal static class Penalties
{
    /// <summary>The weighted sum over all pictures, a scalar; null where every weight is 0.</summary>
    /// <param name="options">The weights.</param>
    /// <param name="rgb">The clean pictures, <c>[N, 3, H, W]</c> in [0, 1].</param>
    /// <param name="anchor">The pictures started from, if any.</param>
    public static Tensor? Of(RenderOptions options, Tensor rgb, Tensor? anchor)
    {
        Tensor? sum = null;
        if (options.TotalVariation > 0) Add(options.TotalVariation, TotalVariation.PerImage(rgb));
        if (options.L1 > 0) Add(options.L1, Distance.L1(rgb, anchor));
        if (options.L2 > 0) Add(options.L2, Distance.L2(rgb, anchor));
        if (options.Boundary > 0) Add(options.Boundary, Boundary.PerImage(rgb, options.BoundaryWidth));
        return sum;
        void Add(double weight, Tensor perImage)
        {
            Tensor term = weight * perImage.sum();
            sum = sum is null ? term : sum + term;
        }
    }
}
