using Fovea.Dictionaries.Kernels;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// The L1 autoencoder (paper, section 8.2.3; Cunningham et al. 2023):
/// <code>
/// z = (x − b_dec) W_enc + b_enc        f = max(z, 0)        x̂ = f W_dec + b_dec
/// L = E‖x − x̂‖² + λ E‖f‖₁              λ = Sparsity
/// inference: f_i = 0 where f_i &lt; clip
/// </code>
/// Tied: W_enc = W_decᵀ (eq. 9), free in length, since codes cannot shrink without their reconstruction. Untied: the decoder's rows are
/// kept at length 1 after each step. Without biases b_enc = b_dec = 0.
/// </summary>
public sealed class L1Autoencoder : SparseAutoencoder
{
    /// <summary>The variant's name.</summary>
    public const string VariantName = "l1";

    private const double LowestStart = 1;

    /// <summary>Zero parameters; see <see cref="SparseAutoencoder.Initialize"/>.</summary>
    /// <param name="inputSize">d.</param>
    /// <param name="latentSize">n.</param>
    /// <param name="coefficient">λ.</param>
    /// <param name="clip">Latents below it are zero at inference.</param>
    /// <param name="tied">The encoder is the decoder's transpose.</param>
    /// <param name="biases">Biases are trained.</param>
    /// <param name="dtype">float32 or float64.</param>
    /// <exception cref="FoveaException">A value is out of range.</exception>
    public L1Autoencoder(
        int inputSize, int latentSize, double coefficient, double clip = 0.1, bool tied = false, bool biases = true,
            ScalarType dtype = ScalarType.Float32)
        : base(inputSize, latentSize, coefficient, dtype, tied, biases)
    {
        if (!double.IsFinite(clip) || clip < 0) throw FoveaException.BadConfiguration($"The clip value must not be below 0, it is {clip}.");
        Clip = clip;
    }

    /// <inheritdoc/>
    public override string Architecture => VariantName;

    /// <inheritdoc/>
    public override VariantOptions Settings => new L1Options { Sparsity = Sparsity, Clip = Clip, Tied = Tied, Biases = Biases };

    /// <summary>Latents below this value are set to zero at inference (paper, section 8.3); training does not clip.</summary>
    public double Clip { get; internal set; }

    /// <inheritdoc/>
    /// <remarks>
    /// b_enc starts at −λ/2, at most 1 below 0: for an orthonormal dictionary λ/2 is the best soft threshold, and codes are sparse
    /// from the first step. The bound keeps a strong penalty from killing latents before training.
    /// </remarks>
    public override void Initialize(ulong seed, ReadOnlySpan<double> mean = default)
    {
        base.Initialize(seed, mean);
        if (!Biases) return;
        using var frozen = no_grad();
        EncoderBias.fill_(-Math.Min(Sparsity / 2, LowestStart));
    }

    /// <inheritdoc/>
    public override void BeforeStep()
    {
        if (!Tied) DecoderNorm.ProjectGradient(DecoderWeight);
    }

    /// <inheritdoc/>
    public override void AfterStep()
    {
        if (!Tied) DecoderNorm.Normalize(DecoderWeight);
    }

    /// <inheritdoc/>
    public override void FoldScale(double scale)
    {
        base.FoldScale(scale);
        Clip /= scale;
        Sparsity /= scale;
    }

    internal override StepRule Rule() => new L1Rule(Sparsity, Clip, Tied);

    internal override Func<Tensor, EntryObjective> EntryObjective => z => new EntryObjective(Activate(z), Sparsity);

    private protected override Tensor Activate(Tensor z) => z.relu();

    private protected override Tensor InferenceCodes(Tensor z)
    {
        if (Clip == 0) return Activate(z);
        using var scope = NewDisposeScope();
        var codes = Activate(z);
        return (codes * codes.ge(Clip).to_type(codes.dtype)).MoveToOuterDisposeScope();
    }

    // Codes are not negative, so their sum is their L1 norm.
    private protected override Tensor Penalty(Tensor z, Tensor codes) => codes.sum() * (Sparsity / codes.shape[0]);
}
