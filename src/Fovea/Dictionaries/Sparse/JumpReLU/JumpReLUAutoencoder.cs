using Fovea.Dictionaries.Kernels;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// The JumpReLU autoencoder (paper, section 8.2.5; Rajamanoharan, Lieberum et al. 2024, arXiv 2407.14435):
/// <code>
/// z = (x − b_dec) W_enc + b_enc        f_i = z_i H(z_i − θ_i)        x̂ = f W_dec + b_dec
/// L = E‖x − x̂‖² + penalty              λ = Sparsity,  ‖f‖₀ = Σ_i H(z_i − θ_i)
/// penalty = λ E‖f‖₀   or   λ E Σ_i tanh(s f_i)   or   λ d (E‖f‖₀ / T − 1)²      <see cref="JumpReLUPenalty"/>
/// </code>
/// H is the step. f and ‖f‖₀ are flat in θ, so θ gets straight-through gradients (eqs. 11 and 12 there), with K the
/// rectangle of width 1 and height 1 round 0 and ε the bandwidth:
/// <code>
/// ∂f_i/∂θ_i   := −(θ_i/ε) K((z_i − θ_i)/ε)
/// ∂‖f‖₀/∂θ_i  := −(1/ε) K((z_i − θ_i)/ε)
/// </code>
/// z gets the plain gradient H(z − θ) from f and none from ‖f‖₀; the gradient of tanh reaches θ through f. θ itself is trained (not its
/// logarithm, whose steps under Adam are proportional to θ and practically stop) and kept at 0 or above; decoder rows are kept at length 1.
/// The window looks at z, not at f: values just below the threshold count.
/// </summary>
public sealed class JumpReLUAutoencoder : SparseAutoencoder
{
    /// <summary>The variant's name.</summary>
    public const string VariantName = "jumprelu";

    /// <summary>ε where none is given, for scaled vectors.</summary>
    public const double DefaultBandwidth = 0.1;

    /// <summary>T where none is given.</summary>
    public const double DefaultTargetL0 = 32;

    /// <summary>s where none is given, for scaled vectors.</summary>
    public const double DefaultTanhScale = 4;

    /// <summary>Zero parameters; see <see cref="Initialize"/>.</summary>
    /// <param name="inputSize">d.</param>
    /// <param name="latentSize">n.</param>
    /// <param name="coefficient">λ.</param>
    /// <param name="bandwidth">ε, the width of the window in which θ gets gradients.</param>
    /// <param name="initialThreshold">θ at the start; when null √λ, or 1 where λ is no price of a latent; see
    /// <see cref="Initialize"/>.</param>
    /// <param name="dtype">float32 or float64.</param>
    /// <param name="penalty">The penalty's form.</param>
    /// <param name="targetL0">T, for <see cref="JumpReLUPenalty.Target"/>.</param>
    /// <param name="tanhScale">s, for <see cref="JumpReLUPenalty.Tanh"/>.</param>
    /// <exception cref="FoveaException">A value is out of range.</exception>
    public JumpReLUAutoencoder(
        int inputSize, int latentSize, double coefficient, double bandwidth = DefaultBandwidth, double? initialThreshold = null,
            ScalarType dtype = ScalarType.Float32,
        JumpReLUPenalty penalty = JumpReLUPenalty.Step, double targetL0 = DefaultTargetL0, double tanhScale = DefaultTanhScale)
        : base(inputSize, latentSize, coefficient, dtype)
    {
        if (!double.IsFinite(bandwidth) || bandwidth <= 0)
            throw FoveaException.BadConfiguration($"JumpReLU's bandwidth must be above 0, it is {bandwidth}.");
        if (initialThreshold is { } start && (!double.IsFinite(start) || start < 0))
            throw FoveaException.BadConfiguration($"JumpReLU's initial threshold must not be below 0, it is {start}.");
        if (!Enum.IsDefined(penalty)) throw FoveaException.BadConfiguration($"JumpReLU has no penalty {penalty}.");
        if (!(targetL0 > 0) || !double.IsFinite(targetL0))
            throw FoveaException.BadConfiguration($"JumpReLU's target L0 must be above 0, it is {targetL0}.");
        if (!(tanhScale > 0) || !double.IsFinite(tanhScale))
            throw FoveaException.BadConfiguration($"The scale in JumpReLU's tanh must be above 0, it is {tanhScale}.");
        (Bandwidth, PenaltyForm, TargetL0, TanhScale) = (bandwidth, penalty, targetL0, tanhScale);
        InitialThreshold = initialThreshold ?? (penalty == JumpReLUPenalty.Target ? 1 : Math.Sqrt(coefficient));
        AddParameter(ThresholdName, trained: true, dtype, latentSize);
    }

    /// <inheritdoc/>
    public override string Architecture => VariantName;

    /// <inheritdoc/>
    public override VariantOptions Settings => new JumpReLUOptions
    {
        Sparsity = Sparsity,
        Bandwidth = Bandwidth,
        Penalty = PenaltyForm,
        TargetL0 = TargetL0,
        TanhScale = TanhScale,
    };

    /// <summary>ε.</summary>
    public double Bandwidth { get; private set; }

    /// <summary>θ as <see cref="Initialize"/> sets it.</summary>
    public double InitialThreshold { get; }

    /// <summary>What is minimised besides the error.</summary>
    public JumpReLUPenalty PenaltyForm { get; }

    /// <summary>T, active latents a vector; without effect but on <see cref="JumpReLUPenalty.Target"/>.</summary>
    public double TargetL0 { get; }

    /// <summary>s; without effect but on <see cref="JumpReLUPenalty.Tanh"/>.</summary>
    public double TanhScale { get; private set; }

    private Tensor Threshold => Parameters[ThresholdName];

    /// <inheritdoc/>
    /// <remarks>
    /// θ starts at √λ unless given: for an orthonormal dictionary dropping an entry of size f costs f² and saves λ, so √λ is the best
    /// threshold; and since Adam moves θ by at most the learning rate a step, a start near 0 would not arrive. With a target L0, where the
    /// price of a latent is not known beforehand, it is 1, the default's √λ.
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
        TanhScale *= scale;
        Sparsity /= scale * scale;
    }

    internal override bool LooksAtWholeBatch => PenaltyForm == JumpReLUPenalty.Target;

    internal override StepRule Rule() => new JumpReLURule(this);

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
        long rows = z.shape[0];
        var penalty = PenaltyForm switch
        {
            JumpReLUPenalty.Tanh => (codes * TanhScale).tanh().sum() / rows,
            JumpReLUPenalty.Target => (Active(z) / (rows * TargetL0) - 1).square() * InputSize,
            _ => Active(z) / rows,
        };
        return (penalty * Sparsity).MoveToOuterDisposeScope();
    }

    /// <summary>Σ ‖f‖₀ of the batch, a scalar.</summary>
    private Tensor Active(Tensor z)
    {
        var theta = Threshold;
        var active = Gate(z).sum();
        return theta.requires_grad ? active + ((theta.detach() - theta) * Window(z).sum([0L])).sum() / Bandwidth : active;
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
