using static TorchSharp.torch;

namespace Fovea.Autoencoders;

/// <summary>
/// The TopK autoencoder (paper, section 8.2.4; Gao et al. 2024, arXiv 2406.04093):
/// <code>
/// z = (x − b_dec) W_enc + b_enc
/// f_i = max(z_i, 0) where z_i is among the k largest of its row, else 0        k = Sparsity
/// x̂ = f W_dec + b_dec                  L = E‖x − x̂‖²
/// </code>
/// At most k latents of a row are active; a row with fewer than k positive pre-activations has fewer. The decoder's rows are kept at
/// length 1, so that latents compete by how much they explain. Gradients reach active entries only.
/// </summary>
public sealed class TopKAutoencoder : SparseAutoencoder
{
    /// <summary>The variant's name.</summary>
    public const string VariantName = "topk";

    /// <summary>Zero parameters; see <see cref="SparseAutoencoder.Initialize"/>.</summary>
    /// <param name="inputSize">d.</param>
    /// <param name="latentSize">n.</param>
    /// <param name="k">Active latents a row, 1 … n.</param>
    /// <param name="dtype">float32 or float64.</param>
    /// <exception cref="FoveaException">k is not in 1 … n.</exception>
    public TopKAutoencoder(int inputSize, int latentSize, int k, ScalarType dtype = ScalarType.Float32)
        : base(inputSize, latentSize, k, dtype)
    {
        if (k < 1 || k > latentSize) throw FoveaException.BadConfiguration($"TopK needs 1 ≤ k ≤ {latentSize} (the number of latents), k is {k}.");
        K = k;
    }

    /// <inheritdoc/>
    public override string Architecture => VariantName;

    /// <inheritdoc/>
    public override AutoencoderSettings Settings => new() { Sparsity = K };

    /// <summary>Largest number of active latents a row.</summary>
    public int K { get; }

    /// <inheritdoc/>
    public override void BeforeStep() => DecoderNorm.ProjectGradient(DecoderWeight);

    /// <inheritdoc/>
    public override void AfterStep() => DecoderNorm.Normalize(DecoderWeight);

    internal override StepRule Rule() => new TopKRule(K);

    internal static SparseAutoencoder Create(AutoencoderSettings settings, int inputSize, int latentSize, ScalarType dtype)
    {
        double k = settings.Sparsity;
        if (!(k >= 1 && k <= int.MaxValue && Math.Floor(k) == k)) throw FoveaException.BadConfiguration($"TopK's sparsity is k, a whole number above 0, not {k}.");
        return new TopKAutoencoder(inputSize, latentSize, (int)k, dtype);
    }

    // ReLU after the selection gives the same codes as before it (what is not positive becomes zero either way) at k instead of n a row.
    private protected override Tensor Activate(Tensor z)
    {
        using var scope = NewDisposeScope();
        var (values, indices) = z.topk(K, 1, largest: true, sorted: false);
        return zeros_like(z).scatter(1, indices, values.relu()).MoveToOuterDisposeScope();
    }

    private protected override Tensor Penalty(Tensor z, Tensor codes) => zeros([], codes.dtype, codes.device);
}
