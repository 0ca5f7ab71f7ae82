using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// What makes an autoencoder one of its variant: a record for each, beside its type. It is the part of <see cref="AutoencoderOptions"/>
/// that a recipe chooses by <c>architecture</c>, and what a file keeps of the finished autoencoder (then as it acts on raw vectors).
/// </summary>
[JsonConverter(typeof(VariantOptionsConverter))]
public abstract record VariantOptions
{
    /// <param name="sparsity">The variant's default.</param>
    private protected VariantOptions(double sparsity) => Sparsity = sparsity;

    /// <summary>
    /// The variant: <c>l1</c>, <c>topk</c>, <c>jumprelu</c>, <c>gated</c>, <c>batchtopk</c>, <c>matryoshka</c>, <c>matchingpursuit</c> or
    /// <c>archetypal</c>.
    /// </summary>
    public abstract string Architecture { get; }

    /// <summary>k for TopK, BatchTopK, Matryoshka, matching pursuit and archetypal (32), the penalty's coefficient λ for L1 (2),
    /// JumpReLU (1) and Gated (2).</summary>
    public double Sparsity { get; init; }

    /// <summary>One of these options with zero parameters.</summary>
    /// <param name="inputSize">d.</param>
    /// <param name="latentSize">n.</param>
    /// <param name="dtype">float32 or float64.</param>
    /// <exception cref="FoveaException">Configuration: a value cannot be used.</exception>
    internal abstract SparseAutoencoder Create(int inputSize, int latentSize, ScalarType dtype);

    /// <summary>The options of an inference SAE in a file that says nothing but k.</summary>
    /// <param name="k">k where the variant has one, else 0.</param>
    internal virtual VariantOptions Stored(double k) => this with { Sparsity = k };

    /// <summary>
    /// What is wrong with the variant's own values: the property and the rest of a sentence about it; null where nothing is.
    /// </summary>
    internal virtual IEnumerable<(string Property, string? Problem)> Problems() => [];
}
