using Fovea.Dictionaries.Sparse;

namespace Fovea.Dictionaries;

/// <summary>What to train, in one word: options of a sparse autoencoder, to be changed with <c>with</c>.</summary>
public static class Sae
{
    /// <summary>A variant by its name.</summary>
    /// <param name="variant">One of <see cref="AutoencoderVariants"/>.</param>
    /// <param name="sparsity">k or λ; null: the variant's default.</param>
    /// <exception cref="FoveaException">Configuration: there is no such variant.</exception>
    public static AutoencoderOptions Of(string variant, double? sparsity = null)
    {
        VariantOptions defaults = AutoencoderVariants.Get(variant).Defaults;
        return new() { Variant = sparsity is { } given ? defaults with { Sparsity = given } : defaults };
    }

    /// <summary>TopK: exactly the k largest latents of a vector are active.</summary>
    /// <param name="k">Active latents a vector.</param>
    public static AutoencoderOptions TopK(int k) => new() { Variant = new TopKOptions { Sparsity = k } };

    /// <summary>BatchTopK: k latents of a vector are active on average.</summary>
    /// <param name="k">Active latents a vector on average.</param>
    public static AutoencoderOptions BatchTopK(double k) => new() { Variant = new BatchTopKOptions { Sparsity = k } };

    /// <summary>Matryoshka: BatchTopK whose first latents are an autoencoder too.</summary>
    /// <param name="k">Active latents a vector on average.</param>
    public static AutoencoderOptions Matryoshka(double k) => new() { Variant = new MatryoshkaOptions { Sparsity = k } };

    /// <summary>Matching pursuit: latents are chosen one after the other, each for what the ones before have left.</summary>
    /// <param name="k">Steps of a vector, and active latents at most.</param>
    public static AutoencoderOptions MatchingPursuit(int k) => new() { Variant = new MatchingPursuitOptions { Sparsity = k } };

    /// <summary>Archetypal: TopK whose directions stay near the hull of the training vectors.</summary>
    /// <param name="k">Active latents a vector.</param>
    public static AutoencoderOptions Archetypal(int k) => new() { Variant = new ArchetypalOptions { Sparsity = k } };

    /// <summary>L1: the sum of the codes is penalised.</summary>
    /// <param name="coefficient">λ, on scaled vectors.</param>
    public static AutoencoderOptions L1(double coefficient) => new() { Variant = new L1Options { Sparsity = coefficient } };

    /// <summary>JumpReLU: the number of active latents is penalised.</summary>
    /// <param name="coefficient">λ, on scaled vectors.</param>
    public static AutoencoderOptions JumpReLU(double coefficient) => new() { Variant = new JumpReLUOptions { Sparsity = coefficient } };

    /// <summary>Gated: which latents are active and how much are decided apart.</summary>
    /// <param name="coefficient">λ, on scaled vectors.</param>
    public static AutoencoderOptions Gated(double coefficient) => new() { Variant = new GatedOptions { Sparsity = coefficient } };
}
