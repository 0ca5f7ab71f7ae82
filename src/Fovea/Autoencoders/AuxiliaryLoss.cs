namespace Fovea.Autoencoders;

/// <summary>
/// AuxK (Gao et al. 2024, arXiv 2406.04093, appendix A.2): what is left of a vector is reconstructed by its largest dead latents, which brings them back.
/// <code>
/// e = x − x̂, held constant                g_i = max(z_i, 0) where z_i is among the k_aux largest of the dead latents, else 0
/// L_aux = α · min(#dead / k_aux, 1) · E‖e − g W_dec‖²
/// </code>
/// No decoder bias in it, and e has no gradient: only dead latents hear of it, their encoder as well as their decoder.
/// </summary>
/// <param name="Coefficient">α; 0 is none.</param>
/// <param name="K">k_aux; 0 takes half of d.</param>
/// <param name="DeadAfter">A latent is dead when it was silent for more than so many training vectors.</param>
internal sealed record AuxiliaryLoss(double Coefficient, int K, long DeadAfter)
{
    public static AuxiliaryLoss None { get; } = new(0, 1, long.MaxValue);

    /// <summary>α · min(#dead / k_aux, 1).</summary>
    public double Weight(int dead) => Coefficient * Math.Min((double)dead / K, 1);
}
