using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// The training objective on one batch, with what it was computed from. All tensors are differentiable and owned by this object.
/// </summary>
public sealed class AutoencoderLoss : IDisposable
{
    internal AutoencoderLoss(Tensor reconstruction, Tensor sparsity, Tensor auxiliary, Tensor codes, Tensor output)
    {
        (Reconstruction, Sparsity, Auxiliary, Codes, Output) = (reconstruction, sparsity, auxiliary, codes, output);
        Total = reconstruction + sparsity + auxiliary;
    }

    /// <summary>
    /// <see cref="Reconstruction"/> + <see cref="Sparsity"/> + <see cref="Auxiliary"/>, a scalar: what training minimises.
    /// </summary>
    public Tensor Total { get; }

    /// <summary>Squared error summed over the vector's components, averaged over the batch: E‖x − x̂‖², a scalar.</summary>
    public Tensor Reconstruction { get; }

    /// <summary>The variant's penalty, its coefficient and warm-up included, averaged over the batch; a scalar, 0 for TopK.</summary>
    public Tensor Sparsity { get; }

    /// <summary>
    /// What else is minimised, averaged over the batch: AuxK, the other prefixes of Matryoshka, the larger k of Multi-TopK, Gated's second
    /// reconstruction; a scalar.
    /// </summary>
    public Tensor Auxiliary { get; }

    /// <summary>The codes as trained, dense <c>[batch, latents]</c> (the L1 variant clips only at inference).</summary>
    public Tensor Codes { get; }

    /// <summary>The reconstruction of the batch, <c>[batch, inputs]</c>.</summary>
    public Tensor Output { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Total.Dispose();
        Reconstruction.Dispose();
        Sparsity.Dispose();
        Auxiliary.Dispose();
        Codes.Dispose();
        Output.Dispose();
    }
}
