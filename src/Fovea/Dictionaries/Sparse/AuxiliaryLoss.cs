using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// AuxK (Gao et al. 2024, arXiv 2406.04093, appendix A.2): the error of the reconstruction is reconstructed by the largest dead latents,
/// which brings them back.
/// <code>
/// e = x − x̂, held constant                g_i = max(z_i, 0) where z_i is among the k_aux largest of the dead latents, else 0
/// L_aux = α · min(#dead / k_aux, 1) · E‖e − g W_dec‖²
/// </code>
/// No decoder bias in it, and e has no gradient: only dead latents get a gradient from it, their encoder as well as their decoder.
/// </summary>
/// <param name="Coefficient">α; 0 is none.</param>
/// <param name="K">k_aux, at least 1.</param>
/// <param name="DeadAfter">A latent is dead when it was silent for more than so many training vectors.</param>
internal sealed record AuxiliaryLoss(double Coefficient, int K, long DeadAfter)
{
    public static AuxiliaryLoss None { get; } = new(0, 1, long.MaxValue);

    /// <summary>α · min(#dead / k_aux, 1).</summary>
    public double Weight(int dead) => Coefficient * Math.Min((double)dead / K, 1);

    /// <summary>L_aux of a batch, a scalar with gradients; null where no latent is dead or none is to be revived.</summary>
    /// <param name="x"><c>[rows, d]</c>.</param>
    /// <param name="z">Pre-activations, <c>[rows, n]</c>.</param>
    /// <param name="output">x̂, <c>[rows, d]</c>.</param>
    /// <param name="dead">The dead latents.</param>
    /// <param name="decoder">W_dec, <c>[n, d]</c>.</param>
    public Tensor? Of(Tensor x, Tensor z, Tensor output, int[] dead, Tensor decoder)
    {
        if (dead.Length == 0 || Coefficient <= 0) return null;
        using var scope = NewDisposeScope();
        var indices = tensor(dead, int64, device: x.device);
        var left = (x - output).detach();
        var error = (left - Largest(z, indices).mm(decoder.index_select(0, indices))).square().sum();
        return (error * (Weight(dead.Length) / x.shape[0])).MoveToOuterDisposeScope();
    }

    /// <summary>g of a batch among all latents, dense <c>[rows, n]</c>; null as for <see cref="Of"/>.</summary>
    /// <param name="z">Pre-activations, <c>[rows, n]</c>.</param>
    /// <param name="dead">The dead latents.</param>
    public Tensor? Codes(Tensor z, int[] dead)
    {
        if (dead.Length == 0 || Coefficient <= 0) return null;
        using var scope = NewDisposeScope();
        var indices = tensor(dead, int64, device: z.device);
        return zeros_like(z).index_copy(1, indices, Largest(z, indices)).MoveToOuterDisposeScope();
    }

    /// <summary>g of the dead latents alone, <c>[rows, dead]</c>.</summary>
    private Tensor Largest(Tensor z, Tensor dead)
    {
        using var scope = NewDisposeScope();
        var among = z.index_select(1, dead);
        var (values, indices) = among.topk((int)Math.Min(K, dead.shape[0]), 1, largest: true, sorted: false);
        return zeros_like(among).scatter(1, indices, values.relu()).MoveToOuterDisposeScope();
    }
}
