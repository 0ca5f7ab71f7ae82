using System.Diagnostics;
using Fovea.Datasets;
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
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(source);
        network.RequireClasses(source);
        var watch = Stopwatch.StartNew();
        var loader = new ImageLoader(source, network.Preprocessing, new LoaderOptions { BatchSize = batchSize });
        var predictions = new List<ImagePrediction>(source.Count);
        var sums = RunningScores.Empty;
        bool training = network.Training;
        ReadingEngine engine;
        network.Eval();
        try
        {
            using ModelReader reader = network.Reader(new Probe { Output = true });
            engine = reader.Engine;
            foreach (var (batch, values) in reader.Read(loader.Load([.. Enumerable.Range(0, source.Count)], cancellationToken)))
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
                sums = sums.Add(scores);
                for (int i = 0; i < scores.Length; i++)
                    predictions.Add(
                        new ImagePrediction(
                            batch.Indices[i], batch.Labels[i], scores[i].Predicted, scores[i].Rank, scores[i].Loss, scores[i].Confidence));
                progress?.Report(new EvaluationProgress(predictions.Count, source.Count));
            }
        }
        finally
        {
            network.Train(training);
        }
        if (predictions.Count == 0) throw FoveaException.BadData($"{source.Description} has no image to evaluate.");
        var (loss, top1, top5) = sums.Mean();
        return new EvaluationResult(predictions.Count, top1, top5, loss, watch.Elapsed.TotalSeconds, predictions, loader.Damage.Damaged) { Engine = engine };
    }

    private static LogitScore[] Score(ProbeResult read, ImageBatch batch)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return Logits.Score(read.Logits, batch.Labels);
    }
}
