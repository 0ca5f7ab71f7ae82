using static TorchSharp.torch;

namespace Fovea.Visualization.Pullbacks;

/// <summary>Several functions of one tensor, their values one below the other; gradients meet again as their sum.</summary>
internal sealed class StackedPullback(IReadOnlyList<IPullback> parts) : IPullback
{
    /// <inheritdoc/>
    public Tensor Value { get; } = cat([.. parts.Select(part => part.Value)]);

    /// <inheritdoc/>
    public Tensor Pull(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        long rows = Value.shape[0] / parts.Count;
        Tensor sum = parts[0].Pull(gradient.narrow(0, 0, rows));
        for (int i = 1; i < parts.Count; i++) sum.add_(parts[i].Pull(gradient.narrow(0, i * rows, rows)));
        return sum.MoveToOuterDisposeScope();
    }
}
