using static TorchSharp.torch;

namespace Fovea.Activations.Filters;

/// <summary>No filter: every position once, none drawn at random (the paper's "original" dataset of figures 10 and 11).</summary>
public sealed class NoFilter : IVectorScore
{
    /// <summary>Its name, <c>none</c>.</summary>
    public const string FilterName = "none";

    /// <inheritdoc/>
    public string Name => FilterName;

    /// <inheritdoc/>
    public string Formula => "1";

    /// <inheritdoc/>
    public LayerNeed Needs => LayerNeed.Activations;

    /// <inheritdoc/>
    public Tensor Score(LayerEvidence evidence) =>
        ones([evidence.Activations.shape[0], evidence.Activations.shape[2], evidence.Activations.shape[3]],
            device: evidence.Activations.device);

    void IVectorScore.Score(ReadOnlySpan<float> vectors, int channels, Span<float> scores) => scores.Fill(1);
}
