using static TorchSharp.torch;

namespace Fovea.Autoencoders;

/// <summary>
/// The JumpReLU autoencoder (paper, section 8.2.5; Rajamanoharan, Lieberum et al. 2024, arXiv 2407.14435):
/// <code>
/// z = (x − b_dec) W_enc + b_enc        f_i = z_i H(z_i − θ_i)        x̂ = f W_dec + b_dec
/// L = E‖x − x̂‖² + λ E‖f‖₀              λ = Sparsity,  ‖f‖₀ = Σ_i H(z_i − θ_i)
/// </code>
/// H is the step. Both terms are flat in θ, so θ gets straight-through gradients (eqs. 11 and 12 there), with K the
/// rectangle of width 1 and height 1 round 0 and ε the bandwidth:
/// <code>
/// ∂f_i/∂θ_i   := −(θ_i/ε) K((z_i − θ_i)/ε)
/// ∂‖f‖₀/∂θ_i  := −(1/ε) K((z_i − θ_i)/ε)
/// </code>
/// z gets the plain gradient H(z − θ) from f and none from ‖f‖₀. θ itself is trained (not its logarithm, whose steps under Adam are
/// proportional to θ and practically stop) and kept at 0 or above; decoder rows are kept at length 1. The window looks at z, not at f:
/// values just below the threshold count.
/// </summary>
public sealed class JumpReLUAutoencoder : SparseAutoencoder
{
    /// <summary>The variant's name.</summary>
    public const string VariantName = "jumprelu";

    /// <summary>ε where none is given, for scaled vectors.</summary>
    public const double DefaultBandwidth = 0.1;

    /// <summary>Zero parameters; see <see cref="Initialize"/>.</summary>
    /// <param name="inputSize">d.</param>
    /// <param name="latentSize">n.</param>
    /// <param name="coefficient">λ.</param>
    /// <param name="bandwidth">ε, the width of the window in which θ gets gradients.</param>
    /// <param name="initialThreshold">θ at the start; √λ when null, see <see cref="Initialize"/>.</param>
    /// <param name="dtype">float32 or float64.</param>
    /// <exception cref="FoveaException">A value is out of range.</exception>
    public JumpReLUAutoencoder(
        int inputSize, int latentSize, double coefficient, double bandwidth = DefaultBandwidth, double? initialThreshold = null, ScalarType dtype = ScalarType.Float32)
        : base(inputSize, latentSize, coefficient, dtype)
    {
        if (!double.IsFinite(bandwidth) || bandwidth <= 0) throw FoveaException.BadConfiguration($"JumpReLU's bandwidth must be above 0, it is {bandwidth}.");
        if (initialThreshold is { } start && (!double.IsFinite(start) || start < 0))
            throw FoveaException.BadConfiguration($"JumpReLU's initial threshold must not be below 0, it is {start}.");
        (Bandwidth, InitialThreshold) = (bandwidth, initialThreshold ?? Math.Sqrt(coefficient));
        AddParameter(ThresholdName, trained: true, dtype, latentSize);
    }

    /// <inheritdoc/>
    public override string Architecture => VariantName;

    /// <inheritdoc/>
    public override AutoencoderSettings Settings => new() { Sparsity = Sparsity, Bandwidth = Bandwidth };

    /// <summary>ε.</summary>
    public double Bandwidth { get; private set; }

    /// <summary>θ as <see cref="Initialize"/> sets it.</summary>
    public double InitialThreshold { get; }

    private Tensor Threshold => Parameters[ThresholdName];

    /// <inheritdoc/>
    /// <remarks>
    /// θ starts at √λ unless given: for an orthonormal dictionary dropping an entry of size f costs f² and saves λ, so √λ is the best
    /// threshold; and since Adam moves θ by at most the learning rate a step, a start near 0 would not arrive.
    /// </remarks>
    public override void Initialize(ulong seed, ReadOnlySpan<double> mean = default)
    {
        base.Initialize(seed, mean);
        using var frozen = no_grad();
        Threshold.fill_(InitialThreshold);
    }

    /// <inheritdoc/>
    public override void BeforeStep() => DecoderNorm.ProjectGradient(DecoderWeight);

    /// <inheritdoc/>
    public override void AfterStep()
    {
        DecoderNorm.Normalize(DecoderWeight);
        using var frozen = no_grad();
        Threshold.clamp_min_(0);
    }

    /// <inheritdoc/>
    public override void FoldScale(double scale)
    {
        base.FoldScale(scale);
        using var frozen = no_grad();
        Threshold.div_(scale);
        Bandwidth /= scale;
        Sparsity /= scale * scale;
    }

    internal override StepRule Rule() => new JumpReLURule(Sparsity, Bandwidth, LatentSize);

    internal static SparseAutoencoder Create(AutoencoderSettings settings, int inputSize, int latentSize, ScalarType dtype) => new JumpReLUAutoencoder(
        inputSize, latentSize, settings.Sparsity, settings.Bandwidth ?? DefaultBandwidth, settings.InitialThreshold, dtype);

    private protected override Tensor Activate(Tensor z)
    {
        using var scope = NewDisposeScope();
        var theta = Threshold;
        var values = z * Gate(z);
        if (theta.requires_grad)
        {
            // (θ₀ − θ)·θ₀/ε is zero and has the slope −θ₀/ε: the window carries that slope to θ and leaves the value alone.
            var constant = theta.detach();
            values = values.addcmul(Window(z), (constant - theta) * constant / Bandwidth, 1);
        }
        return values.MoveToOuterDisposeScope();
    }

    private protected override Tensor Penalty(Tensor z, Tensor codes)
    {
        using var scope = NewDisposeScope();
        var theta = Threshold;
        var active = Gate(z).sum();
        if (theta.requires_grad) active = active + ((theta.detach() - theta) * Window(z).sum([0L])).sum() / Bandwidth;
        return (active * (Sparsity / z.shape[0])).MoveToOuterDisposeScope();
    }

    /// <summary>H(z − θ), without gradients.</summary>
    private Tensor Gate(Tensor z)
    {
        using var frozen = no_grad();
        using var mask = z.gt(Threshold);
        return mask.to_type(z.dtype);
    }

    /// <summary>K((z − θ)/ε), without gradients.</summary>
    private Tensor Window(Tensor z)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        return (z - Threshold).abs_().lt(Bandwidth / 2).to_type(z.dtype).MoveToOuterDisposeScope();
    }
}
