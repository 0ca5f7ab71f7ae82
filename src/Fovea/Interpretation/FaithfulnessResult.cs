using System.Text.Json.Serialization;
using Fovea.Numerics;

namespace Fovea.Interpretation;

/// <summary>
/// What a dictionary keeps of a network's answer, with the outcome of each image, from which everything else is computed. What is written
/// of it is the <see cref="FaithfulnessDocument"/> that it is.
/// </summary>
public sealed record FaithfulnessResult : FaithfulnessDocument
{
    /// <summary>Image by image, in the order of the evaluation; not written.</summary>
    [JsonIgnore]
    public IReadOnlyList<FaithfulnessOutcome> Outcomes { get; init; } = [];

    /// <summary>The result of some images.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="outcomes">At least one whose answer is not zero; those with a mean ablation, or those without.</param>
    /// <exception cref="FoveaException">Numerical: every answer is zero.</exception>
    public static FaithfulnessResult Of(string layer, IReadOnlyList<FaithfulnessOutcome> outcomes)
    {
        ArgumentException.ThrowIfNullOrEmpty(layer);
        ArgumentNullException.ThrowIfNull(outcomes);
        FaithfulnessOutcome[] heard = [.. outcomes.Where(one => one.Length > 0)];
        if (heard.Length == 0)
            throw FoveaException.NumericalFailure(
                "The network's answer is zero for every image: nothing can be said of what a dictionary keeps.");
        return new FaithfulnessResult
        {
            Layer = layer,
            Images = heard.Length,
            Silent = outcomes.Count - heard.Length,
            Spliced = Scores(heard.Select(one => one.Spliced)),
            ZeroAblated = Scores(heard.Select(one => one.ZeroAblated)),
            MeanAblated = heard.All(one => one.MeanAblated is not null) ? Scores(heard.Select(one => one.MeanAblated!.Value)) : null,
            Outcomes = outcomes,
        };
    }

    /// <summary>One result over the images of several, e.g. of the folds of a cross-validation.</summary>
    /// <param name="results">Evaluations of one layer on different images.</param>
    /// <exception cref="ArgumentException">There are none, of several layers, or one without outcomes.</exception>
    public static FaithfulnessResult Pool(IEnumerable<FaithfulnessResult> results)
    {
        FaithfulnessResult[] parts = [.. results];
        if (parts.Length == 0 || parts.Any(part => part.Layer != parts[0].Layer))
            throw new ArgumentException("Results of one layer are pooled.", nameof(results));
        if (parts.Any(part => part.Outcomes.Count != part.Images + part.Silent))
            throw new ArgumentException("A result without its outcomes cannot be pooled.", nameof(results));
        return Of(parts[0].Layer, [.. parts.SelectMany(part => part.Outcomes)]);
    }

    private static AnswerScores Scores(IEnumerable<AnswerChange> changes)
    {
        AnswerChange[] all = [.. changes];
        return new AnswerScores(
            PairedDifference.Of([.. all.Select(one => one.Cosine)]), PairedDifference.Of([.. all.Select(one => one.RelativeError)]));
    }
}

/// <summary>What becomes of one image's answer when a layer's output is replaced.</summary>
/// <param name="Image">Its index in the source.</param>
/// <param name="Length">‖y‖ of the network as it is.</param>
/// <param name="Spliced">With the reconstruction.</param>
/// <param name="ZeroAblated">With zeros.</param>
/// <param name="MeanAblated">With the mean vector; null where none was given.</param>
public readonly record struct FaithfulnessOutcome(
    int Image, double Length, AnswerChange Spliced, AnswerChange ZeroAblated, AnswerChange? MeanAblated);

/// <summary>An answer ŷ beside the network's own, y.</summary>
/// <param name="Cosine">y · ŷ / (‖y‖ ‖ŷ‖), 0 where either is zero.</param>
/// <param name="RelativeError">‖ŷ − y‖ / ‖y‖; infinite where y is zero and ŷ is not, 0 where both are.</param>
public readonly record struct AnswerChange(double Cosine, double RelativeError)
{
    /// <summary>The change of one image's answer, all its numbers in a row; in double precision.</summary>
    /// <exception cref="ArgumentException">The answers differ in length.</exception>
    public static AnswerChange Of(ReadOnlySpan<float> own, ReadOnlySpan<float> changed)
    {
        if (own.Length != changed.Length) throw new ArgumentException($"{own.Length} numbers and {changed.Length}.", nameof(changed));
        double dot = 0, length = 0, other = 0, difference = 0;
        for (int i = 0; i < own.Length; i++)
        {
            double a = own[i], b = changed[i];
            dot += a * b;
            length += a * a;
            other += b * b;
            difference += (b - a) * (b - a);
        }
        double both = Math.Sqrt(length) * Math.Sqrt(other);
        return new AnswerChange(
            both > 0 ? Math.Clamp(dot / both, -1, 1) : both == 0 ? 0 : double.NaN, difference == 0 ? 0 : Math.Sqrt(difference / length));
    }
}
