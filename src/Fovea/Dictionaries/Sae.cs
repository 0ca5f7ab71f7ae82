using Fovea.Dictionaries.Sparse;

namespace Fovea.Dictionaries;

/// <summary>What to train, in one word: options of a sparse autoencoder, to be changed with <c>with</c>.</summary>
public static class Sae
{
    /// <summary>TopK: exactly the k largest latents of a vector are active.</summary>
    /// <param name="k">Active latents a vector.</param>
    public static AutoencoderOptions TopK(int k) => Options(TopKAutoencoder.VariantName, k);

    /// <summary>BatchTopK: k latents of a vector are active on average.</summary>
    /// <param name="k">Active latents a vector on average.</param>
    public static AutoencoderOptions BatchTopK(double k) => Options(BatchTopKAutoencoder.VariantName, k);

    /// <summary>Matryoshka: BatchTopK whose first latents are an autoencoder too.</summary>
    /// <param name="k">Active latents a vector on average.</param>
    public static AutoencoderOptions Matryoshka(double k) => Options(MatryoshkaAutoencoder.VariantName, k);

    /// <summary>L1: the sum of the codes is penalised.</summary>
    /// <param name="coefficient">λ, on scaled vectors.</param>
    public static AutoencoderOptions L1(double coefficient) => Options(L1Autoencoder.VariantName, coefficient);

    /// <summary>JumpReLU: the number of active latents is penalised.</summary>
    /// <param name="coefficient">λ, on scaled vectors.</param>
    public static AutoencoderOptions JumpReLU(double coefficient) => Options(JumpReLUAutoencoder.VariantName, coefficient);

    /// <summary>Gated: which latents are active and how much are decided apart.</summary>
    /// <param name="coefficient">λ, on scaled vectors.</param>
    public static AutoencoderOptions Gated(double coefficient) => Options(GatedAutoencoder.VariantName, coefficient);

    private static AutoencoderOptions Options(string variant, double sparsity) => new() { Name = variant, Architecture = variant, Sparsity = sparsity };
}
