using Fovea.Activations.Filters;
using Fovea.Datasets;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Activations;

/// <summary>
/// One forward pass, and one backward pass where gradients are asked for, that yield the evidence of several layers about one class an
/// image. The network must be in evaluation mode; its weights get no gradients and do not change while this lives. Values alone come from
/// the fastest engine; where gradients or passes through the rest of the network are asked for, all values are libtorch's, so that no score
/// is put together from two engines.
/// </summary>
internal sealed class EvidencePass : IDisposable
{
    private readonly ImageModel _model;
    private readonly IReadOnlyList<string> _layers;
    private readonly IReadOnlyList<LayerTail> _tails;
    private readonly IReadOnlyList<PooledHead?> _heads;
    private readonly Probe _probe;
    private readonly bool _gradients, _half;
    private readonly ModelReader? _reader;

    /// <param name="model">The network.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="needs">What the scores of the layers need.</param>
    /// <param name="logits">Whether the logits are wanted though no score may need them.</param>
    /// <param name="once">One pass, of images of any size: another engine is not worth its start.</param>
    /// <param name="precision">What convolutions calculate in; all values are then libtorch's.</param>
    public EvidencePass(
        ImageModel model, IReadOnlyList<string> layers, IReadOnlyCollection<LayerNeed> needs, bool logits = false, bool once = false,
            ReadingPrecision precision = ReadingPrecision.Single)
    {
        bool half = precision == ReadingPrecision.BFloat16;
        if (half) model = model.InBFloat16();
        (_model, _layers, _gradients, _half) = (model, layers, needs.Contains(LayerNeed.Gradients), half);
        if (_gradients || needs.Contains(LayerNeed.Logits))
            foreach (string layer in layers) LayerChoice.RequireReach(model, layer);
        _tails = needs.Contains(LayerNeed.Logits) ? [.. layers.Select(layer => new LayerTail(model, layer))] : [];
        _heads = needs.Contains(LayerNeed.Logits) ? [.. layers.Select(layer => PooledHead.After(model, layer))] : [];
        _probe = new Probe([.. layers, .. _tails.SelectMany(tail => tail.Beside)]) { Output = _gradients || logits || _tails.Count > 0 };
        if (!_gradients && _tails.Count == 0 && !once && !half) _reader = model.Reader(_probe);
        // A reader says it itself; of half precision its trial is told with it.
        else if (!half) model.EngineChosen?.Invoke(Engine);
    }

    /// <summary>What gives the values.</summary>
    public ReadingEngine Engine => _half ? ReadingEngine.OfTorch("bfloat16 is asked for") with { Precision = "bf16" } : _reader?.Engine
        ?? ReadingEngine.OfTorch(_gradients ? "gradients are asked for"
            : _tails.Count > 0 ? "the rest of the network is run for changed values" : "one pass is asked for");

    /// <summary>Channels, height and width of each layer's grid.</summary>
    /// <exception cref="FoveaException">Configuration: a layer has no grid of vectors of each image.</exception>
    public (int Channels, int Height, int Width)[] Grids()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        (int height, int width) = _model.Preprocessing.OutputSize;
        // More than one, since a value of one image may hold all images in one row.
        int images = _model.Graph.FixedBatch ?? 2;
        ProbeResult result = _reader?.Empty(images)
            ?? _model.Forward(zeros([images, 3, height, width], device: _model.Device), new Probe(_layers));
        return [.. _layers.Select(layer =>
        {
            Tensor value = result[layer];
            LayerChoice.RequireGrid(_model, layer, value, images);
            return ((int)value.shape[1], (int)value.shape[2], (int)value.shape[3]);
        })];
    }

    /// <summary>Runs a batch.</summary>
    /// <param name="input"><c>[N, 3, H, W]</c>.</param>
    /// <param name="classes">From the logits <c>[N, classes]</c> to each image's class, <c>[N]</c>, int64.</param>
    /// <returns>The evidence of each layer and the logits (null where the pass stopped before them), in the current dispose
    /// scope.</returns>
    public (IReadOnlyList<LayerEvidence> Layers, Tensor? Logits) Run(Tensor input, Func<Tensor, Tensor> classes)
    {
        if (_reader is not null) return Of(_reader.Run(input), null);
        using var mode = no_grad();
        Tensor? column = null;
        // The images of a batch do not mix in evaluation mode, so the gradient of the sum is each image's own.
        ProbeResult result = _model.Forward(input, _gradients
            ? _probe.Differentiating(
                new ProbeGradient(
                    read => read.Logits.gather(1, column = classes(read.Logits.detach()).unsqueeze(1).MoveToOuterDisposeScope())
                        .sum(), _layers))
            : _probe);
        return !result.HasLogits ? Of(result, null) : Of(result, column ?? classes(result.Logits.detach()).unsqueeze(1));
    }

    /// <summary>Runs batch after batch.</summary>
    /// <param name="batches">The images.</param>
    /// <param name="predicted">Whether evidence of one class is of the class with the largest logit; else of the image's own.</param>
    /// <param name="use">Told of each batch, also of one without images: its evidence, which lives as long as the call.</param>
    public void ForEach(
        IEnumerable<ImageBatch> batches, bool predicted, Action<ImageBatch, IReadOnlyList<LayerEvidence>> use)
    {
        if (_reader is null)
        {
            foreach (ImageBatch batch in batches)
            {
                using var scope = NewDisposeScope();
                use(batch, batch.Count == 0 ? [] : Run(
                    batch.ToTensor(_model.Device), logits => predicted ? logits.argmax(1) : batch.LabelTensor(_model.Device)).Layers);
            }
            return;
        }
        foreach (var (batch, values) in _reader.Read(batches))
        {
            using ProbeResult? result = values;
            using var scope = NewDisposeScope();
            use(batch, result is null ? [] : Of(result, null).Layers);
        }
    }

    private (IReadOnlyList<LayerEvidence> Layers, Tensor? Logits) Of(ProbeResult result, Tensor? column)
    {
        if (column is null)
            return ([.. _layers.Select(layer => new LayerEvidence(result[layer], layer: layer))], result.HasLogits ? result.Logits : null);
        return ([.. _layers.Select((layer, i) => new LayerEvidence(result[layer].detach(), _gradients ? result.Gradient(layer) : null,
            _tails.Count > 0 ? Changed(_tails[i].Of(result)) : null,
            _heads.Count > 0 ? _heads[i]?.Weight.detach().index_select(0, column.squeeze(1)) : null, layer))], result.Logits.detach());

        LayerLogits Changed(LayerTail.Pass pass) =>
            (images, outputs) => pass.With(outputs, images).gather(1, column.index_select(0, images)).squeeze(1);
    }

    /// <inheritdoc/>
    public void Dispose() => _reader?.Dispose();
}
