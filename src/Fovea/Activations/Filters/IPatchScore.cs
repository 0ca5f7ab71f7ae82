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

    /// <summary>What must be known of the layer beside its output.</summary>
    LayerNeed Needs { get; }

    /// <summary>The score map of each image.</summary>
    /// <param name="evidence">The layer's output and what <see cref="Needs"/> asks for, of the true class when positions are drawn.</param>
    /// <returns><c>[N, H, W]</c>, float32; NaN where the function is undefined. The caller owns it.</returns>
    /// <exception cref="InvalidOperationException">The evidence lacks what <see cref="Needs"/> asks for.</exception>
    Tensor Score(LayerEvidence evidence);
}
