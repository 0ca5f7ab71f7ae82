using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using Fovea.Models;
using Fovea.Training;
using Fovea.Visualization;
using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>Measures classifiers with dictionaries spliced in: any number of them in one pass over the images, beside the original on the same batches.</summary>
public static class SplicedEvaluation
{
    /// <summary>
    /// Evaluates the network as it is, with the layer's output ablated, and with each dictionary alone spliced in: every vector of the layer becomes its
    /// reconstruction at inference. An image is decoded once and goes once through the part of the network before the layer; for each dictionary only the part
    /// after it is run (<see cref="ImageModel.ContinueAfter"/>), or the whole network where the layer is inside a block with a shortcut.
    /// </summary>
    /// <param name="network">The network; evaluation mode for the time of the call.</param>
    /// <param name="layer">The layer, <c>[N, C, H, W]</c> or <c>[N, C]</c>.</param>
    /// <param name="dictionaries">Of vectors of C components: sparse autoencoders, plain dictionaries, both. They stay their owner's, where they are.</param>
    /// <param name="source">Labelled images whose classes are the network's.</param>
    /// <param name="options">Which images, and the mean for mean ablation; null for all images, without.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellationToken">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>One result a dictionary, in their order.</returns>
    /// <exception cref="FoveaException">No such layer, a dictionary or a mean of another layer, too many damaged images, or none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index of <see cref="SpliceOptions.Images"/> is not one of the source's.</exception>
    public static IReadOnlyList<SpliceResult> Evaluate(ImageModel network, string layer, IReadOnlyList<IFeatureDictionary> dictionaries, IImageSource source, SpliceOptions? options = null, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(dictionaries);
        ArgumentNullException.ThrowIfNull(source);
        foreach (var dictionary in dictionaries) dictionary.RequireLayer(layer);
        options ??= new SpliceOptions();
        network.RequireClasses(source);
        var loader = new ImageLoader(source, network.Preprocessing, new LoaderOptions { BatchSize = options.BatchSize });
        IReadOnlyList<int> images = options.Images ?? [.. Enumerable.Range(0, source.Count)];
        List<SpliceOutcome>[] outcomes = [.. dictionaries.Select(_ => new List<SpliceOutcome>(images.Count))];
        using var frozen = new FrozenNetwork(network);
        var tail = new LayerTail(network, layer);
        int done = 0;
        foreach (ImageBatch batch in loader.Load(images, cancellationToken))
        {
            if (batch.Count == 0) continue;
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            var judged = new JudgedBatch(tail, layer, batch, network.Device, options.Mean);
            for (int i = 0; i < dictionaries.Count; i++) outcomes[i].AddRange(judged.Splice(dictionaries[i]));
            done += batch.Count;
            progress?.Report(new EvaluationProgress(done, images.Count));
        }
        if (done == 0) throw FoveaException.BadData($"{source.Description} has no image to evaluate.");
        return [.. outcomes.Select(one => SpliceResult.Of(layer, one))];
    }

    /// <summary>One dictionary; the same otherwise.</summary>
    /// <inheritdoc cref="Evaluate(ImageModel, string, IReadOnlyList{IFeatureDictionary}, IImageSource, SpliceOptions?, IProgress{EvaluationProgress}?, CancellationToken)"/>
    public static SpliceResult Evaluate(ImageModel network, string layer, IFeatureDictionary dictionary, IImageSource source,
        SpliceOptions? options = null, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Evaluate(network, layer, [dictionary], source, options, progress, cancellationToken)[0];

    /// <summary>One batch: what all dictionaries share is computed when it is made. Lives in the current dispose scope.</summary>
    private sealed class JudgedBatch
    {
        private readonly LayerTail.Pass _pass;
        private readonly string _layer;
        private readonly ImageBatch _batch;
        private readonly Tensor _output, _logits;
        private readonly ImageScore[] _original, _zero;
        private readonly ImageScore[]? _mean;

        public JudgedBatch(LayerTail tail, string layer, ImageBatch batch, Device device, IReadOnlyList<float>? mean)
        {
            (_layer, _batch) = (layer, batch);
            _pass = tail.Run(batch.ToTensor(device));
            (_output, _logits) = (_pass.Output, _pass.Logits);
            _original = Score(_logits);
            _zero = Score(_pass.With(zeros_like(_output)));
            _mean = mean is null ? null : Score(_pass.With(Spread(mean)));
        }

        public IEnumerable<SpliceOutcome> Splice(IFeatureDictionary dictionary)
        {
            using var scope = NewDisposeScope();
            var logits = _pass.With(Reconstruct(dictionary));
            ImageScore[] spliced = Score(logits);
            double[] divergences = Training.Logits.Divergence(_logits, logits);
            return [.. spliced.Select((score, i) => new SpliceOutcome(_batch.Indices[i], _original[i], score, _zero[i], _mean?[i], divergences[i]))];
        }

        private ImageScore[] Score(Tensor logits) => [.. Training.Logits.Score(logits, _batch.Labels).Select(score => new ImageScore(score.Rank, score.Loss))];

        private Tensor Spread(IReadOnlyList<float> mean)
        {
            if (mean.Count != _output.shape[1])
                throw FoveaException.BadConfiguration($"The mean has {mean.Count} components, {_layer} has {_output.shape[1]} channels.");
            long[] shape = [1, mean.Count, .. Enumerable.Repeat(1L, (int)_output.dim() - 2)];
            return tensor([.. mean], shape, device: _output.device).expand(_output.shape).contiguous();
        }

        private Tensor Reconstruct(IFeatureDictionary dictionary)
        {
            long channels = _output.shape[1];
            if (dictionary.InputSize != channels)
            {
                throw FoveaException.BadConfiguration(
                    $"A dictionary '{dictionary.Name}' reads vectors of {dictionary.InputSize} components, {_layer} has {channels} channels: it was made for another layer.");
            }
            var last = _output.movedim([1], [-1]);
            var vectors = last.reshape(-1, channels).to(dictionary.Directions.dtype).to(dictionary.Directions.device);
            return Reconstruction(dictionary, vectors).to(_output.device).to(_output.dtype).reshape(last.shape).movedim([-1], [1]).contiguous();
        }

        // An autoencoder's codes are dense on the way: no entries need to be listed.
        private static Tensor Reconstruction(IFeatureDictionary dictionary, Tensor vectors)
        {
            if (dictionary is SparseAutoencoder autoencoder) return autoencoder.DecodeDense(autoencoder.EncodeDense(vectors));
            using SparseCodes codes = dictionary.Encode(vectors);
            return dictionary.Decode(codes);
        }
    }
}
