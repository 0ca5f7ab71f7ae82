using static TorchSharp.torch;

namespace Fovea.Activations.Filters;

/// <summary>Magnitude (paper, section 7.2.1): f(A) = Σ_i |A_i| over the channels.</summary>
public sealed class Magnitude : IPatchScore
{
    /// <inheritdoc/>
    public string Name => "magnitude";

    /// <inheritdoc/>
    public string Formula => "Σ |A|";

    /// <inheritdoc/>
    public bool NeedsGradient => false;

    /// <inheritdoc/>
    public Tensor Score(Tensor activations, Tensor? gradients)
    {
        using var absolute = activations.abs();
        return absolute.sum(1);
    }
}
