using static TorchSharp.torch;

namespace Fovea.Activations.Filters;

/// <summary>The class's logit when the layer's output is another.</summary>
/// <param name="images">Which image of the batch each output stands for, <c>[P]</c>, int64.</param>
/// <param name="outputs">Outputs of the layer, <c>[P, C, H, W]</c>.</param>
/// <returns>The logit of each image's class, <c>[P]</c>.</returns>
public delegate Tensor LayerLogits(Tensor images, Tensor outputs);

/// <summary>
/// What one forward pass, and where asked for one backward pass, say about a layer and one class an image. The tensors stay their owner's.
/// </summary>
/// <param name="activations">The layer's output, <c>[N, C, H, W]</c>, detached.</param>
/// <param name="gradients">∂ logit of the image's class / ∂ activations, <c>[N, C, H, W]</c>; null where no score needs it.</param>
/// <param name="logits">The rest of the network; null where no score needs it.</param>
/// <param name="pooledWeights">Where nothing but average pooling and a linear head follows the layer, the head's weights for each image's
/// class, <c>[N, C]</c>; else null.</param>
/// <param name="layer">The layer's name.</param>
public sealed class LayerEvidence(
    Tensor activations, Tensor? gradients = null, LayerLogits? logits = null, Tensor? pooledWeights = null, string layer = "")
{
    /// <summary>The layer's name.</summary>
    public string Layer => layer;

    /// <summary>The layer's output, <c>[N, C, H, W]</c>.</summary>
    public Tensor Activations => activations;

    /// <summary>∂ logit of the image's class / ∂ activations, <c>[N, C, H, W]</c>.</summary>
    /// <exception cref="InvalidOperationException">No gradients were given.</exception>
    public Tensor Gradients =>
        gradients ?? throw new InvalidOperationException("This score needs the gradients at the layer, and they were not computed.");

    /// <summary>
    /// W of logit = Σ_k W_k · mean A_k + bias for each image's class, <c>[N, C]</c>: the whole rest of the network, where average pooling
    /// and a linear head are all that follows the layer and a score asked for <see cref="Logits"/>; else null.
    /// </summary>
    public Tensor? PooledWeights => pooledWeights;

    /// <summary>The logits of the images' classes for other outputs of the layer, <c>[P]</c>.</summary>
    /// <param name="images">Which image each output stands for, <c>[P]</c>, int64.</param>
    /// <param name="outputs"><c>[P, C, H, W]</c>.</param>
    /// <exception cref="InvalidOperationException">The rest of the network was not given.</exception>
    public Tensor Logits(Tensor images, Tensor outputs) =>
        (logits ?? throw new InvalidOperationException("This score runs the rest of the network, and it was not given."))(images, outputs);
}
