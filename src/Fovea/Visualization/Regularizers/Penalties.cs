using Fovea.Numerics;
using Fovea.Visualization.Pullbacks;
using static TorchSharp.torch;

namespace Fovea.Visualization.Regularizers;

/// <summary>What a recipe takes off the objective.</summary>
internal static class Penalties
{
    /// <summary>Adds the penalties' gradient to that of the objective's negative.</summary>
    /// <param name="options">The weights.</param>
    /// <param name="rgb">The clean pictures, <c>[N, 3, H, W]</c> in [0, 1].</param>
    /// <param name="anchor">The pictures started from, if any.</param>
    /// <param name="gradient">As <paramref name="rgb"/>; changed.</param>
    public static void AddGradient(RenderOptions options, Tensor rgb, Tensor? anchor, Tensor gradient)
    {
        bool kernel = PictureMemory.Serves(rgb) && PictureMemory.Serves(gradient);
        if (kernel && options.TotalVariation > 0) TotalVariationGradient.Add(rgb, gradient, options.TotalVariation);
        using var scope = NewDisposeScope();
        Tensor leaf = rgb.detach().requires_grad_(true);
        if (Of(kernel ? options with { TotalVariation = 0 } : options, leaf, anchor) is { } rest) gradient.add_(Gradients.Of(rest, leaf));
    }

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
