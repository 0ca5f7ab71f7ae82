using TorchSharp;
using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>max(x, slope · x). Holds its slope as one <see cref="Scalar"/> for the reason that <see cref="BatchNorm"/> names.</summary>
internal sealed class LeakyRelu(double slope) : Block(nameof(LeakyRelu))
{
    private readonly Scalar _slope = slope;

    public override Tensor forward(Tensor input) => input.leaky_relu(_slope);
}
