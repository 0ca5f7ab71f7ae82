using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Visualization;

/// <summary>
/// A layer that ends in ReLU6 passes no gradient once it has reached 6 everywhere (or 0): pictures would stop growing at the faintest pattern that saturates it.
/// With this the layer's values stay what they are and its gradient is that of the pre-activation, for the ReLU6 at the very end of the target layer alone
/// (the same choice as for latents; lucid redirects gradients likewise).
/// </summary>
internal static class ClampBypass
{
    /// <summary>Sets the two edits on <paramref name="taps"/> if <paramref name="layer"/> ends in ReLU6 inside a sequence; otherwise nothing.</summary>
    /// <returns>Whether it did.</returns>
    public static bool Attach(Network network, LayerTaps taps, string layer)
    {
        string clamp = layer;
        while (network.Layer(clamp) is Sequence)
        {
            if (Before(network, clamp) is not { } last || !last.StartsWith(clamp + ".", StringComparison.Ordinal)) return false;
            clamp = last;
        }
        int dot = clamp.LastIndexOf('.');
        if (network.Layer(clamp) is not TorchSharp.Modules.ReLU6 || dot < 0 || network.Layer(clamp[..dot]) is not Sequence) return false;
        if (Before(network, clamp) is not { } input || !input.StartsWith(clamp[..(dot + 1)], StringComparison.Ordinal)) return false;
        Tensor? linear = null;
        taps.Replace(input, output => linear = output);
        taps.Replace(clamp, output =>
        {
            using var scope = NewDisposeScope();
            return (linear! + (output - linear!).detach()).MoveToOuterDisposeScope();
        });
        return true;
    }

    /// <summary>
    /// The like for a neuron of a layer that ends in LeakyReLU: where it is negative its gradient is a hundredth of the pre-activation's, less than that of the
    /// regularisers, and the picture would stay grey. Values stay, gradients are divided by the slope.
    /// </summary>
    /// <returns>Whether the layer ends so.</returns>
    public static bool AttachLeaky(Network network, LayerTaps taps, string layer)
    {
        string last = layer;
        while (network.Layer(last) is not LeakyRelu)
        {
            if (Before(network, last) is not { } inner || !inner.StartsWith(last + ".", StringComparison.Ordinal)) return false;
            last = inner;
        }
        double slope = network.Flow.LeakySlope;
        if (slope <= 0) return false;
        taps.Replace(last, output =>
        {
            using var scope = NewDisposeScope();
            Tensor negative;
            using (no_grad()) negative = output.lt(0).to_type(output.dtype);
            var linear = output * (negative * (1 / slope - 1) + 1);
            return (linear + (output - linear).detach()).MoveToOuterDisposeScope();
        });
        return true;
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
