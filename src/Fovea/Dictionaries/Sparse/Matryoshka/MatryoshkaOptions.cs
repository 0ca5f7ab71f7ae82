using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>Matryoshka: BatchTopK whose first latents are an autoencoder too.</summary>
public sealed record MatryoshkaOptions() : VariantOptions(32)
{
    /// <inheritdoc/>
    public override string Architecture => MatryoshkaAutoencoder.VariantName;

    internal override SparseAutoencoder Create(int inputSize, int latentSize, ScalarType dtype) =>
        new MatryoshkaAutoencoder(inputSize, latentSize, Sparsity, dtype);
}
