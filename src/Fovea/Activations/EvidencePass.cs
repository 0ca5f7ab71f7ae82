using Fovea.Activations.Filters;
using Fovea.Models;
using Fovea.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Fovea.Activations;

/// <summary>
/// One forward pass, and one backward pass where gradients are asked for, that yield the evidence of several layers about one class an image. The network must be in
/// evaluation mode; its weights get no gradients.
/// </summary>
internal sealed class EvidencePass : IDisposable
{
    private readonly IReadOnlyList<string> _layers;
    private readonly LayerTaps _taps;
    private readonly IReadOnlyList<LayerTail> _tails;
    private readonly IReadOnlyList<Linear?> _heads;
    private readonly bool _gradients, _logits;

    /// <param name="network">The network.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="needs">What the scores of the layers need.</param>
    /// <param name="logits">Whether the logits are wanted though no score may need them.</param>
    public EvidencePass(Network network, IReadOnlyList<string> layers, IReadOnlyCollection<LayerNeed> needs, bool logits = false)
    {
        _layers = layers;
        (_gradients, _logits) = (needs.Contains(LayerNeed.Gradients), logits);
        _taps = new LayerTaps(network, layers);
        _tails = needs.Contains(LayerNeed.Logits) ? [.. layers.Select(layer => new LayerTail(network, layer))] : [];
        _heads = needs.Contains(LayerNeed.Logits) ? [.. layers.Select(layer => PooledHead.After(network, layer))] : [];
        // The graph starts at the first tapped layer: nothing before it is needed for the gradients at the layers.
        if (_gradients) _taps.Replace(_taps.Layers.First(), output => output.detach().requires_grad_(true));
    }

    /// <summary>Runs a batch.</summary>
    /// <param name="input"><c>[N, 3, H, W]</c>.</param>
    /// <param name="classes">From the logits <c>[N, classes]</c> to each image's class, <c>[N]</c>, int64.</param>
    /// <returns>The evidence of each layer and the logits (null where the pass stopped before them), in the current dispose scope.</returns>
    public (IReadOnlyList<LayerEvidence> Layers, Tensor? Logits) Run(Tensor input, Func<Tensor, Tensor> classes)
    {
        using var mode = _gradients ? enable_grad() : no_grad();
        var result = _taps.Run(input, stopEarly: !_gradients && !_logits && _tails.Count == 0);
        if (result.Logits is not { } logits) return ([.. _layers.Select(layer => new LayerEvidence(result[layer]))], null);
        var column = classes(logits.detach()).unsqueeze(1);
        // The images of a batch do not mix in evaluation mode, so the gradient of the sum is each image's own.
        var gradients = _gradients ? Gradients.Of(logits.gather(1, column).sum(), [.. _layers.Select(layer => result[layer])]) : null;
        return ([.. _layers.Select((layer, i) => new LayerEvidence(result[layer].detach(), gradients?[i],
            _tails.Count > 0 ? Changed(_tails[i]) : null, _heads.Count > 0 ? _heads[i]?.weight!.detach().index_select(0, column.squeeze(1)) : null))], logits.detach());

        LayerLogits Changed(LayerTail tail) => (images, outputs) =>
            tail.Logits(tail.NeedsInput ? input.index_select(0, images) : input, outputs).gather(1, column.index_select(0, images)).squeeze(1);
    }

    /// <summary>The taps, for passes that need no evidence.</summary>
    public TapResult Forward(Tensor input) => _taps.Run(input);

    public void Dispose()
    {
        _taps.Dispose();
        foreach (LayerTail tail in _tails) tail.Dispose();
    }
}
