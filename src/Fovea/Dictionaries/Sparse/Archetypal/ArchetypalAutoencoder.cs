using Fovea.Activations;
using Fovea.Dictionaries.Plain;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// The relaxed archetypal autoencoder (RA-SAE; Fel et al. 2025, "Archetypal SAE", arXiv 2502.12892, eq. 4): a
/// <see cref="TopKAutoencoder"/> whose directions are mixtures of places where training vectors lie, so that they cannot wander off where
/// two trainings meet nowhere.
/// <code>
/// W_dec = e^m (W A + Λ)        W ≥ 0, rows of W sum to 1        ‖Λ_i‖ ≤ δ = Relaxation
/// z = (x − b_dec) W_enc + b_enc, the k largest of a row are its codes, x̂ = f W_dec + b_dec, L = E‖x − x̂‖²
/// </code>
/// A, <c>[n, d]</c>, are the n centroids of the training vectors by k-means, less b_dec's start: a property of the vectors and not of a
/// training's seed. W starts as the identity, Λ at 0 and m so that directions have length 1 on average; W_enc starts along A, as long as
/// reconstructs best. After each step rows of W are
/// projected to the simplex (Michelot 1986) and rows of Λ to their ball. W, Λ and m are trained; W_dec follows from them.
/// </summary>
/// <remarks>
/// Beside the step of TopK over active entries (<see cref="Kernels.TensorStep"/>) a step takes three products of n · n · d, which is more
/// than the encoder's where n is above a batch: this variant is for dictionaries of some hundreds of latents, or for patience.
/// </remarks>
public sealed class ArchetypalAutoencoder : TopKAutoencoder
{
    /// <summary>The variant's name.</summary>
    public new const string VariantName = "archetypal";

    /// <summary>Name of A, <c>[latents, inputs]</c>.</summary>
    public const string ArchetypesName = "archetypes";

    /// <summary>Name of W, <c>[latents, latents]</c>.</summary>
    public const string HullWeightsName = "hull_weights";

    /// <summary>Name of Λ, <c>[latents, inputs]</c>.</summary>
    public const string RelaxationName = "relaxation";

    /// <summary>Name of m, <c>[1]</c>.</summary>
    public const string LogScaleName = "log_scale";

    private const int CentroidPasses = 20;
    private const int LeastCentroidRows = 65_536, CentroidRowsOfLatent = 32;
    private const int FitRows = 4096;
    private const int LeastSeedRows = 16_384, SeedRowsOfLatent = 4;
    private const double Smallest = 1e-12;

    /// <summary>Zero parameters; see <see cref="Initialize"/>.</summary>
    /// <param name="inputSize">d.</param>
    /// <param name="latentSize">n.</param>
    /// <param name="k">Active latents a row, 1 … n.</param>
    /// <param name="relaxation">δ, the largest distance of W A + Λ from the hull.</param>
    /// <param name="dtype">float32 or float64.</param>
    /// <exception cref="FoveaException">k is not in 1 … n, or δ is below 0.</exception>
    public ArchetypalAutoencoder(
        int inputSize, int latentSize, int k, double relaxation = 1, ScalarType dtype = ScalarType.Float32)
        : base(inputSize, latentSize, k, null, DefaultSecondWeight, dtype, trainDecoder: false)
    {
        if (!double.IsFinite(relaxation) || relaxation < 0)
            throw FoveaException.BadConfiguration($"Archetypal's relaxation must not be below 0, it is {relaxation}.");
        Relaxation = relaxation;
        AddParameter(ArchetypesName, trained: false, dtype, latentSize, inputSize);
        AddParameter(HullWeightsName, trained: true, dtype, latentSize, latentSize);
        AddParameter(RelaxationName, trained: true, dtype, latentSize, inputSize);
        AddParameter(LogScaleName, trained: true, dtype, 1);
    }

    /// <inheritdoc/>
    public override string Architecture => VariantName;

    /// <inheritdoc/>
    public override VariantOptions Settings => new ArchetypalOptions { Sparsity = K, Relaxation = Relaxation };

    /// <summary>δ.</summary>
    public double Relaxation { get; private set; }

    internal override bool DecoderIsFree => false;

    private Tensor Archetypes => Parameters[ArchetypesName];

    private Tensor HullWeights => Parameters[HullWeightsName];

    private Tensor Lambda => Parameters[RelaxationName];

    private Tensor LogScale => Parameters[LogScaleName];

    /// <inheritdoc/>
    /// <remarks>Without training vectors to look up (<see cref="Prepare"/>) the drawn directions are the archetypes.</remarks>
    public override void Initialize(ulong seed, ReadOnlySpan<double> mean = default)
    {
        base.Initialize(seed, mean);
        using var drawn = DecoderWeight.clone();
        StartFrom(drawn);
    }

