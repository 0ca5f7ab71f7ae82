using Fovea.Numerics;

namespace Fovea.Interpretation;

/// <summary>
/// What a dictionary keeps of what the network does: the classifier with the dictionary's reconstruction in place of a layer's output. Everything is computed
/// from <see cref="Outcomes"/>, image by image. Definitions in docs/reference/metrics.md.
/// </summary>
public sealed record SpliceResult
{
    /// <summary>The layer.</summary>
    public required string Layer { get; init; }

    /// <summary>Images judged.</summary>
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
    /// Loss recovered of zero ablation, (H_zero − H_spliced) / (H_zero − H_original): 1 where nothing is lost, 0 where the reconstruction is worth as little as
    /// zeros. Null where zeros do no harm.
    /// </summary>
    public double? LossRecoveredZero { get; init; }

    /// <summary>The same of mean ablation: 0 where the reconstruction is worth as little as the mean. Null where the mean does no harm, or none was given.</summary>
    public double? LossRecoveredMean { get; init; }

    /// <summary>Top-1 of the original less that of the spliced network, a fraction, with its paired 95 % interval.</summary>
    public required PairedDifference Top1Lost { get; init; }

    /// <summary>Loss of the spliced network less that of the original, in nats, with its paired 95 % interval.</summary>
    public required PairedDifference LossAdded { get; init; }

    /// <summary>Image by image, in the order of the evaluation.</summary>
    public IReadOnlyList<SpliceOutcome> Outcomes { get; init; } = [];

    /// <summary>The result of some images.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="outcomes">At least one; those with a mean ablation, or those without.</param>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static SpliceResult Of(string layer, IReadOnlyList<SpliceOutcome> outcomes)
    {
        ArgumentException.ThrowIfNullOrEmpty(layer);
        ArgumentNullException.ThrowIfNull(outcomes);
        if (outcomes.Count == 0) throw new ArgumentException("There are no images.", nameof(outcomes));
        SpliceScores original = Scores(outcomes.Select(one => one.Original)), spliced = Scores(outcomes.Select(one => one.Spliced));
        SpliceScores zero = Scores(outcomes.Select(one => one.ZeroAblated));
        SpliceScores? mean = outcomes.All(one => one.MeanAblated is not null) ? Scores(outcomes.Select(one => one.MeanAblated!.Value)) : null;
        return new SpliceResult
        {
            Layer = layer,
            Images = outcomes.Count,
            Original = original,
            Spliced = spliced,
            ZeroAblated = zero,
            MeanAblated = mean,
            Kl = outcomes.Average(one => one.Kl),
            LossRecoveredZero = Recovered(original.Loss, spliced.Loss, zero.Loss),
            LossRecoveredMean = mean is null ? null : Recovered(original.Loss, spliced.Loss, mean.Loss),
            Top1Lost = PairedDifference.Of([.. outcomes.Select(one => (one.Original.Top1 ? 1.0 : 0) - (one.Spliced.Top1 ? 1 : 0))]),
            LossAdded = PairedDifference.Of([.. outcomes.Select(one => one.Spliced.Loss - one.Original.Loss)]),
            Outcomes = outcomes,
        };
    }

    /// <summary>One result over the images of several, e.g. of the folds of a cross-validation, as if all had been judged at once.</summary>
    /// <param name="results">Evaluations of one layer on different images.</param>
    /// <exception cref="ArgumentException">There are none, of several layers, or one without outcomes.</exception>
    public static SpliceResult Pool(IEnumerable<SpliceResult> results)
    {
        SpliceResult[] parts = [.. results];
        if (parts.Length == 0 || parts.Any(part => part.Layer != parts[0].Layer)) throw new ArgumentException("Results of one layer are pooled.", nameof(results));
        if (parts.Any(part => part.Outcomes.Count != part.Images)) throw new ArgumentException("A result without its outcomes cannot be pooled.", nameof(results));
        return Of(parts[0].Layer, [.. parts.SelectMany(part => part.Outcomes)]);
    }

    /// <summary>What is written of it: <c>splice.json</c>, without the single images.</summary>
    public SpliceDocument ToDocument() => new()
    {
        Layer = Layer,
        Images = Images,
        Original = Original,
        Spliced = Spliced,
        ZeroAblated = ZeroAblated,
        MeanAblated = MeanAblated,
        Kl = Kl,
        LossRecoveredZero = LossRecoveredZero,
        LossRecoveredMean = LossRecoveredMean,
        Top1Lost = Top1Lost,
        LossAdded = LossAdded,
    };

    private static SpliceScores Scores(IEnumerable<ImageScore> scores)
    {
        ImageScore[] all = [.. scores];
        return new SpliceScores((double)all.Count(one => one.Top1) / all.Length, (double)all.Count(one => one.Top5) / all.Length, all.Average(one => one.Loss));
    }

    private static double? Recovered(double original, double spliced, double ablated) => ablated > original ? (ablated - spliced) / (ablated - original) : null;
}
