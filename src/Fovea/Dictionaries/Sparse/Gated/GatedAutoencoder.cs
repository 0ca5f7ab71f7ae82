using Fovea.Dictionaries.Kernels;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// The Gated autoencoder (Rajamanoharan, Conmy et al. 2024, arXiv 2404.16014): which latents are active and how much are decided apart, so
/// that the penalty, which looks at the gates alone, shrinks no code:
/// <code>
/// u = (x − b_dec) W_enc                the two paths share their directions (eq. 7)
/// z = u + b_gate                       the gates
/// m = e^r u + b_mag                    the magnitudes, r = r_mag
/// f = H(z) max(m, 0)                   x̂ = f W_dec + b_dec
/// a = max(z, 0)
/// L = E‖x − x̂‖² + λ E‖a‖₁ + E‖x − (a W_dec* + b_dec*)‖²        λ = Sparsity
/// </code>
/// H, the step, gives the gates no gradient; the last term does, which asks them to reconstruct too. Its decoder is a constant copy, W_dec*
/// and b_dec*, as in the paper (SAELens' is trained by it), so that only the encoder bends to it; b_dec before the encoder is no copy.
/// Decoder rows are kept at length 1. b_gate stands in the place of b_enc, which this variant, like SAELens' form of it, does not have.
/// </summary>
public sealed class GatedAutoencoder : SparseAutoencoder
{
    /// <summary>The variant's name.</summary>
    public const string VariantName = "gated";

    /// <summary>Name of the gates' bias, <c>[latents]</c>.</summary>
    public const string GateBiasName = "b_gate";

    /// <summary>Name of the magnitudes' bias, <c>[latents]</c>.</summary>
    public const string MagnitudeBiasName = "b_mag";

    /// <summary>Name of r, the logarithm of the magnitudes' scale, <c>[latents]</c>.</summary>
    public const string MagnitudeScaleName = "r_mag";

    private const double LowestStart = 1;

    /// <summary>Zero parameters; see <see cref="Initialize"/>.</summary>
    /// <param name="inputSize">d.</param>
    /// <param name="latentSize">n.</param>
    /// <param name="coefficient">λ.</param>
    /// <param name="dtype">float32 or float64.</param>
    /// <exception cref="FoveaException">A value is out of range.</exception>
    public GatedAutoencoder(int inputSize, int latentSize, double coefficient, ScalarType dtype = ScalarType.Float32)
        : base(inputSize, latentSize, coefficient, dtype, encoderBias: GateBiasName)
    {
        AddParameter(MagnitudeBiasName, trained: true, dtype, latentSize);
        AddParameter(MagnitudeScaleName, trained: true, dtype, latentSize);
    }

    /// <inheritdoc/>
    public override string Architecture => VariantName;

    /// <inheritdoc/>
    public override VariantOptions Settings => new GatedOptions { Sparsity = Sparsity };

    private Tensor MagnitudeBias => Parameters[MagnitudeBiasName];

    private Tensor MagnitudeScale => Parameters[MagnitudeScaleName];

    /// <inheritdoc/>
    /// <remarks>
    /// b_gate starts at −λ/2, at most 1 below 0, the best soft threshold for an orthonormal dictionary (as in <see cref="L1Autoencoder"/>);
    /// b_mag and r at 0: what passes a gate is u itself.
    /// </remarks>
    public override void Initialize(ulong seed, ReadOnlySpan<double> mean = default)
    {
        base.Initialize(seed, mean);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        EncoderBias.fill_(-Math.Min(Sparsity / 2, LowestStart));
        MagnitudeBias.zero_();
        MagnitudeScale.zero_();
    }

    /// <inheritdoc/>
    public override void BeforeStep() => DecoderNorm.ProjectGradient(DecoderWeight);

    /// <inheritdoc/>
    public override void AfterStep() => DecoderNorm.Normalize(DecoderWeight);

    /// <inheritdoc/>
    public override void FoldScale(double scale)
    {
        base.FoldScale(scale);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        MagnitudeBias.div_(scale);
        Sparsity /= scale;
    }

    internal override StepRule Rule() => new GatedRule(Sparsity, LatentSize);

    private protected override Tensor Activate(Tensor z)
    {
        using var scope = NewDisposeScope();
        // u = z − b_gate: the gradients of b_gate through z and directly cancel, as it must, since m does not depend on it.
        var magnitudes = MagnitudeBias.addcmul(z - EncoderBias, MagnitudeScale.exp(), 1).relu();
        return (magnitudes * z.detach().gt(0).to_type(z.dtype)).MoveToOuterDisposeScope();
    }

    private protected override Tensor Penalty(Tensor z, Tensor codes)
    {
        using var scope = NewDisposeScope();
        return (z.relu().sum() * (Sparsity / z.shape[0])).MoveToOuterDisposeScope();
    }

    private protected override Tensor Auxiliary(Tensor x, Tensor z, Tensor codes)
    {
        using var scope = NewDisposeScope();
        var output = DecoderBias.detach().addmm(z.relu(), DecoderWeight.detach(), 1, 1);
        return ((x - output).square().sum() / x.shape[0]).MoveToOuterDisposeScope();
    }
}
