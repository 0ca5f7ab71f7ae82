using static TorchSharp.torch;

namespace Fovea.Activations.Filters;

/// <summary>Number of activated neurons (paper, section 7.2.2): f(A, ε) = Σ_i 1(|A_i| &gt; ε) over the channels.</summary>
/// <param name="threshold">ε; 0.1 in the paper's experiments.</param>
public sealed class ActiveUnits(double threshold) : IPatchScore
{
    /// <inheritdoc/>
    public string Name => "active";

    /// <inheritdoc/>
    public string Formula => FormattableString.Invariant($"count(|A| > {threshold})");

    /// <inheritdoc/>
    public LayerNeed Needs => LayerNeed.Activations;

    /// <inheritdoc/>
    public Tensor Score(LayerEvidence evidence)
    {
        using var absolute = evidence.Activations.abs();
        using var active = absolute > threshold;
        return active.sum(1, type: ScalarType.Float32);
    }
}
