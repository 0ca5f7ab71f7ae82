using static TorchSharp.torch;

namespace Fovea.Activations.Filters.ClassActivation;

/// <summary>
/// Grad-CAM++ (Chattopadhyay et al. 2017, equations 19 and 10): with g = ∂y/∂A, w_k = Σ α_k ReLU(g_k), α_k = g_k² / (2 g_k² + (Σ A_k)
/// g_k³), map = Σ_k w_k A_k. Only g &gt; 0 counts, so α = 1 / (2 + g Σ A), which needs no small number against 0 / 0. Σ A of a channel with
/// negative activations can make the denominator pass through zero; it is taken as max(Σ A, 0), the published value wherever Σ A ≥ 0, so
/// that 0 &lt; α ≤ 1/2. Drawn from rectified.
/// </summary>
public sealed class GradCamPlusPlus() : ClassActivationMap("gradcam-pp", "Σ_k (Σ g⁺ / (2 + g⁺ (Σ A_k)⁺)) A_k", LayerNeed.Gradients)
{
    /// <inheritdoc/>
    protected override Tensor Evidence(LayerEvidence evidence)
    {
        var positive = evidence.Gradients.relu();
        var sums = evidence.Activations.sum([2, 3], keepdim: true).relu();
        var weights = (positive / (positive * sums + 2)).sum([2, 3], keepdim: true);
        return (weights * evidence.Activations).sum(1);
    }
}
