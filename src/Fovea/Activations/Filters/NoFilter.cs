using static TorchSharp.torch;

namespace Fovea.Activations.Filters;

/// <summary>No filter: every position once, none drawn at random (the paper's "original" dataset of figures 10 and 11).</summary>
public sealed class NoFilter : IPatchScore
{
    /// <summary>Its name, <c>none</c>.</summary>
    public const string FilterName = "none";

    /// <inheritdoc/>
    public string Name => FilterName;

    /// <inheritdoc/>
    public string Formula => "1";

    /// <inheritdoc/>
    public bool NeedsGradient => false;

    /// <inheritdoc/>
    public Tensor Score(Tensor activations, Tensor? gradients) =>
        ones([activations.shape[0], activations.shape[2], activations.shape[3]], device: activations.device);
}
