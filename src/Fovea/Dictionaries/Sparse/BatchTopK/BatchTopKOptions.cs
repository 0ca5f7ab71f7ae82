using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>BatchTopK: k latents of a vector are active on average.</summary>
public sealed record BatchTopKOptions() : VariantOptions(32)
{
    /// <inheritdoc/>
    public override string Architecture => BatchTopKAutoencoder.VariantName;

    internal override SparseAutoencoder Create(int inputSize, int latentSize, ScalarType dtype) =>
        new BatchTopKAutoencoder(inputSize, latentSize, Sparsity, dtype);
}
