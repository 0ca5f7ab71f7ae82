using static TorchSharp.torch;

namespace Fovea.Activations.Filters;

/// <summary>
/// Grad-CAM of the true class (paper, section 7.2.5, equations 1 and 2; Selvaraju et al. 2016):
/// α_k = mean over positions of ∂y/∂A_k, map = ReLU(Σ_k α_k A_k), interpolated to the layer's grid (the identity here, since the map is
/// computed on that grid) and divided by its maximum, so that it lies in [0, 1]. Where no position is positive the map is NaN (0 / 0).
/// </summary>
public sealed class GradCam : IPatchScore
{
    /// <inheritdoc/>
    public string Name => "gradcam";

    /// <inheritdoc/>
    public string Formula => "ReLU(Σ_k mean(∂y/∂A_k) A_k) / max";

    /// <inheritdoc/>
    public bool NeedsGradient => true;

    /// <inheritdoc/>
    /// <exception cref="ArgumentNullException">No gradients were given.</exception>
    public Tensor Score(Tensor activations, Tensor? gradients)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        using var scope = NewDisposeScope();
        var weights = gradients.mean([2, 3], keepdim: true);
        var map = (weights * activations).sum(1).relu();
        return (map / map.amax([1, 2], keepdim: true)).MoveToOuterDisposeScope();
    }
}
