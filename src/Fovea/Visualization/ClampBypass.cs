using Fovea.Models;
using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Visualization;

/// <summary>
/// Gradients past the function a layer ends in, its values unchanged. A layer that ends in ReLU6 passes no gradient once it has reached 6
/// everywhere (or 0): pictures would stop growing at the faintest pattern that saturates it. A neuron of a layer that ends in LeakyReLU
/// has, where it is negative, a hundredth of its pre-activation's gradient, less than that of the regularisers, and its picture would stay
/// grey. Lucid redirects gradients likewise.
/// </summary>
internal static class ClampBypass
{
    /// <summary>The value that the ReLU6 at the very end of <paramref name="layer"/> is given, if it ends so; otherwise null.</summary>
    public static string? BeforeRelu6(ImageModel network, string layer) =>
        network.Graph.Producer(network.Layer(layer).Value) is { } node && GradientFlow.IsRelu6(node)
            && network.Graph.Producer(node.Inputs[0]) is not null ? node.Inputs[0] : null;

    /// <summary>The slope of the LeakyReLU that the layer ends in; null where it does not, or where the slope is 0.</summary>
    public static double? LeakySlope(ImageModel network, string layer) =>
        network.Graph.Producer(network.Layer(layer).Value) is { } node && node.Operator == Operators.LeakyRelu
            && node.Attributes.Number("slope", 0.01) is > 0 and var slope ? slope : null;

    /// <summary>The values of <paramref name="output"/> with the gradient of <paramref name="linear"/>.</summary>
    public static Tensor Straight(Tensor output, Tensor linear)
    {
        using var scope = NewDisposeScope();
        return (linear + (output - linear).detach()).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The values of a LeakyReLU's output with the gradient of its input: where it is negative, the gradient is divided by the slope.
    /// </summary>
    public static Tensor Unleaked(Tensor output, double slope)
    {
        using var scope = NewDisposeScope();
        Tensor negative;
        using (no_grad()) negative = output.lt(0).to_type(output.dtype);
        return Straight(output, output * (negative * (1 / slope - 1) + 1)).MoveToOuterDisposeScope();
    }
}
