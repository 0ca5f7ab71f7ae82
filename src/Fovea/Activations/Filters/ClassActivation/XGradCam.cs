using static TorchSharp.torch;

namespace Fovea.Activations.Filters.ClassActivation;

/// <summary>
/// XGrad-CAM (Fu et al. 2020): w_k = Σ (A_k / Σ A_k) ∂y/∂A_k, an average of the gradients weighted by the activations; map = Σ_k w_k A_k.
/// The weights are |A_k| / Σ |A_k| here: the published ones in every channel of one sign, an average still where signs are mixed and Σ A_k
/// may be zero. A silent channel contributes nothing. Drawn from rectified.
/// </summary>
public sealed class XGradCam() : ClassActivationMap("xgradcam", "Σ_k (Σ |A_k| ∂y/∂A_k / Σ |A_k|) A_k", LayerNeed.Gradients)
{
    /// <inheritdoc/>
    protected override Tensor Evidence(LayerEvidence evidence)
    {
        var size = evidence.Activations.abs();
        var total = size.sum([2, 3], keepdim: true);
        // Where the total is 0 so are the activations: any other divisor gives the same map.
        var weights = (size * evidence.Gradients).sum([2, 3], keepdim: true) / total.where(total > 0, ones_like(total));
        return (weights * evidence.Activations).sum(1);
    }
}
