using static TorchSharp.torch;

namespace Fovea.Visualization.Pullbacks;

/// <summary>
/// One link of the way from free numbers to the network's input, y = f(x), and the way back for gradients: ∂L/∂y ↦ ∂L/∂x. A step of
/// gradient ascent goes through a handful of links, so each may choose how it finds its derivative: libtorch's record of operations
/// (<see cref="TracedPullback"/>), which does anything anywhere, or a kernel with the derivative written out, which reads and writes a
/// picture once where the record does a dozen times.
/// </summary>
internal interface IPullback
{
    /// <summary>y; gradients are not recorded through it.</summary>
    Tensor Value { get; }

    /// <summary>∂L/∂x, a new tensor in the current dispose scope. Called at most once.</summary>
    /// <param name="gradient">∂L/∂y, in the shape of <see cref="Value"/>.</param>
    Tensor Pull(Tensor gradient);
}
