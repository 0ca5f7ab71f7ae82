using Fovea.Autoencoders;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Training;
using Fovea.Visualization;
using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>What a dictionary keeps of what the network does: the classifier with the dictionary's reconstruction in place of a layer's output.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Images">Images evaluated.</param>
/// <param name="Original">The network as it is (fractions; loss in nats).</param>
/// <param name="Spliced">The same with the reconstruction spliced in.</param>
public sealed record SpliceResult(string Layer, int Images, SpliceScores Original, SpliceScores Spliced);

/// <summary>Accuracy of a classifier.</summary>
/// <param name="Top1">Share of images whose largest logit is the true class.</param>
/// <param name="Top5">Share of images whose five largest logits hold it.</param>
/// <param name="Loss">Mean cross-entropy in nats.</param>
public sealed record SpliceScores(double Top1, double Top5, double Loss);

/// <summary>Measures classifiers with dictionaries spliced in, several in one pass over the images beside the original on the same batches.</summary>
public static class SplicedEvaluation
{
    /// <summary>One dictionary; see <see cref="Evaluate(Network, IReadOnlyList{UnitGroup}, IImageSource, IImageTransform, int, IProgress{EvaluationProgress}, CancellationToken)"/>.</summary>
    public static SpliceResult Evaluate(Network network, string layer, SparseAutoencoder autoencoder, IImageSource source, IImageTransform transform,
        int batchSize = 32, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Evaluate(network, [UnitGroup.Latents(layer, "dictionary", autoencoder)], source, transform, batchSize, progress, cancellationToken)[0];

    /// <summary>
    /// Evaluates the network as it is and with each dictionary alone spliced in at its layer: every vector becomes its reconstruction at inference. Images are
    /// decoded once.
    /// </summary>
    /// <param name="network">The network; evaluation mode for the time of the call.</param>
    /// <param name="dictionaries">Groups with a dictionary.</param>
    /// <param name="source">Labelled images whose classes are the network's.</param>
    /// <param name="transform">The network's preprocessing.</param>
    /// <param name="batchSize">Images a forward pass.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellationToken">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>One result a dictionary, in their order.</returns>
    /// <exception cref="FoveaException">No such layer, a dictionary of another layer, too many damaged images, or none.</exception>
    public static IReadOnlyList<SpliceResult> Evaluate(Network network, IReadOnlyList<UnitGroup> dictionaries, IImageSource source, IImageTransform transform,
        int batchSize = 32, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(dictionaries);
        ArgumentNullException.ThrowIfNull(source);
        if (dictionaries.Any(group => !group.IsDictionary)) throw new ArgumentException("Neurons cannot be spliced in: they are what is there.", nameof(dictionaries));
        network.RequireClasses(source);
        var loader = new ImageLoader(source, transform, new LoaderOptions { BatchSize = batchSize });
        var original = RunningScores.Empty;
        RunningScores[] spliced = [.. dictionaries.Select(_ => RunningScores.Empty)];
        using var frozen = new FrozenNetwork(network);
        using var taps = new LayerTaps(network);
        int done = 0;
        foreach (ImageBatch batch in loader.Load([.. Enumerable.Range(0, source.Count)], cancellationToken))
        {
            if (batch.Count == 0) continue;
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            Tensor input = batch.ToTensor(network.Device);
            original = original.Add(Score(taps, input, batch.Labels));
            for (int i = 0; i < dictionaries.Count; i++)
            {
                UnitGroup group = dictionaries[i];
                taps.Replace(group.Layer, activation => Reconstruct(group, activation));
                spliced[i] = spliced[i].Add(Score(taps, input, batch.Labels));
                taps.Replace(group.Layer, null);
            }
            done += batch.Count;
            progress?.Report(new EvaluationProgress(done, source.Count));
        }
        if (done == 0) throw FoveaException.BadData($"{source.Description} has no image to evaluate.");
        return [.. dictionaries.Select((group, i) => new SpliceResult(group.Layer, done, Mean(original), Mean(spliced[i])))];
    }

    private static Tensor Reconstruct(UnitGroup group, Tensor activation)
    {
        group.UnitCount((int)activation.shape[1]); // refuses a dictionary of another layer by name
        return group.Autoencoder!.Reconstruct(activation);
    }

    private static LogitScore[] Score(LayerTaps taps, Tensor input, int[] labels)
    {
        using TapResult result = taps.Run(input, stopEarly: false);
        return Logits.Score(result.Logits!, labels);
    }

    private static SpliceScores Mean(RunningScores scores)
    {
        var mean = scores.Mean();
        return new SpliceScores(mean.Top1, mean.Top5, mean.Loss);
    }
}
