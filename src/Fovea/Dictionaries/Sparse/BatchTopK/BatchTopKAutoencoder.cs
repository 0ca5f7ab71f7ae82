using Fovea.Dictionaries.Kernels;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// The BatchTopK autoencoder (Bussmann, Leask and Nanda 2024, arXiv 2412.06410): k active latents a vector on average, distributed where
/// they are needed.
/// <code>
/// z = (x − b_dec) W_enc + b_enc
/// training:   f_i = z_i where z_i &gt; 0 is among the k·B largest of the whole batch, else 0        k = Sparsity
/// inference:  f_i = z_i where z_i &gt; θ, else 0
/// x̂ = f W_dec + b_dec                  L = E‖x − x̂‖²
/// θ ← θ + (min{f &gt; 0} − θ) / min(t, 100)   after the selection of step t
/// </code>
/// θ, one number for all latents (stored <c>[n]</c> as SAELens does), is the average of the smallest active code: a plain one at first, so
/// that it does not lean towards its start, then one over about a hundred steps. A batch without any active code leaves it. Decoder rows
/// are kept at length 1.
/// </summary>
public class BatchTopKAutoencoder : SparseAutoencoder
{
    /// <summary>The variant's name.</summary>
    public const string VariantName = "batchtopk";

    /// <summary>Steps that θ averages over.</summary>
    internal const int ThresholdSteps = 100;

    /// <summary>Zero parameters; see <see cref="SparseAutoencoder.Initialize"/>.</summary>
    /// <param name="inputSize">d.</param>
    /// <param name="latentSize">n.</param>
    /// <param name="k">Active latents a vector on average; above 0, at most n, need not be whole.</param>
    /// <param name="dtype">float32 or float64.</param>
    /// <exception cref="FoveaException">k is out of range.</exception>
    public BatchTopKAutoencoder(int inputSize, int latentSize, double k, ScalarType dtype = ScalarType.Float32)
        : base(inputSize, latentSize, k, dtype)
    {
        if (!(k > 0) || k > latentSize)
            throw FoveaException.BadConfiguration($"BatchTopK needs 0 < k ≤ {latentSize} (the number of latents), k is {k}.");
        AddParameter(ThresholdName, trained: false, dtype, latentSize);
    }

    /// <inheritdoc/>
    public override string Architecture => VariantName;

    /// <inheritdoc/>
    public override VariantOptions Settings => new BatchTopKOptions { Sparsity = Sparsity };

    private protected Tensor Threshold => Parameters[ThresholdName];

    /// <inheritdoc/>
    public override void BeforeStep() => DecoderNorm.ProjectGradient(DecoderWeight);

    /// <inheritdoc/>
    public override void AfterStep() => DecoderNorm.Normalize(DecoderWeight);

    /// <inheritdoc/>
    public override void FoldScale(double scale)
    {
        base.FoldScale(scale);
        using var frozen = no_grad();
        Threshold.div_(scale);
    }

    /// <summary>How many codes of a batch are active.</summary>
    internal static long ActiveOf(double k, long rows) => Math.Max(1, (long)Math.Round(k * rows));

    internal override bool LooksAtWholeBatch => true;

    internal override StepRule Rule() => new BatchTopKRule(Sparsity, LatentSize);

    internal override Func<Tensor, EntryObjective> EntryObjective => z => new EntryObjective(Activate(z));

    internal override void Observe(AutoencoderLoss loss, long step)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var active = loss.Codes[loss.Codes.gt(0)];
        if (active.numel() > 0) Threshold.add_((active.min() - Threshold) / Math.Min(step, ThresholdSteps));
    }

    private protected override Tensor Activate(Tensor z)
    {
        using var scope = NewDisposeScope();
        var flat = z.flatten();
        var (values, indices) = flat.topk((int)Math.Min(ActiveOf(Sparsity, z.shape[0]), flat.shape[0]), 0, largest: true, sorted: false);
        return zeros_like(flat).scatter(0, indices, values.relu()).view(z.shape).MoveToOuterDisposeScope();
    }

    private protected override Tensor InferenceCodes(Tensor z)
    {
        using var scope = NewDisposeScope();
        return (z * z.gt(Threshold.clamp_min(0)).to_type(z.dtype)).MoveToOuterDisposeScope();
    }

    private protected override Tensor Penalty(Tensor z, Tensor codes) => zeros([], codes.dtype, codes.device);
}
