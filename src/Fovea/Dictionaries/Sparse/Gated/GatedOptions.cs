using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>Gated: which latents are active and how much are decided apart.</summary>
public sealed record GatedOptions() : VariantOptions(2)
{
    /// <inheritdoc/>
    public override string Architecture => GatedAutoencoder.VariantName;

    internal override SparseAutoencoder Create(int inputSize, int latentSize, ScalarType dtype) =>
        new GatedAutoencoder(inputSize, latentSize, Sparsity, dtype);
}
