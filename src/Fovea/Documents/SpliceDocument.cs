using System.Text.Json.Serialization;
using Fovea.Numerics;

namespace Fovea.Documents;

/// <summary>
/// What a dictionary keeps of what the network does: <c>splice.json</c>, the classifier with the dictionary's reconstruction in place of a
/// layer's output. Definitions in docs/reference/metrics.md.
/// </summary>
public record SpliceDocument : IDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "splice.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The layer.</summary>
    public required string Layer { get; init; }

    /// <summary>Images evaluated.</summary>
    public required int Images { get; init; }

    /// <summary>The network as it is.</summary>
    public required SpliceScores Original { get; init; }

    /// <summary>With each vector of the layer replaced by its reconstruction.</summary>
    public required SpliceScores Spliced { get; init; }

    /// <summary>With each vector of the layer replaced by zeros.</summary>
    public required SpliceScores ZeroAblated { get; init; }

    /// <summary>With each vector of the layer replaced by the mean over training images; null where no mean was given.</summary>
    public SpliceScores? MeanAblated { get; init; }

    /// <summary>E KL(original ‖ spliced) of the two softmax distributions, in nats.</summary>
    public required double Kl { get; init; }

    /// <summary>
    /// Loss recovered of zero ablation, (H_zero − H_spliced) / (H_zero − H_original): 1 where nothing is lost, 0 where the reconstruction
    /// is worth as little as zeros. Null where zeros do no harm.
    /// </summary>
    public double? LossRecoveredZero { get; init; }

    /// <summary>
    /// The same of mean ablation: 0 where the reconstruction is worth as little as the mean. Null where the mean does no harm, or none was
    /// given.
    /// </summary>
    public double? LossRecoveredMean { get; init; }

    /// <summary>Top-1 of the original less that of the spliced network, a fraction, with its paired 95 % interval.</summary>
    public required PairedDifference Top1Lost { get; init; }

    /// <summary>Loss of the spliced network less that of the original, in nats, with its paired 95 % interval.</summary>
    public required PairedDifference LossAdded { get; init; }
}

/// <summary>Accuracy of a classifier.</summary>
/// <param name="Top1">Share of images whose largest logit is the true class.</param>
/// <param name="Top5">Share of images whose five largest logits hold it.</param>
/// <param name="Loss">Mean cross-entropy in nats.</param>
public sealed record SpliceScores(double Top1, double Top5, double Loss);
