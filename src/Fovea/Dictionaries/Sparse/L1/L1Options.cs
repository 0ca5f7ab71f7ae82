using Fovea.IO;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>L1: the sum of the codes is penalised.</summary>
public sealed record L1Options() : VariantOptions(2)
{
    /// <inheritdoc/>
    public override string Architecture => L1Autoencoder.VariantName;

    /// <summary>L1 only: latents below this are zero at inference; the paper's 0.1.</summary>
    public double Clip { get; init; } = 0.1;

    /// <summary>L1 only: with bias terms (the paper also trains one without).</summary>
    public bool Biases { get; init; } = true;

    /// <summary>L1 only: decoder = encoder transposed (equations 9 and 10); untied finds planted directions better.</summary>
    public bool Tied { get; init; }

    internal override SparseAutoencoder Create(int inputSize, int latentSize, ScalarType dtype) =>
        new L1Autoencoder(inputSize, latentSize, Sparsity, Clip, Tied, Biases, dtype);

    internal override VariantOptions Stored(double k) => new L1Options { Sparsity = k, Clip = 0 };

    internal override IEnumerable<(string Property, string? Problem)> Problems() => [(nameof(Clip), RuleProblems.AtLeast(Clip, 0.0))];
}
