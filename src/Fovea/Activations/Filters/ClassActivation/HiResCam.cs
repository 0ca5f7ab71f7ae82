using static TorchSharp.torch;

namespace Fovea.Activations.Filters.ClassActivation;

/// <summary>
/// HiResCAM (Draelos and Carin 2020): Σ_k ∂y/∂A_k ⊙ A_k, each position with its own gradient. Grad-CAM where the gradient is the same at
/// all positions, as before average pooling and a linear head. Drawn from rectified.
/// </summary>
public sealed class HiResCam() : ClassActivationMap("hirescam", "Σ_k ∂y/∂A_k A_k", LayerNeed.Gradients)
{
    /// <inheritdoc/>
    protected override Tensor Evidence(LayerEvidence evidence) => (evidence.Gradients * evidence.Activations).sum(1);
}
