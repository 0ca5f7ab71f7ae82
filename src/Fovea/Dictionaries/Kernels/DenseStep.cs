using Fovea.Dictionaries.Sparse;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// One step by dense tensors and automatic gradients, on any device: what <see cref="SparseStep"/> and <see cref="TensorStep"/> are
/// measured and tested against, and what trains where neither can.
/// </summary>
internal sealed class DenseStep : OperationStep
{
    public DenseStep(SparseAutoencoder autoencoder)
        : base(autoencoder)
    {
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<Tensor> Differentiated => [.. Autoencoder.TrainableParameters.Values];

    /// <inheritdoc/>
    protected override AutoencoderLoss Differentiate(Tensor x, double sparsityScale)
    {
        var loss = Autoencoder.Loss(x, sparsityScale);
        Gradients.Accumulate(loss.Total);
        return loss;
    }
}
