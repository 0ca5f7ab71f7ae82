using Fovea.Datasets;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Training;

/// <summary>
/// Measures the means and variances of batch normalisation anew, as plain averages over many batches of images as evaluation sees them
/// (Wu and Johnson 2021, arXiv 2105.07576, "precise" statistics and the shift between training and testing). Needed after a network is
/// modified or trained on augmented images: its running values then belong to other activations than the ones that it meets afterwards.
/// </summary>
public static class BatchStatistics
{
    /// <summary>Whether a network has any batch normalisation.</summary>
    /// <param name="network">The network.</param>
    public static bool Has(ImageModel network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.Graph.Nodes.Any(node => node.Operator == Operators.BatchNorm);
    }

    /// <summary>
    /// Replaces the running statistics of every batch normalisation; weights stay. Leaves the network in evaluation mode.
    /// </summary>
    /// <param name="network">Changed in place; a network without batch normalisation stays as it is.</param>
    /// <param name="source">Where images are drawn from; damaged ones are left out.</param>
    /// <param name="images">How many images to draw, without repetition; all where the source has fewer.</param>
    /// <param name="seed">Decides which.</param>
    /// <param name="batchSize">Images a batch; the last may have fewer and weighs as much as the others.</param>
    /// <param name="progress">Told the number of images seen after each batch.</param>
    /// <param name="cancellationToken">Stops with an <see cref="OperationCanceledException"/>; the statistics are then half done.</param>
    /// <exception cref="FoveaException">No image is left, or more than 1 % are damaged.</exception>
    public static void Estimate(
        ImageModel network, IImageSource source, int images, ulong seed, int batchSize = 100,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(images);
        network.Eval();
        if (!Has(network)) return;
        RequireAnyNumber(network);
        int[] drawn = new CounterRandom(seed, "train/statistics", 0).Permutation(source.Count)[..Math.Min(images, source.Count)];
        var loader = new ImageLoader(source, network.Preprocessing, new LoaderOptions { BatchSize = batchSize });
        int batches = 0, seen = 0;
        try
        {
            // Only the normalisations train: dropout, which they do not need, stays off.
            network.Mode.BatchStatistics = true;
            foreach (var batch in loader.Load(drawn, cancellationToken))
            {
                // With one image and one position a layer's variance does not exist.
                if (batch.Count < 2) continue;
                network.Mode.Momentum = 1.0 / (batches + 1);
                using var scope = NewDisposeScope();
                using var quiet = no_grad();
                network.Forward(batch.ToTensor(network.Device));
                batches++;
                progress?.Report(new EvaluationProgress(seen += batch.Count, drawn.Length));
            }
        }
        finally
        {
            network.Mode.Momentum = ForwardMode.DefaultMomentum;
            network.Eval();
        }
        if (batches == 0)
            throw FoveaException.BadData($"{source.Description} has too few images to measure the statistics of batch normalisation on.");
    }

    /// <summary>
    /// Refuses networks that take only so many images together: those that fill up would be measured, and learned from, too.
    /// </summary>
    /// <exception cref="FoveaException">Configuration: it is such a network.</exception>
    internal static void RequireAnyNumber(ImageModel network)
    {
        if (network.Graph.FixedBatch is { } together)
        {
            throw FoveaException.BadConfiguration(
                $"{network.Architecture} takes exactly {together} images at a time, as it was exported: it can be neither trained nor "
                    + $"measured "
                    + "anew. Export it for any number of images.");
        }
    }
}
