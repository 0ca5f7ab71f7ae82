using System.Runtime.InteropServices;
using Fovea.Dictionaries.Kernels;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

// Vectors to codes and back, and the loss of both.
public abstract partial class SparseAutoencoder
{
    private const string WithoutVectors =
        "This autoencoder brings each vector to a scale of its own, which codes alone do not say: give the vectors that they are of.";

    /// <summary>z = (x − b_dec) W_enc + b_enc, with x as <see cref="Normalization"/> changes it.</summary>
    /// <param name="x"><c>[rows, d]</c>.</param>
    /// <returns><c>[rows, n]</c>, differentiable.</returns>
    public Tensor PreActivations(Tensor x)
    {
        using var scope = NewDisposeScope();
        return Products(Encoded(x).Vectors).MoveToOuterDisposeScope();
    }

    /// <summary>The codes at inference as a dense tensor.</summary>
    /// <param name="x"><c>[rows, d]</c>.</param>
    /// <returns><c>[rows, n]</c>, differentiable.</returns>
    public Tensor EncodeDense(Tensor x)
    {
        using var scope = NewDisposeScope();
        var encoded = Encoded(x).Vectors;
        return Codes(encoded, Products(encoded), training: false).MoveToOuterDisposeScope();
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
        using var dense = FiniteCodes(x, out double[]? frames);
        var codes = SparseCodes.FromDense(dense);
        codes.Frames = frames;
        return codes;
    }

    /// <summary>Dense codes of vectors and weights that are looked at first: codes do not always show what was not finite.</summary>
    private Tensor FiniteCodes(Tensor x, out double[]? frames)
    {
        using var scope = NewDisposeScope();
        if (!FiniteWeights.Are(x)) throw CodeStream.NotFinite();
        FiniteWeights.RequireVectors(this);
        var (encoded, scale, shift) = Encoded(x);
        frames = scale is null ? null : [.. cat([scale, shift!], 1).cpu().contiguous().data<double>()];
        var z = Products(encoded);
        if (!FiniteWeights.Are(z))
        {
            FiniteWeights.Require(this);
            throw FoveaException.NumericalFailure(
                $"Pre-activations of the {Architecture} autoencoder are too large for {DType}: the vectors or its weights are not of its "
                    + $"scale.");
        }
        return Codes(encoded, z, training: false).MoveToOuterDisposeScope();
    }

    /// <summary>x̂ = f W_dec + b_dec from dense codes.</summary>
    /// <param name="codes"><c>[rows, n]</c>.</param>
    /// <param name="vectors">The vectors that they are of, <c>[rows, d]</c>: needed where each is brought to a scale of its own
    /// (<see cref="Normalization"/>), which the reconstruction gets back; looked at nowhere else.</param>
    /// <returns><c>[rows, d]</c>, differentiable.</returns>
    /// <exception cref="ArgumentException">The shape is another, or vectors are needed and are not there.</exception>
    public Tensor DecodeDense(Tensor codes, Tensor? vectors = null)
    {
        ArgumentNullException.ThrowIfNull(codes);
        if (codes.dim() != 2 || codes.shape[1] != LatentSize)
            throw new ArgumentException($"Codes must be [rows, {LatentSize}].", nameof(codes));
        if (Normalization == InputNormalization.None) return Decoded(codes, null, null);
        if (vectors is null) throw new ArgumentNullException(nameof(vectors), WithoutVectors);
        if (vectors.dim() != 2 || vectors.shape[0] != codes.shape[0])
            throw new ArgumentException($"Vectors must be [{codes.shape[0]}, {InputSize}].", nameof(vectors));
        using var scope = NewDisposeScope();
        var (_, scale, shift) = Encoded(vectors);
        return Decoded(codes, scale, shift).MoveToOuterDisposeScope();
    }

    /// <summary>x̂ = f W_dec + b_dec from active entries.</summary>
    /// <returns><c>[rows, d]</c>.</returns>
    public Tensor Decode(SparseCodes codes)
    {
        ArgumentNullException.ThrowIfNull(codes);
        if (codes.LatentCount != LatentSize)
            throw new ArgumentException($"Codes must be of {LatentSize} latents, not {codes.LatentCount}.", nameof(codes));
        if (Normalization != InputNormalization.None && codes.Frames is null) throw new ArgumentException(WithoutVectors, nameof(codes));
        var output = EntryDecoder.Supports(this, codes) ? EntryDecoder.Decode(this, codes) : DecodeByTensors(codes);
        if (Normalization != InputNormalization.None) output = InPlace(output, codes.Frames!);
        if (FiniteWeights.Are(output)) return output;
        output.Dispose();
        FiniteWeights.Require(this);
        throw FoveaException.NumericalFailure($"Reconstructions of the {Architecture} autoencoder are too large for {DType}.");
    }

    private Tensor DecodeByTensors(SparseCodes codes)
    {
        using var dense = codes.ToDense();
        return Decoded(dense, null, null);
    }

    /// <summary>The training objective on a batch.</summary>
    /// <param name="x"><c>[batch, d]</c>.</param>
    /// <param name="sparsityScale">Factor of the penalty, 0 … 1 during its warm-up.</param>
    public AutoencoderLoss Loss(Tensor x, double sparsityScale = 1)
    {
        if (Normalization != InputNormalization.None)
            throw new InvalidOperationException("Autoencoders whose vectors are each brought to a scale of their own are not trained here.");
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
        var vectors = VectorAxis.Rows(activations, Axis, InputSize);
        return VectorAxis.Place(DecodeDense(EncodeDense(vectors), vectors), activations, Axis).MoveToOuterDisposeScope();
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

    /// <summary>Vectors as they are encoded, and scale and shift of the way back where there is one; in the current dispose scope.</summary>
    private (Tensor Vectors, Tensor? Scale, Tensor? Shift) Encoded(Tensor x)
    {
        RequireVectors(x);
        return Normalization == InputNormalization.None ? (x, null, null) : VectorFrames.Of(x, Normalization);
    }

    /// <summary>(y − b_dec) W_enc + b_enc of vectors as they are encoded.</summary>
    private Tensor Products(Tensor encoded)
    {
        using var scope = NewDisposeScope();
        return EncoderBias.addmm(encoded - DecoderBias, EncoderWeight, 1, 1).MoveToOuterDisposeScope();
    }

    private Tensor Decoded(Tensor codes, Tensor? scale, Tensor? shift)
    {
        if (scale is null) return DecoderBias.addmm(codes, DecoderWeight, 1, 1);
        using var scope = NewDisposeScope();
        return VectorFrames.Back(DecoderBias.addmm(codes, DecoderWeight, 1, 1), scale, shift!).MoveToOuterDisposeScope();
    }

    /// <summary>Changes reconstructions back by the numbers that came with their codes.</summary>
    private static Tensor InPlace(Tensor output, double[] frames)
    {
        using (output)
        {
            using var scope = NewDisposeScope();
            var own = tensor(frames, [output.shape[0], 2], device: output.device);
            return VectorFrames.Back(output, own.narrow(1, 0, 1), own.narrow(1, 1, 1)).MoveToOuterDisposeScope();
        }
    }
}
