using static TorchSharp.torch;

namespace Fovea.Activations.Filters;

/// <summary>Maximum (paper, section 7.2.4): f(A) = max(max(A), 0) over the channels.</summary>
public sealed class Maximum : IPatchScore
{
    /// <inheritdoc/>
    public string Name => "maximum";

    /// <inheritdoc/>
    public string Formula => "max(max(A), 0)";

    /// <inheritdoc/>
    public LayerNeed Needs => LayerNeed.Activations;

    /// <inheritdoc/>
    public Tensor Score(LayerEvidence evidence) => evidence.Activations.amax([1]).clamp_(min: 0);
}
