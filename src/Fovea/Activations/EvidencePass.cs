using Fovea.Activations.Filters;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Activations;

/// <summary>
/// One forward pass, and one backward pass where gradients are asked for, that yield the evidence of several layers about one class an
/// image. The network must be in evaluation mode; its weights get no gradients.
/// </summary>
internal sealed class EvidencePass
{
    private readonly ImageModel _model;
    private readonly IReadOnlyList<string> _layers;
    private readonly IReadOnlyList<LayerTail> _tails;
    private readonly IReadOnlyList<PooledHead?> _heads;
    private readonly Probe _probe;
    private readonly bool _gradients;

    /// <param name="model">The network.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="needs">What the scores of the layers need.</param>
    /// <param name="logits">Whether the logits are wanted though no score may need them.</param>
    public EvidencePass(ImageModel model, IReadOnlyList<string> layers, IReadOnlyCollection<LayerNeed> needs, bool logits = false)
    {
        (_model, _layers, _gradients) = (model, layers, needs.Contains(LayerNeed.Gradients));
        if (_gradients || needs.Contains(LayerNeed.Logits))
            foreach (string layer in layers) LayerChoice.RequireReach(model, layer);
        _tails = needs.Contains(LayerNeed.Logits) ? [.. layers.Select(layer => new LayerTail(model, layer))] : [];
        _heads = needs.Contains(LayerNeed.Logits) ? [.. layers.Select(layer => PooledHead.After(model, layer))] : [];
        _probe = new Probe([.. layers, .. _tails.SelectMany(tail => tail.Beside)]) { Output = _gradients || logits || _tails.Count > 0 };
    }

    /// <summary>Runs a batch.</summary>
    /// <param name="input"><c>[N, 3, H, W]</c>.</param>
    /// <param name="classes">From the logits <c>[N, classes]</c> to each image's class, <c>[N]</c>, int64.</param>
    /// <returns>The evidence of each layer and the logits (null where the pass stopped before them), in the current dispose
    /// scope.</returns>
    public (IReadOnlyList<LayerEvidence> Layers, Tensor? Logits) Run(Tensor input, Func<Tensor, Tensor> classes)
    {
        using var mode = no_grad();
        Tensor? column = null;
        // The images of a batch do not mix in evaluation mode, so the gradient of the sum is each image's own.
        ProbeResult result = _model.Forward(input, _gradients
            ? _probe.Differentiating(
                new ProbeGradient(
                    read => read.Logits.gather(1, column = classes(read.Logits.detach()).unsqueeze(1).MoveToOuterDisposeScope())
                        .sum(), _layers))
            : _probe);
        if (!result.HasLogits) return ([.. _layers.Select(layer => new LayerEvidence(result[layer], layer: layer))], null);
        column ??= classes(result.Logits.detach()).unsqueeze(1);
        return ([.. _layers.Select((layer, i) => new LayerEvidence(result[layer].detach(), _gradients ? result.Gradient(layer) : null,
            _tails.Count > 0 ? Changed(_tails[i].Of(result)) : null,
            _heads.Count > 0 ? _heads[i]?.Weight.detach().index_select(0, column.squeeze(1)) : null, layer))], result.Logits.detach());

        LayerLogits Changed(LayerTail.Pass pass) =>
            (images, outputs) => pass.With(outputs, images).gather(1, column.index_select(0, images)).squeeze(1);
    }
}
