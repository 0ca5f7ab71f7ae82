using static TorchSharp.torch;

namespace Fovea.Activations.Filters.ClassActivation;

/// <summary>
/// LayerCAM (Jiang et al. 2021): Σ_k ReLU(∂y/∂A_k) ⊙ A_k. Where activations are not negative neither is the map, and it is zero only if no
/// active unit has a positive gradient anywhere. Negative activations count against a position. Drawn from rectified.
/// </summary>
public sealed class LayerCam() : ClassActivationMap("layercam", "Σ_k ReLU(∂y/∂A_k) A_k", LayerNeed.Gradients)
{
    /// <inheritdoc/>
    protected override Tensor Evidence(LayerEvidence evidence) => (evidence.Gradients.relu() * evidence.Activations).sum(1);
}
