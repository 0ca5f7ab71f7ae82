using static TorchSharp.torch;

namespace Fovea.Activations.Filters;

/// <summary>
/// Median (paper, section 7.2.3): f(A) = max(median(A), 0) over the channels. As PyTorch's, the median of an even number of values is
/// the lower of the two middle ones.
/// </summary>
public sealed class Median : IPatchScore
{
    /// <inheritdoc/>
    public string Name => "median";

    /// <inheritdoc/>
    public string Formula => "max(median(A), 0)";

    /// <inheritdoc/>
    public LayerNeed Needs => LayerNeed.Activations;

    /// <inheritdoc/>
    public Tensor Score(LayerEvidence evidence)
    {
        // Channels last: the selection then walks contiguous memory.
        using var vectors = evidence.Activations.permute(0, 2, 3, 1).contiguous();
        var (values, indices) = kthvalue(vectors, (vectors.shape[3] + 1) / 2, -1);
        indices.Dispose();
        return values.clamp_(min: 0);
    }
}
