using System.Runtime.InteropServices;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Activations.Filters;

/// <summary>Magnitude (paper, section 7.2.1): f(A) = Σ_i |A_i| over the channels.</summary>
public sealed class Magnitude : IVectorScore
{
    /// <inheritdoc/>
    public string Name => "magnitude";

    /// <inheritdoc/>
    public string Formula => "Σ |A|";

    /// <inheritdoc/>
    public LayerNeed Needs => LayerNeed.Activations;

    /// <inheritdoc/>
    public Tensor Score(LayerEvidence evidence)
    {
        using var absolute = evidence.Activations.abs();
        return absolute.sum(1);
    }

    unsafe void IVectorScore.Score(ReadOnlySpan<float> vectors, int channels, Span<float> scores)
    {
        fixed (float* first = &MemoryMarshal.GetReference(vectors))
        {
            for (int i = 0; i < scores.Length; i++) scores[i] = VectorMath.SumOfMagnitudes(first + (long)i * channels, channels);
        }
    }
}
