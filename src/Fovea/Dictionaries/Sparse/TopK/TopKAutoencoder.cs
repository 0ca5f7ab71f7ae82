using Fovea.Dictionaries.Kernels;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// The TopK autoencoder (paper, section 8.2.4; Gao et al. 2024, arXiv 2406.04093):
/// <code>
/// z = (x − b_dec) W_enc + b_enc
/// f_i = max(z_i, 0) where z_i is among the k largest of its row, else 0        k = Sparsity
/// x̂ = f W_dec + b_dec                  L = E‖x − x̂‖²
/// </code>
/// With a second, larger k₂ (Multi-TopK of Gao et al., appendix: k₂ = 4k, w = 1/8; the paper's "small and large k": w = 1) the same weights
/// also reconstruct from their k₂ largest codes in training, which keeps more latents alive:
/// <code>
/// L = E‖x − x̂_k‖² + w E‖x − x̂_k₂‖²
/// </code>
/// At most k latents of a row are active; a row with fewer than k positive pre-activations has fewer. The decoder's rows are kept at
/// length 1, so that latents compete by how much they explain. Gradients reach active entries only.
/// </summary>
public class TopKAutoencoder : SparseAutoencoder
{
    /// <summary>The variant's name.</summary>
    public const string VariantName = "topk";

    /// <summary>w where none is given: Gao et al.'s.</summary>
    public const double DefaultSecondWeight = 1.0 / 8;

    /// <summary>Zero parameters; see <see cref="SparseAutoencoder.Initialize"/>.</summary>
    /// <param name="inputSize">d.</param>
    /// <param name="latentSize">n.</param>
    /// <param name="k">Active latents a row, 1 … n.</param>
    /// <param name="secondK">k₂, or null for none.</param>
    /// <param name="secondWeight">w.</param>
    /// <param name="dtype">float32 or float64.</param>
    /// <exception cref="FoveaException">k is not in 1 … n, k₂ not in k + 1 … n, or w not above 0.</exception>
    public TopKAutoencoder(
        int inputSize, int latentSize, int k, int? secondK = null, double secondWeight = DefaultSecondWeight,
            ScalarType dtype = ScalarType.Float32)
        : this(inputSize, latentSize, k, secondK, secondWeight, dtype, trainDecoder: true)
    {
    }

    private protected TopKAutoencoder(
        int inputSize, int latentSize, int k, int? secondK, double secondWeight, ScalarType dtype, bool trainDecoder)
        : base(inputSize, latentSize, k, dtype, trainDecoder: trainDecoder)
    {
        if (secondK is { } more && (more <= k || more > latentSize))
            throw FoveaException.BadConfiguration(
                $"TopK's second k must lie between k and the number of latents ({k} < k₂ ≤ {latentSize}), it is {more}.");
        if (!(secondWeight > 0) || !double.IsFinite(secondWeight))
            throw FoveaException.BadConfiguration($"The weight of TopK's second k must be above 0, it is {secondWeight}.");
        (SecondK, SecondWeight) = (secondK, secondWeight);
        if (k < 1 || k > latentSize)
            throw FoveaException.BadConfiguration($"TopK needs 1 ≤ k ≤ {latentSize} (the number of latents), k is {k}.");
        K = k;
    }

    /// <inheritdoc/>
    public override string Architecture => VariantName;

    /// <inheritdoc/>
    public override VariantOptions Settings => new TopKOptions { Sparsity = K, SecondK = SecondK, SecondWeight = SecondWeight };

    /// <summary>Largest number of active latents a row.</summary>
    public int K { get; }

    /// <summary>k₂ of training, or null.</summary>
    public int? SecondK { get; }

    /// <summary>w.</summary>
    public double SecondWeight { get; }

    /// <inheritdoc/>
    public override void BeforeStep() => DecoderNorm.ProjectGradient(DecoderWeight);

    /// <inheritdoc/>
    public override void AfterStep() => DecoderNorm.Normalize(DecoderWeight);

    internal override StepRule Rule() => new TopKRule(K, SecondK ?? 0, (float)SecondWeight);

    internal override Func<Tensor, EntryObjective> EntryObjective =>
        z => new EntryObjective(Activate(z)) { Others = SecondK is { } more ? [(Largest(z, more), SecondWeight)] : [] };

    // ReLU after the selection gives the same codes as before it (what is not positive becomes zero either way) at k instead of n a row.
    private protected override Tensor Activate(Tensor z) => Largest(z, K);

    private protected override Tensor? Auxiliary(Tensor x, Tensor z, Tensor codes)
    {
        if (SecondK is not { } more) return null;
        using var scope = NewDisposeScope();
        return ((x - DecodeDense(Largest(z, more))).square().sum() * (SecondWeight / x.shape[0])).MoveToOuterDisposeScope();
    }

    private static Tensor Largest(Tensor z, int k)
    {
        using var scope = NewDisposeScope();
        var (values, indices) = z.topk(k, 1, largest: true, sorted: false);
        return zeros_like(z).scatter(1, indices, values.relu()).MoveToOuterDisposeScope();
    }

    private protected override Tensor Penalty(Tensor z, Tensor codes) => zeros([], codes.dtype, codes.device);
}
