using Fovea.Dictionaries.Sparse;
using Fovea.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// One step by libtorch's operations over active entries, in float32 or float64, on the CPU or CUDA: what a GPU trains with where the
/// variant has an
/// <see cref="EntryObjective"/>. Dense are z and the selection; decoding and gradients touch the active entries (row r, latent i, code f)
/// alone. With residuals e = x − x̂:
/// <code>
/// ∂L/∂z_ri = −2/B e_r · W_dec,i + Price/B                         at entries
/// ∂L/∂W_dec,i = −2/B Σ_r f_ri e_r        ∂L/∂W_enc,i = Σ_r ∂L/∂z_ri (x_r − b_dec)        ∂L/∂b_enc,i = Σ_r ∂L/∂z_ri
/// ∂L/∂b_dec = −2/B Σ_r e_r − W_enc ∂L/∂b_enc
/// </code>
/// A further reconstruction adds the same terms with its own entries; so does AuxK, whose error has no decoder bias and holds e constant.
/// Sums over entries have one order (<see cref="BagSums"/>), and what PyTorch lists as nondeterministic for repeated places
/// (<c>scatter</c>, <c>index_copy</c>) writes each place once: the same machine should give the same bytes. Tested on the CPU; on CUDA
/// neither run nor timed. TF32 is off unless the program turns it on.
/// </summary>
internal sealed class TensorStep : OperationStep
{
    private readonly Func<Tensor, EntryObjective> _objective;
    private readonly BagSums _bags;

    /// <exception cref="ArgumentException"><see cref="Supports"/> denies it.</exception>
    public TensorStep(SparseAutoencoder autoencoder)
        : base(autoencoder)
    {
        if (!Supports(autoencoder))
            throw new ArgumentException($"{autoencoder.Architecture} on {autoencoder.Device} needs the dense step.", nameof(autoencoder));
        _objective = autoencoder.EntryObjective!;
        _bags = new BagSums(autoencoder.InputSize, autoencoder.DType, autoencoder.Device);
    }

    /// <summary>
    /// Whether the variant's gradient lives on active entries and the device has the operations (MPS may lack embedding bags).
    /// </summary>
    public static bool Supports(SparseAutoencoder autoencoder) =>
        autoencoder.EntryObjective is not null && autoencoder.Device.type is DeviceType.CPU or DeviceType.CUDA;

    public override void Dispose()
    {
        _bags.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<Tensor> Differentiated =>
    [
        Autoencoder.DecoderWeight,
        .. Autoencoder.Tied ? (Tensor[])[] : [Autoencoder.EncoderWeight],
        .. Autoencoder.Biases ? (Tensor[])[Autoencoder.EncoderBias, Autoencoder.DecoderBias] : [],
    ];

    /// <inheritdoc/>
    protected override AutoencoderLoss Differentiate(Tensor x, double sparsityScale)
    {
        FastPaths.Ran(FastPath.TrainTensors);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        long rows = x.shape[0];
        var z = Autoencoder.PreActivations(x);
        var objective = _objective(z);
        var sums = new Sums(Autoencoder, x);

        var entries = EntrySums.Of(objective.Codes, _bags);
        var output = entries.Decode(Autoencoder.DecoderWeight) + Autoencoder.DecoderBias;
        var error = x - output;
        sums.Add(entries, error, 1, objective.Price * sparsityScale);
        var reconstruction = error.square().sum() / rows;
        var sparsity = entries.Values.sum() * (objective.Price * sparsityScale / rows);
        var auxiliary = zeros_like(reconstruction);
        foreach (var (codes, weight) in objective.Others)
        {
            var own = EntrySums.Of(codes, _bags);
            auxiliary += sums.Add(own, x - own.Decode(Autoencoder.DecoderWeight) - Autoencoder.DecoderBias, weight);
        }
        if (Autoencoder.AuxiliaryLoss.Codes(z, Autoencoder.DeadLatents) is { } revival)
        {
            var own = EntrySums.Of(revival, _bags);
            auxiliary += sums.Add(
                own, error - own.Decode(Autoencoder.DecoderWeight), Autoencoder.AuxiliaryLoss.Weight(Autoencoder.DeadLatents.Length),
                    biased: false);
        }
        sums.Publish();
        foreach (var kept in (Tensor[])[reconstruction, sparsity, auxiliary, objective.Codes, output]) kept.MoveToOuterDisposeScope();
        return new AutoencoderLoss(reconstruction, sparsity, auxiliary, objective.Codes, output);
    }

    /// <summary>Gradients in the making, the encoder's by latent like the decoder's.</summary>
    private sealed class Sums(SparseAutoencoder autoencoder, Tensor x)
    {
        private readonly Tensor _centred = x - autoencoder.DecoderBias;
        private readonly Tensor _decoder = zeros_like(autoencoder.DecoderWeight), _encoder = zeros_like(autoencoder.DecoderWeight);
        private readonly Tensor _encoderBias = zeros_like(autoencoder.EncoderBias), _decoderBias = zeros_like(autoencoder.DecoderBias);

        /// <summary>Adds the gradients of weight · E‖error‖² + price · E Σ f.</summary>
        /// <param name="entries">What x̂ was made of; m latents.</param>
        /// <param name="error"><c>[rows, d]</c>.</param>
        /// <param name="weight">The term's weight.</param>
        /// <param name="price">The penalty's coefficient.</param>
        /// <param name="biased">Whether b_dec is part of x̂.</param>
        /// <returns>weight · E‖error‖², a scalar.</returns>
        public Tensor Add(EntrySums entries, Tensor error, double weight, double price = 0, bool biased = true)
        {
            using var scope = NewDisposeScope();
            long rows = error.shape[0];
            var residual = error * (-2 * weight / rows);
            var slope = entries.Products(residual, autoencoder.DecoderWeight).add_(price / rows);
            AddTo(_decoder, entries.ByLatent(residual, entries.Values));
            AddTo(_encoder, entries.ByLatent(_centred, slope));
            AddTo(_encoderBias, entries.ByLatent(slope));
            if (biased) _decoderBias.add_(residual.sum([0L]));
            return (error.square().sum() * (weight / rows)).MoveToOuterDisposeScope();
        }

        /// <summary>Leaves the gradients with the parameters.</summary>
        public void Publish()
        {
            using var scope = NewDisposeScope();
            Set(autoencoder.DecoderWeight, autoencoder.Tied ? _decoder + _encoder : _decoder);
            if (!autoencoder.Tied) Set(autoencoder.EncoderWeight, _encoder.t().contiguous());
            if (!autoencoder.Biases) return;
            Set(autoencoder.EncoderBias, _encoderBias);
            Set(autoencoder.DecoderBias, _decoderBias - autoencoder.EncoderWeight.mv(_encoderBias));
        }

        private static void AddTo(Tensor sum, Tensor part) => sum.narrow(0, 0, part.shape[0]).add_(part);

        private static void Set(Tensor parameter, Tensor gradient) => parameter.grad = gradient;
    }
}
