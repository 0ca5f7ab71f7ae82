using TorchSharp.Modules;

namespace Fovea.Models;

/// <summary>The linear head of a network, seen from a layer with nothing between them but average pooling (and dropout, in evaluation the identity).</summary>
internal static class PooledHead
{
    /// <summary>The head: logits are its weights times the layer's mean over positions, plus its bias. Null where something else follows, or the layer is inside a block with a shortcut.</summary>
    /// <exception cref="FoveaException">There is no such layer.</exception>
    public static Linear? After(Network network, string layer)
    {
        if (!network.CanContinueAfter(layer)) return null;
        return network.Body.Following(network.Layer(layer)).ToArray() is [.. var pooling, Linear head] && pooling.All(module => module is AdaptiveAvgPool2d or Reshape or SeededDropout)
            ? head
            : null;
    }
}
