using System.Text.Json.Serialization;
using Fovea.Numerics;

namespace Fovea.Interpretation;

/// <summary>
/// What a dictionary keeps of what the network does, with the outcome of each image, from which everything else is computed. What is
/// written of it is the
/// <see cref="SpliceDocument"/> that it is.
/// </summary>
public sealed record SpliceResult : SpliceDocument
{
    /// <summary>Image by image, in the order of the evaluation; not written.</summary>
    [JsonIgnore]
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
        SpliceScores? mean = outcomes.All(one => one.MeanAblated is not null)
            ? Scores(outcomes.Select(one => one.MeanAblated!.Value)) : null;
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

    /// <summary>
    /// One result over the images of several, e.g. of the folds of a cross-validation, as if all had been evaluated at once.
    /// </summary>
    /// <param name="results">Evaluations of one layer on different images.</param>
    /// <exception cref="ArgumentException">There are none, of several layers, or one without outcomes.</exception>
    public static SpliceResult Pool(IEnumerable<SpliceResult> results)
    {
        SpliceResult[] parts = [.. results];
        if (parts.Length == 0 || parts.Any(part => part.Layer != parts[0].Layer))
            throw new ArgumentException("Results of one layer are pooled.", nameof(results));
        if (parts.Any(part => part.Outcomes.Count != part.Images))
            throw new ArgumentException("A result without its outcomes cannot be pooled.", nameof(results));
        return Of(parts[0].Layer, [.. parts.SelectMany(part => part.Outcomes)]);
    }

    private static SpliceScores Scores(IEnumerable<ImageScore> scores)
    {
        ImageScore[] all = [.. scores];
        return new SpliceScores(
            (double)all.Count(one => one.Top1) / all.Length, (double)all.Count(one => one.Top5) / all.Length, all.Average(one => one.Loss));
    }

    private static double? Recovered(double original, double spliced, double ablated) =>
        ablated > original ? (ablated - spliced) / (ablated - original) : null;
}
