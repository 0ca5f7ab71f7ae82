using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Visualization.Pullbacks;

/// <summary>Any function of libtorch operations, with the derivative that libtorch records.</summary>
internal sealed class TracedPullback : IPullback
{
    private readonly Tensor _argument, _result;

    /// <summary>Computes <paramref name="function"/> of <paramref name="argument"/>; its tensors join the current dispose scope.</summary>
    public TracedPullback(Tensor argument, Func<Tensor, Tensor> function)
    {
        _argument = argument.detach().requires_grad_(true);
        _result = function(_argument);
        Value = _result.detach();
    }

    /// <inheritdoc/>
    public Tensor Value { get; }

    /// <inheritdoc/>
    public Tensor Pull(Tensor gradient) => Gradients.Pull(_result, _argument, gradient);
}
