using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Visualization;

/// <summary>
/// What objectives see of a network: the outputs of their layers, with gradients that pass a clamp at the layer's end
/// (<see cref="ClampBypass"/>). The network itself goes on with its own outputs, so an objective on a deeper layer of the same batch has
/// the gradient it has alone. The pass stops after the deepest.
/// </summary>
internal sealed class ObjectiveTaps
{
    private readonly ImageModel _network;
    private readonly Probe _probe;
    private readonly (string Layer, string Before)[] _clamped;
    private readonly (string Layer, double Slope)[] _leaky;

    /// <summary>Taps on the layers of an objective; <paramref name="bypass"/> lets gradients past clamps at their ends.</summary>
    /// <param name="network">The network.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="bypass">Whether gradients pass clamps.</param>
    /// <param name="edits">What of the network is changed on the way (<see cref="Probe.Edits"/>); null: nothing.</param>
    /// <exception cref="FoveaException">A layer does not exist; the message names the nearest ones.</exception>
    public ObjectiveTaps(
        ImageModel network, IEnumerable<string> layers, bool bypass = true, IReadOnlyDictionary<string, Func<Tensor, Tensor>>? edits = null)
    {
        string[] names = [.. layers];
        _clamped = [.. names.Where(_ => bypass).Select(layer => (layer, ClampBypass.BeforeRelu6(network, layer)!))
            .Where(pair => pair.Item2 is not null)];
        _leaky = [.. names.Where(_ => bypass).Select(layer => (layer, ClampBypass.LeakySlope(network, layer) ?? 0))
            .Where(pair => pair.Item2 > 0)];
        (_network, _probe) = (network, new Probe(names.Concat(_clamped.Select(pair => pair.Before)))
        {
            Edits = edits ?? new Dictionary<string, Func<Tensor, Tensor>>(),
        });
    }

    /// <summary>One forward pass.</summary>
    /// <param name="input"><c>[N, 3, H, W]</c>, as the network takes it.</param>
    /// <returns>The outputs, in the current dispose scope or owned by the caller.</returns>
    public ProbeResult Run(Tensor input)
    {
        using var scope = NewDisposeScope();
        ProbeResult result = _network.Forward(input, _probe);
        // All from what the network gave, before any is replaced: a layer may be the last part of another.
        Tensor[] straight = [.. _clamped.Select(pair => ClampBypass.Straight(result[pair.Layer], result[pair.Before]))];
        // LeakyReLU's small slope is passed for single neurons alone: a direction or a latent weighs what is negative as the network has
        // it.
        foreach (var (layer, slope) in _leaky) result.AddForNeurons(layer, ClampBypass.Unleaked(result[layer], slope));
        for (int i = 0; i < straight.Length; i++) result.Add(_clamped[i].Layer, straight[i]);
        scope.MoveToOuter(result.Tensors);
        return result;
    }
}
