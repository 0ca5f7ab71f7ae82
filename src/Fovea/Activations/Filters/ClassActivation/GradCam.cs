using static TorchSharp.torch;

namespace Fovea.Activations.Filters.ClassActivation;

/// <summary>
/// Grad-CAM of the true class (paper, section 7.2.5, equations 1 and 2; Selvaraju et al. 2016):
/// α_k = mean over positions of ∂y/∂A_k, map = ReLU(Σ_k α_k A_k), interpolated to the layer's grid (the identity here, since the map is
/// computed on that grid) and divided by its maximum, so that it lies in [0, 1]. Where no position is positive the map is NaN (0 / 0).
/// </summary>
public sealed class GradCam() : ClassActivationMap("gradcam", "Σ_k mean(∂y/∂A_k) A_k", LayerNeed.Gradients)
{
    /// <inheritdoc/>
    public override string Formula => "ReLU(Σ_k mean(∂y/∂A_k) A_k) / max";

    /// <summary>Σ_k α_k A_k, <c>[N, H, W]</c>.</summary>
    internal static Tensor Sum(LayerEvidence evidence)
    {
        var weights = evidence.Gradients.mean([2, 3], keepdim: true);
        return (weights * evidence.Activations).sum(1);
    }

    /// <inheritdoc/>
    protected override Tensor Evidence(LayerEvidence evidence) => Sum(evidence);

    /// <inheritdoc/>
    protected override Tensor Weights(Tensor map)
    {
        map = map.relu();
        return map / map.amax([1, 2], keepdim: true);
    }
}
