using System.Diagnostics;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Training;

/// <summary>Top-1, top-5 and cross-entropy of a network on a source, image by image.</summary>
public static class Evaluator
{
    /// <summary>
    /// Evaluates every image of the source once, in evaluation mode and without gradients; the network's mode is then as before.
    /// </summary>
    /// <param name="network">The network, on any device.</param>
    /// <param name="source">Labelled images whose classes are the network's (<see cref="ClassList.RequireSame"/>).</param>
    /// <param name="batchSize">Images a forward pass. Results differ by rounding only.</param>
    /// <param name="progress">Reported to after each batch.</param>
    /// <param name="cancellationToken">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="FoveaException">The number of classes differs, no image is left, or more than 1 % are damaged; or an output is NaN
    /// or infinite (numerical).</exception>
    public static EvaluationResult Evaluate(
        ImageModel network, IImageSource source, int batchSize = 32,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Evaluate(network, source, (0, source.Count), batchSize, progress, cancellationToken);
    }

    /// <summary>
    /// The same for some images of the source that stand together. Where they begin at a multiple of the batch size, each gets the score
    /// that an evaluation of all gives it, and <see cref="Join"/> makes that of several.
    /// </summary>
    internal static EvaluationResult Evaluate(
        ImageModel network, IImageSource source, (int First, int End) images, int batchSize, IProgress<EvaluationProgress>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(network);
        network.RequireClasses(source);
        var watch = Stopwatch.StartNew();
        var loader = new ImageLoader(source, network.Preprocessing, new LoaderOptions { BatchSize = batchSize });
        int[] order = [.. Enumerable.Range(images.First, images.End - images.First)];
        var predictions = new List<ImagePrediction>(order.Length);
        bool training = network.Training;
        ReadingEngine engine;
        network.Eval();
        try
        {
            using ModelReader reader = network.Reader(new Probe { Output = true });
            engine = reader.Engine;
            foreach (var (batch, values) in reader.Read(loader.Load(order, cancellationToken)))
            {
                using ProbeResult? read = values;
                if (read is null) continue;
                var scores = Score(read, batch);
                if (Array.FindIndex(scores, score => !double.IsFinite(score.Loss)) is >= 0 and var bad)
                {
                    throw FoveaException.NumericalFailure(
                        $"The network's outputs for {source.Id(batch.Indices[bad])} are NaN or infinite: no accuracy follows from them. "
                            + $"Are its weights finite?");
                }
                for (int i = 0; i < scores.Length; i++)
                    predictions.Add(
                        new ImagePrediction(
                            batch.Indices[i], batch.Labels[i], scores[i].Predicted, scores[i].Rank, scores[i].Loss, scores[i].Confidence));
                progress?.Report(new EvaluationProgress(predictions.Count, order.Length));
            }
        }
        finally
        {
            network.Train(training);
        }
        bool isAll = order.Length == source.Count;
        if (predictions.Count == 0 && isAll) throw FoveaException.BadData($"{source.Description} has no image to evaluate.");
        return Result(predictions, watch.Elapsed.TotalSeconds, loader.Damage.Damaged) with { Engine = engine };
    }

    /// <summary>The result on all images of a source, of results on some that stand together, in their order.</summary>
    /// <exception cref="FoveaException">Data: no image is left, or more than 1 % are damaged.</exception>
    internal static EvaluationResult Join(IImageSource source, IReadOnlyList<EvaluationResult> parts)
    {
        ImagePrediction[] predictions = [.. parts.SelectMany(part => part.Predictions)];
        DamagedImage[] damaged = [.. parts.SelectMany(part => part.Damaged)];
        var report = new DamageReport(source);
        report.Add(source.Count, damaged.Select((image, i) => (i, new DamagedImageException(image.Id, image.Why))));
        if (predictions.Length + damaged.Length != source.Count)
            throw FoveaException.BadData($"{predictions.Length + damaged.Length} of {source.Count} images of {source.Description} were evaluated.");
        if (predictions.Length == 0) throw FoveaException.BadData($"{source.Description} has no image to evaluate.");
        return Result(predictions, parts.Sum(part => part.Seconds), damaged);
    }

    /// <summary>Sums are made image by image, in the order of the source: the same however the images were parted.</summary>
    private static EvaluationResult Result(IReadOnlyList<ImagePrediction> predictions, double seconds, IReadOnlyList<DamagedImage> damaged)
    {
        RunningScores sums = RunningScores.Empty;
        foreach (ImagePrediction one in predictions) sums = sums.Add([new LogitScore(one.Predicted, one.Rank, one.Loss, one.Confidence)]);
        var (loss, top1, top5) = sums.Mean();
        return new EvaluationResult(predictions.Count, top1, top5, loss, seconds, predictions, damaged);
    }

    private static LogitScore[] Score(ProbeResult read, ImageBatch batch)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return Logits.Score(read.Logits, batch.Labels);
    }
}
