namespace Fovea.Dictionaries.Sparse;

/// <summary>What <see cref="JumpReLUAutoencoder"/> minimises to be sparse, averaged over the batch; λ is its coefficient.</summary>
public enum JumpReLUPenalty
{
    /// <summary>λ E‖f‖₀, the original's (arXiv 2407.14435): every active latent costs the same.</summary>
    Step,

    /// <summary>
    /// λ E Σ tanh(s f), s = 4 (Anthropic's, as in SAELens): nearly a step, but small codes have a gradient too. Decoder rows have length 1,
    /// so no length is in it.
    /// </summary>
    Tanh,

    /// <summary>
    /// λ d (L0/T − 1)², L0 = E‖f‖₀ over the batch: the price of a latent follows from how far L0 is from T. With d, the mean squared length
    /// of scaled vectors, λ is what it is in dictionary_learning, whose vectors have mean squared length 1, and suits every layer.
    /// </summary>
    Target,
}
