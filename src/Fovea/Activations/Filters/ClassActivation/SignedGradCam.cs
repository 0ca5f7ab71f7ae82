using static TorchSharp.torch;

namespace Fovea.Activations.Filters.ClassActivation;

/// <summary>
/// Grad-CAM without the ReLU: Σ_k α_k A_k, α_k = mean over positions of ∂y/∂A_k. Positions are drawn by its absolute value, so evidence
/// against the class counts as much as evidence for it and the map is zero only where it says nothing at all. After a layer that is
/// followed by average pooling and one linear head, its sum is the logit minus the bias.
/// </summary>
public sealed class SignedGradCam() : ClassActivationMap("gradcam-signed", "Σ_k mean(∂y/∂A_k) A_k", LayerNeed.Gradients)
{
    /// <inheritdoc/>
    public override string Formula => "|Σ_k mean(∂y/∂A_k) A_k|";

    /// <inheritdoc/>
    protected override Tensor Evidence(LayerEvidence evidence) => GradCam.Sum(evidence);

    /// <inheritdoc/>
    protected override Tensor Weights(Tensor map) => map.abs();
}
