using static TorchSharp.torch;

namespace Fovea.Activations.Filters;

/// <summary>
/// An activation filtering function (paper, definition 7.1): reduces the vector at each position of a layer to one non-negative value,
/// the unnormalised probability of drawing that position.
/// </summary>
public interface IPatchScore
{
    /// <summary>Name in recipes and folders.</summary>
    string Name { get; }

    /// <summary>The formula in one line, for captions.</summary>
    string Formula { get; }

    /// <summary>Whether the gradient of the true class's logit is needed.</summary>
    bool NeedsGradient { get; }

    /// <summary>The score map of each image.</summary>
    /// <param name="activations">The layer's output, <c>[N, C, H, W]</c>.</param>
    /// <param name="gradients">∂ logit of the true class / ∂ activations, <c>[N, C, H, W]</c>; null unless <see cref="NeedsGradient"/>.</param>
    /// <returns><c>[N, H, W]</c>, float32; NaN where the function is undefined. The caller owns it.</returns>
    Tensor Score(Tensor activations, Tensor? gradients);
}
