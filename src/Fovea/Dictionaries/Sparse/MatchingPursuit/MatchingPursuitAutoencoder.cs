using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// The matching pursuit autoencoder (Costa et al. 2025, "From flat to hierarchical: extracting sparse representations with matching
/// pursuit", arXiv 2506.03093; the pursuit is Mallat and Zhang's, 1993). The encoder is no product but a search with the decoder's rows:
/// <code>
/// r₀ = x − b_dec
/// i = argmax_j r · d_j        c = r · d_i        f_i ← f_i + c        r ← r − c d_i        k = Sparsity times
/// x̂ = f W_dec + b_dec         L = E‖x − x̂‖² = E‖r_k‖²
/// </code>
/// A vector's steps end before where no row has a product above 0, where ‖r‖ is not above the tolerance, or, if asked, after a step that
/// chooses a latent again. A latent is chosen for what the others have left, so that directions that lie close together, such as a
/// feature and its part, can both be active. There is no b_enc, and W_enc is the decoder's transpose: z = (x − b_dec) W_dec ᵀ are the
/// products of the first step. Gradients go through all steps, at the latents that were chosen. Rows are kept at length 1.
/// </summary>
/// <remarks>
/// A step costs as much as an encoder's product, an encoding k of them. The kernels' forms (<see cref="SparseAutoencoder.Rule"/>) know
/// codes that follow from one product; this variant is trained and encoded by tensors, which keep [rows, d] numbers a step and no
/// [rows, n].
/// </remarks>
public sealed class MatchingPursuitAutoencoder : SparseAutoencoder
{
    /// <summary>The variant's name.</summary>
    public const string VariantName = "matchingpursuit";

    /// <summary>Zero parameters; see <see cref="SparseAutoencoder.Initialize"/>.</summary>
    /// <param name="inputSize">d.</param>
    /// <param name="latentSize">n.</param>
    /// <param name="k">Steps, 1 … n; with <paramref name="stopAtRepeat"/> active latents.</param>
    /// <param name="tolerance">A residual that is not longer needs no further step.</param>
    /// <param name="stopAtRepeat">A step that chooses a latent again is a vector's last.</param>
    /// <param name="dtype">float32 or float64.</param>
    /// <exception cref="FoveaException">k is not in 1 … n, or the tolerance is below 0.</exception>
    public MatchingPursuitAutoencoder(
        int inputSize, int latentSize, int k, double tolerance = 0, bool stopAtRepeat = false, ScalarType dtype = ScalarType.Float32)
        : base(inputSize, latentSize, k, dtype, tied: true, trainEncoderBias: false)
    {
        if (k < 1 || k > latentSize)
            throw FoveaException.BadConfiguration($"Matching pursuit needs 1 ≤ k ≤ {latentSize} (the number of latents), k is {k}.");
        if (!double.IsFinite(tolerance) || tolerance < 0)
            throw FoveaException.BadConfiguration($"Matching pursuit's tolerance must not be below 0, it is {tolerance}.");
        (K, Tolerance, StopAtRepeat) = (k, tolerance, stopAtRepeat);
    }

    /// <inheritdoc/>
    public override string Architecture => VariantName;

    /// <inheritdoc/>
    public override VariantOptions Settings =>
        new MatchingPursuitOptions { Sparsity = K, Tolerance = Tolerance, StopAtRepeat = StopAtRepeat };

    /// <summary>Steps of a vector at most.</summary>
    public int K { get; }

    /// <summary>The length of a residual that is short enough.</summary>
    public double Tolerance { get; private set; }

    /// <summary>Whether choosing a latent again ends a vector's steps.</summary>
    public bool StopAtRepeat { get; }

    /// <inheritdoc/>
    public override void BeforeStep() => DecoderNorm.ProjectGradient(DecoderWeight);

    /// <inheritdoc/>
    public override void AfterStep() => DecoderNorm.Normalize(DecoderWeight);

    /// <inheritdoc/>
    public override void FoldScale(double scale)
    {
        base.FoldScale(scale);
        Tolerance /= scale;
    }

    private protected override Tensor Codes(Tensor x, Tensor z, bool training)
    {
        using var scope = NewDisposeScope();
        Tensor decoder = DecoderWeight, residual = x - DecoderBias;
        Tensor codes = zeros_like(z), open = ones([x.shape[0]], ScalarType.Bool, device: x.device);
        Tensor? chosen = StopAtRepeat ? zeros(z.shape, ScalarType.Bool, device: x.device) : null;
        // A repeat counts no latent: k of them may be followed by one.
        int steps = StopAtRepeat ? K + 1 : K;
        List<Tensor> latents = [], sizes = [];
        for (int step = 0; step < steps; step++)
        {
            Tensor latent, active;
            using (no_grad())
            {
                using var products = step == 0 ? z.detach() : residual.detach().mm(decoder.t());
                var (largest, place) = products.max(1);
                (latent, active) = (place, open.logical_and(largest.gt(0)));
                if (!active.any().item<bool>()) break;
            }
            var rows = decoder.index_select(0, latent);
            // Of the rows that have ended the size is 0: nothing changes, and no gradient passes.
            var size = (residual * rows).sum(1).clamp_min(0) * active.to_type(x.dtype);
            residual = residual - rows * size.unsqueeze(1);
            latents.Add(latent);
            sizes.Add(size);
            using (no_grad()) open = Continues(active, residual, latent, chosen);
        }
        if (latents.Count > 0) codes = codes.scatter_add(1, stack(latents, 1), stack(sizes, 1));
        return codes.MoveToOuterDisposeScope();
    }

    /// <summary>Which vectors go on after a step, <c>[rows]</c>; <paramref name="chosen"/> is brought up to date.</summary>
    private Tensor Continues(Tensor active, Tensor residual, Tensor latent, Tensor? chosen)
    {
        var open = Tolerance > 0 ? active.logical_and(residual.detach().norm(1, false, 2).gt(Tolerance)) : active;
        if (chosen is null) return open;
        var place = latent.unsqueeze(1);
        var known = chosen.gather(1, place).squeeze(1);
        chosen.scatter_(1, place, chosen.gather(1, place).logical_or(active.unsqueeze(1)));
        return open.logical_and(known.logical_not());
    }

    // The products of the next step: what dead latents could still explain.
    private protected override Tensor RevivalScores(Tensor x, Tensor z, Tensor output) => (x - output).detach().mm(EncoderWeight);

    /// <summary>Codes follow from the vectors, not from their products with W_enc alone.</summary>
    private protected override Tensor Activate(Tensor z) => throw new NotSupportedException("A pursuit needs the vectors.");

    private protected override Tensor Penalty(Tensor z, Tensor codes) => zeros([], codes.dtype, codes.device);
}