    internal override void Prepare(
        IVectorSource source, RowSet rows, double scale, Action<string, long, long>? told, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        // One seed for all trainings: the archetypes are the vectors', and what differs between trainings is the training.
        var sample = VectorBatches.Sample(rows, Math.Max(LeastCentroidRows, CentroidRowsOfLatent * LatentSize), 0);
        var options = new BaselineOptions
        {
            LatentSize = LatentSize,
            MaxIterations = CentroidPasses,
            SampleRows = Math.Max(LeastSeedRows, SeedRowsOfLatent * LatentSize),
        };
        using var centroids = KMeans.Fit(source, sample, options, told, cancellation);
        StartFrom(centroids.Directions.to(DType, Device) * scale - DecoderBias);
        FitEncoder(VectorBatches.ReadAll(source, VectorBatches.Sample(rows, FitRows, 0), FitRows, cancellation).to(DType, Device) * scale);
    }

    /// <inheritdoc/>
    public override void BeforeStep()
    {
        // The dense step's gradients have gone through W_dec to what it is made of; the one over entries ends at W_dec.
        if (DecoderWeight.grad is not { } gradient) return;
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var scaled = gradient * LogScale.exp();
        HullWeights.grad = scaled.mm(Archetypes.t());
        Lambda.grad = scaled;
        LogScale.grad = (gradient * DecoderWeight).sum().view(1);
        DecoderWeight.grad = null;
    }

    /// <inheritdoc/>
    public override void AfterStep()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        HullWeights.copy_(OntoSimplex(HullWeights));
        Lambda.mul_((Relaxation / Lambda.norm(1, true, 2).clamp_min_(Smallest)).clamp_max_(1));
        DecoderWeight.copy_(TrainedDecoder());
    }

    /// <inheritdoc/>
    public override void FoldScale(double scale)
    {
        base.FoldScale(scale);
        using var frozen = no_grad();
        // Directions stay: what they are made of is now in the raw vectors' scale.
        Archetypes.div_(scale);
        Lambda.div_(scale);
        LogScale.add_(Math.Log(scale));
        Relaxation /= scale;
    }

    private protected override Tensor TrainedDecoder()
    {
        using var scope = NewDisposeScope();
        return ((HullWeights.mm(Archetypes) + Lambda) * LogScale.exp()).MoveToOuterDisposeScope();
    }

    /// <summary>The nearest rows that are not negative and sum to 1: max(w − τ, 0), τ by Michelot's iteration.</summary>
    internal static Tensor OntoSimplex(Tensor rows)
    {
        using var scope = NewDisposeScope();
        var threshold = (rows.sum(1, keepdim: true) - 1) / rows.shape[1];
        // Each pass drops entries until none is to be dropped; usually a handful of passes.
        for (long pass = 0; pass < rows.shape[1]; pass++)
        {
            var above = rows.gt(threshold).to_type(rows.dtype);
            var next = ((rows * above).sum(1, keepdim: true) - 1) / above.sum(1, keepdim: true).clamp_min(1);
            bool same = next.le(threshold + 1e-7).all().item<bool>();
            threshold = next;
            if (same) break;
        }
        var projected = (rows - threshold).clamp_min_(0);
        return (projected / projected.sum(1, keepdim: true)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Multiplies W_enc by the number that reconstructs best: places of vectors point the same way more than random directions do, and k of
    /// them together would overshoot.
    /// </summary>
    private void FitEncoder(Tensor x)
    {
        using var scope = NewDisposeScope();
        Tensor centred = x - DecoderBias, output = Codes(x, PreActivations(x), training: true).mm(DecoderWeight);
        double squares = output.square().sum().to_type(ScalarType.Float64).item<double>();
        double factor = (centred * output).sum().to_type(ScalarType.Float64).item<double>() / squares;
        if (squares > 0 && factor > 0 && double.IsFinite(factor)) EncoderWeight.mul_(factor);
    }

    /// <summary>W = 1, Λ = 0, directions along the archetypes and of length 1 on average; the encoder listens along them.</summary>
    private void StartFrom(Tensor archetypes)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        Archetypes.copy_(archetypes);
        HullWeights.copy_(eye(LatentSize, LatentSize, DType, Device));
        Lambda.zero_();
        var lengths = Archetypes.norm(1, true, 2);
        LogScale.copy_(-lengths.mean().clamp_min(Smallest).log().view(1));
        DecoderWeight.copy_(TrainedDecoder());
        EncoderWeight.copy_((Archetypes / lengths.clamp_min(Smallest)).t());
    }
}
