using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Visualization;

/// <summary>
/// Gradients past the function a layer ends in, its values unchanged. A layer that ends in ReLU6 passes no gradient once it has reached 6 everywhere (or 0):
/// pictures would stop growing at the faintest pattern that saturates it. A neuron of a layer that ends in LeakyReLU has, where it is negative, a hundredth of its
/// pre-activation's gradient, less than that of the regularisers, and its picture would stay grey. Lucid redirects gradients likewise.
/// </summary>
internal static class ClampBypass
{
    /// <summary>The layer whose output the ReLU6 at the very end of <paramref name="layer"/> is given, if it ends so inside a sequence; otherwise null.</summary>
    public static string? BeforeRelu6(Network network, string layer)
    {
        string clamp = layer;
        while (network.Layer(clamp) is Sequence)
        {
            if (Before(network, clamp) is not { } last || !last.StartsWith(clamp + ".", StringComparison.Ordinal)) return null;
            clamp = last;
        }
        int dot = clamp.LastIndexOf('.');
        if (network.Layer(clamp) is not TorchSharp.Modules.ReLU6 || dot < 0 || network.Layer(clamp[..dot]) is not Sequence) return null;
        return Before(network, clamp) is { } input && input.StartsWith(clamp[..(dot + 1)], StringComparison.Ordinal) ? input : null;
    }

    /// <summary>The slope of the LeakyReLU that the layer ends in; null where it does not, or where the slope is 0.</summary>
    public static double? LeakySlope(Network network, string layer)
    {
        string last = layer;
        while (network.Layer(last) is not LeakyRelu)
        {
            if (Before(network, last) is not { } inner || !inner.StartsWith(last + ".", StringComparison.Ordinal)) return null;
            last = inner;
        }
        return network.Flow.LeakySlope > 0 ? network.Flow.LeakySlope : null;
    }

    /// <summary>The values of <paramref name="output"/> with the gradient of <paramref name="linear"/>.</summary>
    public static Tensor Straight(Tensor output, Tensor linear)
    {
        using var scope = NewDisposeScope();
        return (linear + (output - linear).detach()).MoveToOuterDisposeScope();
    }

    /// <summary>The values of a LeakyReLU's output with the gradient of its input: where it is negative, the gradient is divided by the slope.</summary>
    public static Tensor Unleaked(Tensor output, double slope)
    {
        using var scope = NewDisposeScope();
        Tensor negative;
        using (no_grad()) negative = output.lt(0).to_type(output.dtype);
        return Straight(output, output * (negative * (1 / slope - 1) + 1)).MoveToOuterDisposeScope();
    }

    /// <summary>The layer that finishes just before this one.</summary>
    private static string? Before(Network network, string layer)
    {
        for (int i = 1; i < network.LayerNames.Count; i++)
        {
            if (network.LayerNames[i] == layer) return network.LayerNames[i - 1];
        }
        return null;
    }
}
