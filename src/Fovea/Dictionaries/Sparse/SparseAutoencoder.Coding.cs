using System.Runtime.InteropServices;
using Fovea.Dictionaries.Kernels;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

// Vectors to codes and back, and the loss of both.
public abstract partial class SparseAutoencoder
{
    /// <summary>z = (x − b_dec) W_enc + b_enc.</summary>
    /// <param name="x"><c>[rows, d]</c>.</param>
    /// <returns><c>[rows, n]</c>, differentiable.</returns>
    public Tensor PreActivations(Tensor x)
    {
        RequireVectors(x);
        using var scope = NewDisposeScope();
        return EncoderBias.addmm(x - DecoderBias, EncoderWeight, 1, 1).MoveToOuterDisposeScope();
    }

    /// <summary>The codes at inference as a dense tensor.</summary>
    /// <param name="x"><c>[rows, d]</c>.</param>
    /// <returns><c>[rows, n]</c>, differentiable.</returns>
    public Tensor EncodeDense(Tensor x)
    {
        using var scope = NewDisposeScope();
        return Codes(x, PreActivations(x), training: false).MoveToOuterDisposeScope();
    }

    /// <summary>The codes at inference as their active entries (no gradient is kept).</summary>
    /// <param name="x"><c>[rows, d]</c>.</param>
    /// <exception cref="FoveaException">Numerical: a vector or a weight is NaN or infinite.</exception>
    public SparseCodes Encode(Tensor x)
    {
        RequireVectors(x);
        using var frozen = no_grad();
        // Bringing the encoder into the kernels' form costs as much as the product with some dozens of vectors.
        if (x.shape[0] >= LeastRowsOfStream && x.dtype == DType && IsHere(x) && CodeStream.Supports(this))
        {
            using var stream = new CodeStream(this);
            using var plain = x.detach();
            using var rows = plain.contiguous();
            return stream.Encode(MemoryMarshal.Cast<byte, float>(rows.bytes)).Copy();
        }
        using var dense = FiniteCodes(x);
        return SparseCodes.FromDense(dense);
    }

    /// <summary>Dense codes of vectors and weights that are looked at first: codes do not always show what was not finite.</summary>
    private Tensor FiniteCodes(Tensor x)
    {
        using var scope = NewDisposeScope();
        if (!FiniteWeights.Are(x)) throw CodeStream.NotFinite();
        FiniteWeights.RequireVectors(this);
        var z = PreActivations(x);
        if (!FiniteWeights.Are(z))
        {
            FiniteWeights.Require(this);
            throw FoveaException.NumericalFailure(
                $"Pre-activations of the {Architecture} autoencoder are too large for {DType}: the vectors or its weights are not of its "
                    + $"scale.");
        }
        return Codes(x, z, training: false).MoveToOuterDisposeScope();
    }

    /// <summary>x̂ = f W_dec + b_dec from dense codes.</summary>
    /// <param name="codes"><c>[rows, n]</c>.</param>
    /// <returns><c>[rows, d]</c>, differentiable.</returns>
    public Tensor DecodeDense(Tensor codes)
    {
        ArgumentNullException.ThrowIfNull(codes);
        if (codes.dim() != 2 || codes.shape[1] != LatentSize)
            throw new ArgumentException($"Codes must be [rows, {LatentSize}].", nameof(codes));
        return DecoderBias.addmm(codes, DecoderWeight, 1, 1);
    }

    /// <summary>x̂ = f W_dec + b_dec from active entries.</summary>
    /// <returns><c>[rows, d]</c>.</returns>
    public Tensor Decode(SparseCodes codes)
    {
        ArgumentNullException.ThrowIfNull(codes);
        if (codes.LatentCount != LatentSize)
            throw new ArgumentException($"Codes must be of {LatentSize} latents, not {codes.LatentCount}.", nameof(codes));
        var output = EntryDecoder.Supports(this, codes) ? EntryDecoder.Decode(this, codes) : DecodeByTensors(codes);
        if (FiniteWeights.Are(output)) return output;
        output.Dispose();
        FiniteWeights.Require(this);
        throw FoveaException.NumericalFailure($"Reconstructions of the {Architecture} autoencoder are too large for {DType}.");
    }

    private Tensor DecodeByTensors(SparseCodes codes)
    {
        using var dense = codes.ToDense();
        return DecodeDense(dense);
    }

    /// <summary>The training objective on a batch.</summary>
    /// <param name="x"><c>[batch, d]</c>.</param>
    /// <param name="sparsityScale">Factor of the penalty, 0 … 1 during its warm-up.</param>
    public AutoencoderLoss Loss(Tensor x, double sparsityScale = 1)
    {
        using var scope = NewDisposeScope();
        var z = PreActivations(x);
        var codes = Codes(x, z, training: true);
        var decoder = TrainedDecoder();
        var output = DecoderBias.addmm(codes, decoder, 1, 1);
        var reconstruction = (x - output).square().sum() / x.shape[0];
        var sparsity = Penalty(z, codes) * sparsityScale;
        var auxiliary = Auxiliary(x, z, codes) ?? zeros([], x.dtype, x.device);
        if (AuxiliaryLoss.Of(x, RevivalScores(x, z, output), output, DeadLatents, decoder) is { } revival) auxiliary = auxiliary + revival;
        var loss = new AutoencoderLoss(reconstruction, sparsity, auxiliary, codes, output);
        foreach (var kept in (Tensor[])[loss.Total, loss.Reconstruction, loss.Sparsity, loss.Auxiliary, loss.Codes, loss.Output])
            kept.MoveToOuterDisposeScope();
        return loss;
    }

    /// <summary>Replaces each vector along <see cref="Axis"/> by its reconstruction at inference.</summary>
    /// <param name="activations">E.g. <c>[N, C, H, W]</c> with C = <see cref="InputSize"/>.</param>
    /// <returns>The same shape, differentiable.</returns>
    public Tensor Reconstruct(Tensor activations)
    {
        using var scope = NewDisposeScope();
        return VectorAxis.Place(DecodeDense(EncodeDense(VectorAxis.Rows(activations, Axis, InputSize))), activations, Axis)
            .MoveToOuterDisposeScope();
    }

    /// <summary>The codes at inference of each vector along <see cref="Axis"/>.</summary>
    /// <param name="activations">E.g. <c>[N, C, H, W]</c>.</param>
    /// <returns>The same shape with the latents in place of the components: <c>[N, n, H, W]</c>, differentiable.</returns>
    public Tensor EncodeMap(Tensor activations)
    {
        using var scope = NewDisposeScope();
        return VectorAxis.Place(EncodeDense(VectorAxis.Rows(activations, Axis, InputSize)), activations, Axis).MoveToOuterDisposeScope();
    }

    /// <summary>The pre-activations z of each vector along <see cref="Axis"/>, in the layout of <see cref="EncodeMap"/>.</summary>
    public Tensor PreActivationMap(Tensor activations)
    {
        using var scope = NewDisposeScope();
        return VectorAxis.Place(PreActivations(VectorAxis.Rows(activations, Axis, InputSize)), activations, Axis).MoveToOuterDisposeScope();
    }
}
